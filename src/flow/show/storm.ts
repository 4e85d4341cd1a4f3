import { stormHash, type StormMember } from '../../core/incident/storm.ts';
import { hasCode, whyClosed } from './chat-failure.ts';
import type { Storm, StormShowNeeds } from './needs.ts';
import { oneAtATime, type Shown } from './one-at-a-time.ts';
import { createRetries } from './retries.ts';
import { closedWords } from './root.ts';
import type { Wait } from './send-once.ts';
import { createStormMessages, stormPages, withoutRoot } from './storm-messages.ts';

/*
 * Brings the messages of a storm up to date with its incidents, one call at a time:
 *
 *   no incident yet                              -> settle
 *   no root                                      -> first (storm-messages.ts)
 *   root older than the incidents                -> edit, at most once per `EDIT_EVERY_MS`
 *   incidents that no message lists              -> reply with the next 20
 *   a list older than its incidents              -> edit, each at most once per `EDIT_EVERY_MS`
 *   else                                         -> settle
 *
 * Each call reads the state again when its turn in the channel comes. What was shown is kept as a hash of its input, so
 * that it does not matter which process rendered it or when.
 *
 * Every kill of a folded incident triggers this, and reading up to 2 000 incidents each time would leave no CPU for the
 * kills themselves. So a storm that waits for its next edit is not read before then.
 */
const EDIT_EVERY_MS = 5_000;

/** Resolves when the messages are up to date or the work was postponed. @throws Failure if Redis is unreachable. */
export type ShowStorm = (storm: string) => Promise<Shown>;

type Next =
  | { readonly is: 'first' | 'edit' | 'settle' }
  | { readonly is: 'post-page' | 'edit-page'; readonly page: number }
  | { readonly is: 'wait'; readonly until: number };

export function createShowStorm(needs: StormShowNeeds): ShowStorm {
  const { storms, queues } = needs;
  const messages = createStormMessages(needs);
  const retries = createRetries(needs.now, needs.settings);
  /** By storm: not before this time may it be edited again, ms UTC. */
  const resting = new Map<string, number>();

  const step = async ({ id, channel }: Storm, changes: number, next: Next): Promise<Wait | 'shown' | null> => {
    switch (next.is) {
      case 'first':
        return queues.run(channel, 'first', async (mustHold) => messages.postRoot(id, mustHold));
      case 'edit':
        return queues.run(channel, 'edit', async (mustHold) => messages.editRoot(id, mustHold));
      case 'post-page':
        return queues.run(channel, 'reply', async (mustHold) => messages.postPage(id, next.page, mustHold));
      case 'edit-page':
        await queues.run(channel, 'edit', async () => messages.editPage(id, next.page));
        return null;
      case 'wait':
        resting.set(id, next.until);
        return next;
      case 'settle':
        return (await storms.settle(id, changes)) ? 'shown' : null;
    }
  };

  const run = async (id: string): Promise<Shown> => {
    const until = resting.get(id);
    if (until !== undefined) {
      if ((await needs.now()) < until) return { is: 'postponed', until, because: null };
      resting.delete(id);
    }
    for (;;) {
      let found: Awaited<ReturnType<typeof storms.read>>;
      try {
        found = await storms.read(id);
      } catch (failure) {
        if (!hasCode(failure, 'bad-document', 'newer-document')) throw failure;
        const { fallback } = needs.channels;
        const retryAt = await retries.next({ id, channel: fallback }, failure, () =>
          needs.trouble(failure, { storm: id, channel: fallback }),
        );
        await storms.postpone(id, retryAt);
        return { is: 'postponed', until: retryAt, because: failure };
      }
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
        if (done === 'shown') return { is: 'shown' };
        if (done === null) continue;
        await storms.postpone(id, done.until);
        return { is: 'postponed', until: done.until, because: null };
      } catch (failure) {
        const done = await afterFailure(storm, failure);
        if (done !== null) return done;
      }
    }
  };

  /** Null to go on at once. */
  const afterFailure = async ({ id, channel, root }: Storm, failure: unknown): Promise<Shown | null> => {
    const report = (): void => needs.trouble(failure, { storm: id, channel });
    const closed = whyClosed(failure);
    const isClosed = closed !== null && channel !== needs.channels.fallback;
    if (isClosed || hasCode(failure, 'chat-message-gone')) {
      const storm = (await storms.read(id))?.storm;
      // Another bot may have been here already.
      if (storm === undefined || storm.root !== root || storm.channel !== channel) return null;
      if (!isClosed) await storms.write(withoutRoot(storm));
      else {
        retries.isDead(channel, report);
        const moved = `${closedWords(needs.channels.nameOf(channel), closed)}: what belongs there is told here.`;
        await storms.write({ ...withoutRoot(storm), channel: needs.channels.fallback, moved });
      }
      return null;
    }
    const until = await retries.next({ id, channel }, failure, report);
    if (!hasCode(failure, 'queues-closed')) await storms.postpone(id, until);
    return { is: 'postponed', until, because: failure };
  };

  return oneAtATime(run);
}

function nextOf(storm: Storm, members: readonly StormMember[], now: number): Next {
  if (members.length === 0) return { is: 'settle' };
  if (storm.root === null) return { is: 'first' };
  const isBehind = storm.editable && storm.shown !== stormHash(members);
  const editAt = storm.shownAt + EDIT_EVERY_MS;
  if (isBehind && editAt <= now) return { is: 'edit' };
  const wanted = stormPages(members);
  const missing = wanted.findIndex((_, at) => (storm.pages[at]?.place ?? null) === null);
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
