import type { Line, Moved, Posting } from '../needs.ts';
import type { Closed } from './chat-failure.ts';
import type { ShowNeeds } from './needs.ts';

/*
 * A channel that cannot be written to any more (archived, the bot was removed) loses what belongs into it to the
 * fallback channel, one incident at a time as each has something to show: an incident without a root gets it there, and
 * a thread goes on below a new root where the old one ended. The thread says so once (say.ts). Nothing is moved back.
 */
/** A claim that never sent anything: the root is posted without waiting. */
export const NEVER_SENT_AT = 0;

/** A posting whose root is posted anew in `channel`, for its thread to go on there. */
export function elsewhere(posting: Posting, channel: string, because: Moved['because']): Posting {
  const begun = posting.shownEntry !== '0';
  const moved =
    because === 'deleted' && !begun ? posting.moved : { from: posting.channel, because, begun, said: false };
  return { ...posting, state: 'claimed', claimedAt: NEVER_SENT_AT, channel, ts: null, moved };
}

/** Lets an incident go on in the fallback channel. A folded one has nothing to move but where persons are answered. */
export async function moveToFallback(id: string, because: Closed, needs: ShowNeeds): Promise<void> {
  const posting = await needs.postings.read(id);
  const { fallback } = needs.channels;
  if (posting === null || posting.channel === fallback) return;
  const next = posting.state === 'folded' ? { ...posting, channel: fallback } : elsewhere(posting, fallback, because);
  await needs.postings.write(id, posting.revision, next);
}

/** `#shop is archived or read-only` */
export function closedWords(name: string, because: Closed): string {
  const words: Readonly<Record<Closed, string>> = {
    archived: 'is archived or read-only',
    'not-in-channel': 'does not have me as a member',
    'no-such-channel': 'is gone, or I cannot see it',
  };
  return `${name} ${words[because]}`;
}

/** What a thread says once about why it is here. `at` is ms UTC. */
export function goesOnHere({ from, because, begun }: Moved, at: number, { channels }: ShowNeeds): Line {
  const text =
    because === 'deleted'
      ? 'The earlier message of this incident was deleted in Slack; its thread goes on here.'
      : `${closedWords(channels.nameOf(from), because)}: ${begun ? 'the thread there goes on here' : 'what belongs there is told here'}.`;
  const entry = { at, audience: { to: 'thread' as const }, kind: 'audit' as const, text, people: [], pre: null };
  return { id: 'goes-on-here', entry: { ...entry, broadcast: false, chart: null } };
}
