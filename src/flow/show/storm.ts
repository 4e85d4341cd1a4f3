import { Failure } from '../../core/failure.ts';
import { stormHash, type StormMember } from '../../core/incident/storm.ts';
import type { Chat, Now } from '../needs.ts';
import type { Channels } from './channels.ts';
import type { Lanes } from './lanes.ts';
import { whyClosed } from './chat-failure.ts';
import { closedWords } from './move.ts';
import type { ShowSettings, Storm, StormChat, Storms } from './needs.ts';
import { stormChatWhileHeld } from './while-held.ts';
import { oneAtATime, type Shown } from './one-at-a-time.ts';
import { createRetries } from './retries.ts';
import { createStormPages, stormPages } from './storm-pages.ts';
import { createStormRoot } from './storm-root.ts';

/*
 * What is shown of a storm is brought up to what is known of its incidents, one call at a time:
 *
 *   no incident yet                              -> settle
 *   no root                                      -> first (storm-root.ts)
 *   root older than the incidents                -> edit, at most once per `EDIT_EVERY_MS`
 *   incidents that no message lists              -> reply with the next 20 (storm-pages.ts)
 *   a list older than its incidents              -> edit, each at most once per `EDIT_EVERY_MS`
 *   else                                         -> settle
 *
 * Each call reads the state again when its turn in the lane comes. What it has shown is kept as a hash of what it was
 * rendered from, so that it does not matter who rendered it or when.
 *
 * Every kill of a folded incident asks for this, and reading up to 2 000 incidents each time would leave no CPU for the
 * kills themselves. So one that waits for its next edit is not read before then, whoever asks.
 */
const EDIT_EVERY_MS = 5_000;

export interface StormShowNeeds {
  readonly storms: Storms;
  readonly chat: StormChat & Pick<Chat, 'remove'>;
  readonly lanes: Lanes;
  readonly channels: Pick<Channels, 'fallback' | 'nameOf'>;
  /** Redis time, ms UTC. */
  readonly now: Now;
  readonly settings: Pick<ShowSettings, 'searchAgainMs' | 'retryMs' | 'deadChannelMs'>;
  readonly trouble: (failure: unknown, about: { readonly storm: string; readonly channel: string }) => void;
}

/** Resolves when the storm is shown as it is stored, or was postponed. @throws Failure where Redis is unreachable. */
export type ShowStorm = (storm: string) => Promise<Shown>;

type Next =
  | { readonly is: 'first' | 'edit' | 'settle' }
  | { readonly is: 'post-page' | 'edit-page'; readonly page: number }
  | { readonly is: 'wait'; readonly until: number };

export function createShowStorm(given: StormShowNeeds): ShowStorm {
  const needs = { ...given, chat: stormChatWhileHeld(given.chat, given.lanes) };
  const { storms, lanes } = needs;
  const root = createStormRoot(needs);
  const pages = createStormPages(needs);
  const retries = createRetries(needs.now, needs.settings);
  /** By storm: nothing of it may be edited before, ms UTC. */
  const resting = new Map<string, number>();

  const step = async ({ id, channel }: Storm, changes: number, next: Next): Promise<Shown | null> => {
    switch (next.is) {
      case 'first': {
        const done = await lanes.run(channel, 'first', async () => root.first(id));
        if (done.is === 'again') return null;
        await storms.postpone(id, done.until);
        return { is: 'postponed', until: done.until, because: null };
      }
      case 'edit':
        await lanes.run(channel, 'edit', async () => root.edit(id));
        return null;
      case 'post-page':
        await lanes.run(channel, 'reply', async () => pages.post(id, next.page));
        return null;
      case 'edit-page':
        await lanes.run(channel, 'edit', async () => pages.edit(id, next.page));
        return null;
      case 'wait':
        resting.set(id, next.until);
        await storms.postpone(id, next.until);
        return { is: 'postponed', until: next.until, because: null };
      case 'settle':
        return (await storms.settle(id, changes)) ? { is: 'shown' } : null;
    }
  };

  const run = async (id: string): Promise<Shown> => {
    const until = resting.get(id);
    if (until !== undefined) {
      if ((await needs.now()) < until) return { is: 'postponed', until, because: null };
      resting.delete(id);
    }
    for (;;) {
      const found = await storms.read(id);
      if (found === null) {
        await storms.settle(id, 0);
        return { is: 'shown' };
      }
      const { storm, changes } = found;
      const { channel } = storm;
      const next = nextOf(storm, await storms.members(id), await needs.now());
      try {
        const done = await step(storm, changes, next);
        retries.succeeded({ id, channel });
        if (done !== null) return done;
      } catch (failure) {
        const done = await afterFailure(storm, failure);
        if (done !== null) return done;
      }
    }
  };

  /** Null to go on at once. */
  const afterFailure = async ({ id, channel }: Storm, failure: unknown): Promise<Shown | null> => {
    const code = failure instanceof Failure ? failure.code : '';
    if (code === 'chat-message-gone') {
      await root.forget(id);
      return null;
    }
    const tell = (): void => needs.trouble(failure, { storm: id, channel });
    const closed = whyClosed(failure);
    if (closed !== null && channel !== needs.channels.fallback) {
      retries.isDead(channel, tell);
      await root.move(id, `${closedWords(needs.channels.nameOf(channel), closed)}: what belongs there is told here.`);
      return null;
    }
    const until = await retries.next({ id, channel }, failure, tell);
    if (code !== 'lanes-closed') await storms.postpone(id, until);
    return { is: 'postponed', until, because: failure };
  };

  return oneAtATime(run);
}

function nextOf(storm: Storm, members: readonly StormMember[], now: number): Next {
  if (members.length === 0) return { is: 'settle' };
  if (storm.ts === null) return { is: 'first' };
  const isBehind = storm.editable && storm.shown !== stormHash(members);
  const editAt = storm.shownAt + EDIT_EVERY_MS;
  if (isBehind && editAt <= now) return { is: 'edit' };
  const wanted = stormPages(members);
  const missing = wanted.findIndex((_, at) => (storm.pages[at]?.ts ?? null) === null);
  if (missing !== -1) return { is: 'post-page', page: missing };

  const stale = wanted.flatMap(({ shown }, page) => {
    const there = storm.pages[page];
    return there === undefined || there.shown === shown ? [] : [{ page, at: there.shownAt + EDIT_EVERY_MS }];
  });
  const [soonest] = stale.toSorted((a, b) => a.at - b.at);
  if (soonest !== undefined && soonest.at <= now) return { is: 'edit-page', page: soonest.page };
  const until = Math.min(isBehind ? editAt : Infinity, soonest?.at ?? Infinity);
  return until === Infinity ? { is: 'settle' } : { is: 'wait', until };
}
