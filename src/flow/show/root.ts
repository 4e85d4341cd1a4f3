import type { Loaded } from '../../core/incident/incident.ts';
import { withoutAlertText } from '../../core/incident/triggers.ts';
import type { Place } from '../../core/talk/place.ts';
import { type Closed, hasCode } from './chat-failure.ts';
import type { Posting, ShowNeeds } from './needs.ts';
import type { Wait } from './send-once.ts';
import { isFolded, isWholeIn, send, type Turn } from './turn.ts';

/*
 * The root of an incident: posted exactly once (send-once.ts), edited in place, or continued in its thread if the chat
 * no longer allows edits.
 *
 * A root that somebody deleted is posted anew. If a channel cannot be written to any more (archived, the bot was
 * removed), its incidents continue in the fallback channel, each when it has something to show. In both cases the
 * thread continues below the new root and says so once. Nothing is moved back.
 */

export async function postRoot(turn: Turn, mustHold: () => void, needs: ShowNeeds): Promise<Wait | null> {
  const { loaded, posting } = turn;
  const { channel } = posting;
  const message = {
    name: 'root',
    to: { channel, below: null, only: null },
    content: { of: 'incident', loaded: shownWhere(channel, loaded, needs), pause: turn.killSwitch.pause } as const,
    placeIn: ({ root }: Posting) => root,
    recorded: (stored: Posting, place: Place | null, isFresh: boolean): Posting => {
      // A root that was found may be out of date since before Redis was lost, so it is edited next.
      const shown = isFresh ? shownIn(turn) : { shownVersion: 0, shownKills: 0, shownPause: 0 };
      return stored.root === place ? stored : { ...stored, ...shown, channel, root: place };
    },
    canBeLeftOut: false,
  };
  return send(turn, message, mustHold, needs);
}

export async function editRoot(turn: Turn, mustHold: () => void, needs: ShowNeeds): Promise<Wait | null> {
  const { loaded, posting } = turn;
  const { id, version } = loaded.incident;
  const { channel, root, editable } = posting;
  if (root === null) return null;
  const shown = shownWhere(channel, loaded, needs);
  const isEdited = editable && (await edited(root, shown, turn, needs));
  // If changes are posted as replies, a new count alone is not worth a message.
  if (isEdited || (!editable && version === posting.shownVersion)) {
    await needs.postings.write(id, { ...posting, ...shownIn(turn) });
    return null;
  }
  const message = {
    name: 'state',
    to: { channel, below: root, only: null },
    content: { of: 'state', loaded: shown, pause: turn.killSwitch.pause, first: editable } as const,
    placeIn: () => null,
    recorded: (stored: Posting): Posting =>
      stored.editable || stored.shownVersion < version
        ? { ...stored, ...shownIn(turn), editable: false, threaded: true }
        : stored,
    canBeLeftOut: false,
  };
  return send(turn, message, mustHold, needs);
}

/** In another channel than its own, a root has nothing that was read of it. */
function shownWhere(channel: string, loaded: Loaded, { channels }: ShowNeeds): Loaded {
  return isWholeIn(channel, loaded.incident, channels) ? loaded : withoutAlertText(loaded);
}

/** False if the chat no longer allows it to be edited. */
async function edited(root: Place, loaded: Loaded, { killSwitch }: Turn, { chat }: ShowNeeds): Promise<boolean> {
  try {
    await chat.edit(root, { of: 'incident', loaded, pause: killSwitch.pause });
    return true;
  } catch (failure) {
    if (!hasCode(failure, 'chat-edit-closed')) throw failure;
    return false;
  }
}

/** Somebody deleted this root. Another bot may have posted a new one meanwhile. */
export async function forgetRoot(id: string, root: Place | null, { postings }: ShowNeeds): Promise<void> {
  const posting = await postings.read(id);
  if (posting === null || posting.root === null || posting.root !== root) return;
  const text = 'The earlier message of this incident was deleted; its thread goes on here.';
  await postings.write(id, elsewhere(posting, posting.channel, hasThread(posting) ? text : null));
}

/** Moves an incident to the fallback channel. A folded one only changes where people are answered. */
export async function moveToFallback(id: string, because: Closed, needs: ShowNeeds): Promise<void> {
  const [posting, loaded] = await Promise.all([needs.postings.read(id), needs.store.load(id)]);
  const { fallback, nameOf } = needs.channels;
  if (posting === null || loaded === null || posting.channel === fallback) return;
  const then = hasThread(posting) ? 'the thread there goes on here' : 'what belongs there is told here';
  const less = isWholeIn(fallback, loaded.incident, needs.channels) ? '' : ', without evidence and logs';
  const text = `${closedWords(nameOf(posting.channel), because)}: ${then}${less}.`;
  await needs.postings.write(
    id,
    isFolded(posting) ? { ...posting, channel: fallback } : elsewhere(posting, fallback, text),
  );
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

/** Without a root and without claims: the next root is posted without a search, and its thread says `why` first. */
function elsewhere(posting: Posting, channel: string, why: string | null): Posting {
  const notice = why === null ? posting.notice : { id: 'goes-on-here', text: why };
  return { ...posting, channel, root: null, claims: {}, editable: true, threaded: false, notice };
}

function hasThread({ shownEntry }: Posting): boolean {
  return shownEntry !== '0';
}

function shownIn({ loaded, killSwitch }: Turn): Pick<Posting, 'shownVersion' | 'shownKills' | 'shownPause'> {
  const { incident, tally } = loaded;
  return { shownVersion: incident.version, shownKills: tally.count, shownPause: killSwitch.changes };
}
