import { Failure } from '../../core/failure.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import { isSilent } from '../../core/incident/is-silent.ts';
import type { Line, Posting } from '../needs.ts';
import { createAdoption, type Found, joinOlder, type Peeked } from './adopt.ts';
import { awayStep } from './away.ts';
import { whyClosed } from './chat-failure.ts';
import { moveToFallback } from './move.ts';
import { foldAway, foldInto, isPouring, passEntries, stormIsBehind, tellStorm } from './fold.ts';
import type { ShowNeeds } from './needs.ts';
import { oneAtATime, type Shown } from './one-at-a-time.ts';
import { createOwnership } from './ownership.ts';
import { createRetries } from './retries.ts';
import { editRoot, firstRoot, forgetRoot, type RootStep } from './root.ts';
import { chatWhileHeld } from './while-held.ts';
import { sayMoved, sayNext, sendAhead } from './say.ts';

/*
 * What is shown of an incident is brought up to what is stored, one call at a time, until there is nothing left:
 *
 *   no root yet, and silenced            -> wait for the end of the silence
 *   no root yet                          -> first (root.ts), after a look for one to go on with (adopt.ts); one of too
 *                                           many at once becomes a line in a storm (fold.ts), and so does one of
 *                                           too many that happened while nobody watched (away.ts)
 *   not where it was, or belongs         -> moved, said once in the thread (move.ts)
 *   next entry is for one person         -> answer, because somebody waits for it
 *   the look for an older root was given -> search, once, and again some time after there was nothing else to do
 *   up                                      (joinOlder in adopt.ts)
 *   root older than the incident         -> edit, but not twice in a row while lines wait: kills never starve a thread
 *   its storm knows less than is stored  -> storm
 *   entries behind the cursor            -> reply with the next (say.ts); of a folded one pass over it (fold.ts)
 *   else                                 -> settle
 *
 * Each call reads the state again when its turn in the lane comes, so that the newest state wins and announcement and
 * explanation merge where the first has not left yet. Nothing here is remembered that matters: after a crash the sweep
 * of what is due to be shown finds the incident again.
 */
export interface Show {
  /**
   * Resolves when the incident is shown as it is stored, or was postponed, as one that cannot be read is. Calls for the
   * same incident are one.
   * @throws Failure where Redis could not be reached.
   */
  readonly show: (incident: string) => Promise<Shown>;
}

type Next = 'quiet' | 'first' | 'moved' | 'search' | 'answer' | 'edit' | 'storm' | 'reply' | 'pass' | 'settle';

/** An incident as it was read for one step. */
interface Turn {
  readonly loaded: Loaded;
  readonly posting: Posting | null;
  readonly channel: string;
  /** Not to be told yet. */
  readonly isSilent: boolean;
  /** The first behind the cursor. */
  readonly line: Line | undefined;
  readonly peek: () => Promise<Peeked>;
  /** Monotonic ms. */
  readonly readAt: number;
}

const nothing: Found = { lost: [], searched: true, isOver: true };

