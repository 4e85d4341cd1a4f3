import { isSilent } from '../../core/incident/is-silent.ts';
import { latestTrigger } from '../../core/incident/triggers.ts';
import type { Place } from '../../core/talk/place.ts';
import { downtimeStep } from './downtime.ts';
import type { CallKind } from './channel-queues.ts';
import { hasCode, whyClosed } from './chat-failure.ts';
import { createGuarded } from './guarded.ts';
import { foldInto, foldIntoFlood, isPouring, passEntries, reportToStorm, stormIsBehind } from './fold.ts';
import { adopt, createLostRoots } from './lost-roots.ts';
import type { Chat, ShowNeeds } from './needs.ts';
import { oneAtATime, type Shown } from './one-at-a-time.ts';
import { createRetries } from './retries.ts';
import { editRoot, forgetRoot, moveToFallback, postRoot } from './root.ts';
import { sayNext, sayNotice, sendAhead } from './say.ts';
import type { Wait } from './send-once.ts';
import { isFolded, readTurn, type Turn } from './turn.ts';

/*
 * Brings the messages of an incident up to date with its stored state, one call at a time, until nothing is left to do:
 *
 *   no root yet, and silenced            -> wait for the end of the silence
 *   nothing shown yet                    -> search for a lost root (lost-roots.ts); one of too many at once becomes a
 *                                           line in a storm (fold.ts), and so does one of too many from a downtime
 *                                           (downtime.ts); else first
 *   no root yet                          -> first: post it (root.ts)
 *   its thread must say why it is in     -> notice, once (say.ts)
 *   this place
 *   next entry is for one person         -> answer, because somebody waits for it
 *   root older than incident or pause    -> edit, but not twice in a row while lines wait: kills never starve a thread
 *   its storm's copy is out of date      -> storm
 *   entries after the cursor             -> reply with the next (say.ts); if folded, skip it (fold.ts)
 *   else                                 -> settle
 *
 * Each call reads the state again when its turn in the channel comes, so that the newest state wins, and announcement
 * and explanation become one message if the first was not sent yet. Nothing important is kept in memory: after a crash
 * the sweep of what is due finds the incident again.
 */
export interface Show {
  /**
   * Resolves when the messages are up to date or the work was postponed, as for an incident that cannot be read. Calls
   * for the same incident are merged.
   * @throws Failure where Redis could not be reached.
   */
  readonly show: (incident: string) => Promise<Shown>;
}

type Next = 'quiet' | 'new' | 'first' | 'notice' | 'answer' | 'edit' | 'storm' | 'reply' | 'pass' | 'settle';

/**
 * What was read less than this ago need not be read again, ms: compare-and-set notices if another process was faster.
 */
const FRESH_MS = 50;

/** The result of one step; null = go on with the next. */
type Done = Wait | 'shown' | null;