export function createShow(given: ShowNeeds): Show {
  const needs = { ...given, chat: chatWhileHeld(given.chat, given.lanes) };
  const ownership = createOwnership(needs.postings);
  const adoption = createAdoption(needs);
  const retries = createRetries(needs.now, needs.settings);

  const first = async ({ loaded, posting, channel, peek, readAt }: Turn): Promise<RootStep> => {
    const { id } = loaded.incident;
    if (posting !== null) {
      const again = async (): Promise<RootStep> => firstRoot(id, { found: nothing, fresh: null }, needs, ownership);
      return needs.lanes.run(channel, 'first', again);
    }
    const peeked = peek();
    peeked.catch(() => undefined);
    const [found, isFlood] = await Promise.all([adoption.find(loaded, channel, peeked), isPouring(channel, needs)]);
    const fresh = { loaded, now: (await peeked).now, readAt };
    const post = async (): Promise<RootStep> => firstRoot(id, { found, fresh }, needs, ownership);
    // What may stand in the channel already is looked for, never folded.
    if (found.lost.length > 0) return needs.lanes.run(channel, 'first', post);
    const away = await awayStep(loaded, channel, needs);
    if (away.is === 'wait') return away;
    if (away.is === 'fold') {
      await foldInto(away.storm, loaded, found.searched, needs);
      return { is: 'again' };
    }
    const done = isFlood ? 'flooded' : await needs.flood.first(channel, post);
    if (done !== 'flooded') return done;
    await foldAway(loaded, found.searched, needs);
    return { is: 'again' };
  };

  /** What Slack refuses here holds up nothing else: it is searched again when there is nothing else to do. */
  const search = async ({ loaded, channel, peek }: Turn, posting: Posting): Promise<void> => {
    const found = await adoption.find(loaded, channel, peek());
    try {
      await joinOlder(loaded, { posting, found }, needs, ownership);
    } catch (failure) {
      if (!(failure instanceof Failure) || !failure.code.startsWith('chat-')) throw failure;
      needs.trouble(failure, { incident: loaded.incident.id, channel });
    }
  };

  const step = async (turn: Turn, next: Next): Promise<Shown | null> => {
    const { loaded, posting, channel, line } = turn;
    const { id } = loaded.incident;
    switch (next) {
      case 'quiet': {
        const until = loaded.incident.silence?.until ?? 0;
        await needs.postings.postpone(id, until);
        return { is: 'postponed', until, because: null };
      }
      case 'first': {
        const done = await first(turn);
        if (done.is === 'again') return null;
        await needs.postings.postpone(id, done.until);
        return { is: 'postponed', until: done.until, because: null };
      }
      case 'moved':
        await needs.lanes.run(channel, 'reply', async () => sayMoved(id, needs, ownership));
        return null;
      case 'search':
        if (posting !== null) await search(turn, posting);
        return null;
      case 'edit':
        await needs.lanes.run(channel, 'edit', async () => editRoot(id, needs, ownership));
        return null;
      case 'answer':
      case 'reply': {
        const ahead = line === undefined ? null : await sendAhead(line, loaded.incident, needs);
        await needs.lanes.run(channel, next, async () => sayNext(id, ahead, needs, ownership));
        return null;
      }
      case 'storm':
        if (posting !== null) await tellStorm(loaded, posting, needs, ownership);
        return null;
      case 'pass':
        if (posting !== null) await passEntries(loaded, posting, needs);
        return null;
      case 'settle': {
        const until = posting?.searched === false ? (await needs.now()) + needs.settings.searchAgainMs : null;
        if (!(await needs.postings.settle(id, until))) return null;
        return until === null ? { is: 'shown' } : { is: 'postponed', until, because: null };
      }
    }
  };

  const run = async (id: string): Promise<Shown> => {
    const before = { edited: false, searched: false };
    for (;;) {
      let stand: Stand = { id, channel: needs.channels.fallback, ts: null };
      let next: Next | null = null;
      try {
        const turn = await read(id);
        if (turn === null) {
          await needs.postings.settle(id);
          return { is: 'shown' };
        }
        const { channel, posting } = turn;
        stand = { id, channel, ts: posting?.ts ?? null };
        next = turn.isSilent ? 'quiet' : nextOf(turn, before);
        const done = await step(turn, next);
        retries.succeeded(stand);
        if (done !== null) return done;
      } catch (failure) {
        const done = await afterFailure(stand, failure);
        if (done !== null) return done;
      }
      before.edited = next === 'edit';
      before.searched ||= next === 'search';
    }
  };

  /** Null where there is no such incident any more. */
  const read = async (id: string): Promise<Turn | null> => {
    const readAt = performance.now();
    const early = ownership.knows(id) ? null : adoption.peek();
    early?.catch(() => undefined);
    const [loaded, posting] = await Promise.all([needs.store.load(id), needs.postings.read(id)]);
    if (loaded === null) return null;
    const hasThread = posting !== null && (posting.ts !== null || posting.state === 'folded');
    const [line] = hasThread ? await needs.store.entries(id, posting.shownEntry, 1) : [];
    const silenced = posting === null && loaded.incident.silence !== null;
    return {
      loaded,
      posting,
      channel: posting?.channel ?? needs.channels.of(loaded.incident.trigger),
      isSilent: silenced && isSilent(loaded.incident, await needs.now()),
      line,
      peek: async () => early ?? adoption.peek(),
      readAt,
    };
  };

  /** Null to go on at once. */
  const afterFailure = async ({ id, channel, ts }: Stand, failure: unknown): Promise<Shown | null> => {
    const code = failure instanceof Failure ? failure.code : '';
    if (code === 'chat-message-gone') {
      await forgetRoot(id, ts, needs);
      return null;
    }
    const tell = (): void => needs.trouble(failure, { incident: id, channel });
    const closed = whyClosed(failure);
    if (closed !== null && channel !== needs.channels.fallback) {
      retries.isDead(channel, tell);
      await moveToFallback(id, closed, needs);
      return null;
    }
    const until = await retries.next({ id, channel }, failure, tell);
    if (code !== 'lanes-closed') await needs.postings.postpone(id, until);
    return { is: 'postponed', until, because: failure };
  };

  return { show: oneAtATime(run) };
}

/** Of which incident something failed, and where its root stood. */
interface Stand {
  readonly id: string;
  readonly channel: string;
  readonly ts: string | null;
}

/** What was done before in the same run: the last step was an edit, any step was a search. */
interface Before {
  readonly edited: boolean;
  readonly searched: boolean;
}

/** Somebody who waits for an answer comes before everything but the root itself. */
function nextOf({ loaded, posting, line }: Turn, before: Before): Next {
  if (posting === null) return 'first';
  const behind = posting.shownVersion < loaded.incident.version || posting.shownKills < loaded.tally.count;
  const mustSearch = !posting.searched && !before.searched;
  if (posting.state === 'folded') {
    if (line?.entry.audience.to === 'person') return 'pass';
    if (mustSearch) return 'search';
    if (behind || stormIsBehind(loaded, posting)) return 'storm';
    return line === undefined ? 'settle' : 'pass';
  }
  if (posting.ts === null) return 'first';
  if (posting.moved !== null && !posting.moved.said) return 'moved';
  if (line?.entry.audience.to === 'person') return 'answer';
  if (mustSearch) return 'search';
  if (behind && !(before.edited && line !== undefined)) return 'edit';
  if (stormIsBehind(loaded, posting)) return 'storm';
  return line === undefined ? 'settle' : 'reply';
}