export function createShow(given: ShowNeeds): Show {
  const guarded = createGuarded(given);
  const needs = { ...given, chat: guarded.chat };
  const { queues, postings } = needs;
  const lostRoots = createLostRoots(needs);
  const retries = createRetries(needs.now, needs.settings);

  /** Acts in the channel's turn, if there is still something to do then. */
  const inTurn =
    (turn: Turn, work: (turn: Turn, mustHold: () => void) => Promise<Wait | null>) =>
    async (mustHold: () => void): Promise<Wait | null> => {
      const isFresh = performance.now() - turn.readAt < FRESH_MS;
      const now = isFresh ? turn : await readTurn(turn.loaded.incident.id, needs);
      if (now === null || now.posting.channel !== turn.posting.channel) return null;
      return guarded.run(now, async () => work(now, mustHold), mustHold);
    };

  const first = async (turn: Turn, mustHold: () => void): Promise<Wait | null> =>
    turn.posting.root === null && !isFolded(turn.posting) ? postRoot(turn, mustHold, needs) : null;

  const begin = async (turn: Turn): Promise<Wait | null> => {
    const { loaded, posting } = turn;
    const { channel } = posting;
    const [lost, isFlood] = await Promise.all([
      lostRoots.findSoon(loaded, channel),
      isPouring(channel, turn.now, needs),
    ]);
    if (lost !== null && lost.length > 0) {
      await adopt(turn, lost, needs);
      return null;
    }
    const away = await downtimeStep(loaded, channel, needs);
    if (away.is === 'wait') return away;
    if (away.is === 'fold') {
      await foldInto(away.storm, loaded, needs);
      return null;
    }
    const { id } = loaded.incident;
    const done = isFlood
      ? 'flooded'
      : await guarded.inOrder(id, async () => needs.flood.first(channel, inTurn(turn, first)));
    if (done === 'flooded') {
      await foldIntoFlood(loaded, needs);
      return null;
    }
    if (lost === null) await joinOlder(id);
    return done;
  };

  /** After a first message that could not wait for the search: of two roots the younger is deleted. */
  const joinOlder = async (id: string): Promise<void> => {
    const turn = await readTurn(id, needs);
    if (turn === null || turn.posting.root === null) return;
    // The reason was reported when it failed for the first time.
    const lost = await lostRoots.find(turn.loaded, turn.posting.channel).catch(() => []);
    await adopt(turn, lost, needs);
  };

  const drawing =
    (id: string): Chat['prepare'] =>
    async (line, series) =>
      guarded.marked(id, async () => given.chat.prepare(line, series));

  const step = async (turn: Turn, next: Next): Promise<Done> => {
    const { loaded, posting } = turn;
    const { id, silence } = loaded.incident;
    const run = async (kind: CallKind, work: Parameters<typeof inTurn>[1]): Promise<Wait | null> =>
      guarded.inOrder(id, async () => queues.run(posting.channel, kind, inTurn(turn, work)));
    switch (next) {
      case 'quiet':
        return { until: silence?.until ?? 0 };
      case 'new':
        return begin(turn);
      case 'first':
        return run('first', first);
      case 'notice':
        return run('reply', async (now, mustHold) => sayNotice(now, mustHold, needs));
      case 'edit':
        return run('edit', async (now, mustHold) => editRoot(now, mustHold, needs));
      case 'answer':
      case 'reply': {
        const drawn = { ...needs, chat: { ...needs.chat, prepare: drawing(id) } };
        const ahead = await sendAhead(turn, drawn);
        return run(next, async (now, mustHold) => sayNext(now, ahead, mustHold, needs));
      }
      case 'storm':
        await reportToStorm(turn, needs);
        return null;
      case 'pass':
        return passEntries(turn, needs);
      case 'settle':
        return (await postings.settle(id)) ? 'shown' : null;
    }
  };

  const traced = async (turn: Turn, next: Next): Promise<Done> => {
    if (next === 'quiet' || next === 'pass' || next === 'settle') return step(turn, next);
    const { incident } = turn.loaded;
    const attributes = { 'oomkeeper.incident': incident.id };
    return needs.trace({ name: `show ${next}`, of: latestTrigger(turn.loaded), attributes }, () => step(turn, next));
  };

  const run = async (id: string): Promise<Shown> => {
    let edited = false;
    for (;;) {
      let stand: Stand = { id, channel: needs.channels.fallback, root: null };
      let next: Next | null = null;
      let done: Done;
      let because: unknown = null;
      try {
        const turn = await readTurn(id, needs);
        if (turn === null) {
          await postings.settle(id);
          return { is: 'shown' };
        }
        const { channel, root } = turn.posting;
        stand = { id, channel, root };
        next = nextOf(turn, edited);
        done = await traced(turn, next);
        retries.succeeded(stand);
        if (typeof done === 'object' && done !== null) await postings.postpone(id, done.until);
      } catch (failure) {
        because = failure;
        done = await afterFailure(stand, failure);
      }
      if (done === 'shown') return { is: 'shown' };
      if (done !== null) return { is: 'postponed', until: done.until, because };
      edited = next === 'edit';
    }
  };

  /** Null to go on at once. */
  const afterFailure = async ({ id, channel, root }: Stand, failure: unknown): Promise<Wait | null> => {
    if (hasCode(failure, 'chat-message-gone')) {
      await forgetRoot(id, root, needs);
      return null;
    }
    const report = (): void => needs.trouble(failure, { incident: id, channel });
    const closed = whyClosed(failure);
    if (closed !== null && channel !== needs.channels.fallback) {
      retries.isDead(channel, report);
      await moveToFallback(id, closed, needs);
      return null;
    }
    const until = await retries.next({ id, channel }, failure, report);
    if (!hasCode(failure, 'queues-closed')) await postings.postpone(id, until);
    return { until };
  };

  return { show: oneAtATime(run) };
}

/** The incident of which a step failed, and where its root was. */
interface Stand {
  readonly id: string;
  readonly channel: string;
  readonly root: Place | null;
}

/**
 * A person who waits for an answer comes before everything but the root itself. `edited`: the last step was an edit.
 */
function nextOf({ loaded, posting, killSwitch, line, now }: Turn, edited: boolean): Next {
  const isNew = posting.revision === 0;
  if (isNew && isSilent(loaded.incident, now)) return 'quiet';
  if (isNew) return 'new';
  const behind = posting.shownVersion < loaded.incident.version || posting.shownKills < loaded.tally.count;
  const isAnswer = line?.entry.audience.to === 'person';
  if (isFolded(posting)) {
    if (isAnswer) return 'pass';
    if (behind || stormIsBehind(loaded, posting)) return 'storm';
    return line === undefined ? 'settle' : 'pass';
  }
  if (posting.root === null) return 'first';
  if (posting.notice !== null) return 'notice';
  if (isAnswer) return 'answer';
  const pauseIsShown = loaded.incident.state.is === 'closed' || posting.shownPause === killSwitch.changes;
  if ((behind || !pauseIsShown) && !(edited && line !== undefined)) return 'edit';
  if (stormIsBehind(loaded, posting)) return 'storm';
  return line === undefined ? 'settle' : 'reply';
}
