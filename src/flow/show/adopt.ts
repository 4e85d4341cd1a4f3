import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import { subjectKey } from '../../core/kill/kill.ts';
import type { Line, Place, Posting } from '../needs.ts';
import { whyClosed } from './chat-failure.ts';
import type { OpenRoot, ShowNeeds } from './needs.ts';
import type { Ownership } from './ownership.ts';

/*
 * When Redis was lost, the roots of what was open still stand in the channel. The next kill of such a subject opens an
 * incident that nobody has shown; instead of a second root it takes over the one that is there:
 *
 *   our open roots of the channels' last days     one scan per channel and process
 *   -> same subject
 *   -> its incident is unknown to the store       known: nothing was lost, an older incident is about to be shown closed
 *   -> still so when the message itself is read   the scan may be old, and another bot may have been here
 *   -> say so in its thread, record it, and let it be edited as any other root
 *
 * Where Slack does not tell in time what stands there, the incident has a root of its own or a line in a storm meanwhile,
 * and is searched for again until that is known: of two roots the younger goes.
 *
 * The scan is made again when the last incident that was seen here has gone from the store: Redis was lost meanwhile,
 * and what was posted since the last scan is not in it. A process that has seen none yet cannot tell, and does so too
 * unless it has just started.
 */
export const SCAN_BACK_MS = 7 * 24 * 60 * 60_000;

/** An incident whose root is so old is not searched for any more. */
const SEARCH_FOR_MS = 60 * 60_000;

/** So long after the start nobody has posted much that the first scan has missed, ms. */
const JUST_STARTED_MS = 60_000;

/** After these codes a thread can no longer be continued, nor in a channel that is closed: the incident gets its own root. */
const closedToUs: readonly string[] = ['chat-message-gone', 'chat-invalid-message', 'chat-refused'];

export interface Adoption {
  /**
   * Open roots of lost incidents of the same subject, oldest first, for an incident without a posting. Runs outside the
   * lane and gives up after `settings.scanMs`: a first message never waits for longer. @throws Failure of Redis only.
   */
  readonly find: (loaded: Loaded, channel: string, peeked: Promise<Peeked>) => Promise<Found>;
  /** Looks whether Redis was lost, beside reading the incident for which `find` is about to be asked. */
  readonly peek: () => Promise<Peeked>;
}

export interface Found {
  readonly lost: readonly OpenRoot[];
  /** Whether Slack told all that stands there. */
  readonly searched: boolean;
  /** Whether another search would find no more. */
  readonly isOver: boolean;
}

/** What was seen of the incident that was shown last. */
export interface Peeked {
  readonly seen: Witness | null;
  /** Also where nobody can tell. */
  readonly isGone: boolean;
  /** Redis time, ms UTC. */
  readonly now: number;
}

interface Witness {
  readonly id: string;
  readonly openedAt: number;
}

interface Attempt {
  readonly signal: AbortSignal;
  /** Why it has not succeeded so far. */
  failure: unknown;
}

interface Scan {
  /** ms UTC */
  readonly since: number;
  readonly again: boolean;
}

export function createAdoption(needs: ShowNeeds): Adoption {
  const { store, chat, settings } = needs;
  const { fallback } = needs.channels;
  const troubled = new Set<string>();
  const startedAt = performance.now();
  let witness: Witness | null = null;

  /** One that was written by a newer version is there all the same. */
  const loadKnown = async (id: string): Promise<Loaded | 'unreadable' | null> => {
    try {
      return await store.load(id);
    } catch (failure) {
      if (!(failure instanceof Failure) || isOfRedis(failure)) throw failure;
      return 'unreadable';
    }
  };

  /** An incident that comes back after Redis was lost has its id again, but not its time. */
  const peek = async (): Promise<Peeked> => {
    const seen = witness;
    const [there, now] = await Promise.all([seen === null ? null : loadKnown(seen.id), needs.now()]);
    const isGone =
      seen === null
        ? performance.now() - startedAt > JUST_STARTED_MS
        : there !== 'unreadable' && there?.incident.openedAt !== seen.openedAt;
    return { seen, isGone, now };
  };

  const wasLostSinceLastTime = ({ incident }: Loaded, { seen, isGone }: Peeked): boolean => {
    // Of many at once one asks for a new scan, and the others share it.
    const isFirst = witness === seen;
    witness = { id: incident.id, openedAt: incident.openedAt };
    return isGone && isFirst;
  };

  const lostNow = async (root: OpenRoot, { incident }: Loaded): Promise<OpenRoot | null> => {
    const known = root.incident === incident.id ? null : await loadKnown(root.incident);
    // Another subject may have been given the id since.
    if (known === 'unreadable' || (known !== null && subjectKey(known.incident.subject) === root.subject)) return null;
    const now = await chat.readOpenRoot(root);
    return now?.incident === root.incident ? now : null;
  };

  const look = async (loaded: Loaded, channel: string, scan: Scan): Promise<Found> => {
    // In others than its own a root stands when routes were different, or its channel could not be written to.
    await chat.openRoots(channel, scan.since, scan.again);
    const failed =
      channel === fallback
        ? []
        : await chat.openRoots(fallback, scan.since, false).then(
            () => [],
            (failure: unknown) => [failure],
          );
    const roots = chat.keptRoots();
    const subject = subjectKey(loaded.incident.subject);
    const same = roots.filter((root) => root.subject === subject);
    const lost = (await Promise.all(same.map(async (root) => lostNow(root, loaded)))).filter((root) => root !== null);
    return { lost, searched: failed.length === 0, isOver: !failed.some(mayBeKnownLater) };
  };

  const lookUntil = async (
    loaded: Loaded,
    channel: string,
    { attempt, peeked }: { readonly attempt: Attempt; readonly peeked: Promise<Peeked> },
  ): Promise<Found> => {
    const found = await peeked;
    const { now } = found;
    for (let again = wasLostSinceLastTime(loaded, found); ; again = false) {
      try {
        return await look(loaded, channel, { since: now - SCAN_BACK_MS, again });
      } catch (failure) {
        if (!(failure instanceof Failure) || failure.retry === 'never' || isOfRedis(failure)) throw failure;
        if (whyClosed(failure) !== null) throw failure;
        const pauseMs = failure.retry === 'backoff' ? settings.retryMs : failure.retry.afterMs;
        if (pauseMs >= settings.scanMs) throw failure;
        attempt.failure = failure;
        await sleep(pauseMs, undefined, { signal: attempt.signal });
      }
    }
  };

  return {
    peek,
    find: async (loaded, channel, peeked) => {
      const end = new AbortController();
      const attempt: Attempt = { signal: end.signal, failure: undefined };
      const late = sleep(settings.scanMs, undefined, { signal: end.signal }).then(() => {
        throw lateFailure(channel, attempt.failure);
      });
      try {
        const found = await Promise.race([lookUntil(loaded, channel, { attempt, peeked }), late]);
        troubled.delete(channel);
        return found;
      } catch (failure) {
        if (failure instanceof Failure && isOfRedis(failure)) throw failure;
        if (!troubled.has(channel)) needs.trouble(failure, { incident: loaded.incident.id, channel });
        troubled.add(channel);
        return { lost: [], searched: false, isOver: !mayBeKnownLater(failure) };
      } finally {
        end.abort();
      }
    },
  };
}

/**
 * Runs inside the lane. Makes the oldest the root of an incident that has no posting, or (`before`) of one whose own root
 * was posted before this one was found and is deleted with what stands below it; false where Slack refuses.
 */
export async function adoptRoot(
  { incident }: Loaded,
  { lost: [root, ...younger], before }: { readonly lost: readonly OpenRoot[]; readonly before: Posting | null },
  needs: ShowNeeds,
  ownership: Ownership,
): Promise<boolean> {
  if (root === undefined) return false;
  const claimedAt = await needs.now();
  const line = startsAgain(`adopted-${incident.id}-${incident.openedAt}`, claimedAt, root.kills);
  try {
    // Said before it is recorded: whoever dies between the two is followed by one who finds it said.
    if (!(await needs.chat.postedEntries(root)).has(line.id)) await needs.chat.reply(root, line, incident);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (!closedToUs.includes(failure.code) && whyClosed(failure) === null) throw failure;
    return false;
  }
  // Deleted before it is recorded, too: a root that nothing points to would stay.
  if (before !== null && before.ts !== null)
    await removeThread(incident.id, { channel: before.channel, ts: before.ts }, needs);
  const { channel, ts } = root;
  const answered = before?.shownEntry ?? '0';
  const shown = { shownVersion: 0, shownKills: 0, shownEntry: '0', answered, moved: null, searched: true };
  // What this process knew of the thread was about an incident of the same id in the store that was lost.
  ownership.drop(incident.id);
  const fold = before?.fold ?? null;
  const posting = { state: 'posted' as const, attempt: 1, claimedAt, channel, ts, fold, ...shown };
  if (!(await needs.postings.write(incident.id, before?.revision ?? null, posting))) return true;
  for (const double of younger) await removeIfAllowed(incident.id, double, needs);
  return true;
}

/** Of an incident's own root or line in a storm and an older root that was found late, the older root stays. */
export async function joinOlder(
  { incident: { id } }: Loaded,
  { posting, found }: { readonly posting: Posting; readonly found: Found },
  needs: ShowNeeds,
  ownership: Ownership,
): Promise<void> {
  const lost = found.lost.filter(({ ts }) => posting.ts === null || Number(ts) < Number(posting.ts));
  const join = async (): Promise<boolean> => {
    const loaded = await needs.store.load(id);
    const before = await needs.postings.read(id);
    if (loaded === null || before?.revision !== posting.revision) return true;
    return adoptRoot(loaded, { lost, before }, needs, ownership);
  };
  // Nothing is sent where there is none: the lane is for others.
  if (lost.length > 0 && (await needs.lanes.run(posting.channel, 'edit', join))) return;
  const isOver = found.isOver || (await needs.now()) - posting.claimedAt > SEARCH_FOR_MS;
  if (isOver) await ownership.write(id, posting, { ...posting, searched: true });
}

async function removeThread(incident: string, root: Place, needs: ShowNeeds): Promise<void> {
  try {
    for (const places of (await needs.chat.postedEntries(root)).values())
      for (const place of places) await removeIfAllowed(incident, place, needs);
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.code !== 'chat-message-gone') throw failure;
  }
  await removeIfAllowed(incident, root, needs);
}

/** Where a workspace lets nothing be deleted, or the channel is closed, the incident has to go on all the same. */
async function removeIfAllowed(incident: string, place: Place, { chat, trouble }: ShowNeeds): Promise<void> {
  try {
    await chat.remove(place);
  } catch (failure) {
    if (mayBeKnownLater(failure)) throw failure;
    trouble(failure, { incident, channel: place.channel });
  }
}

function mayBeKnownLater(failure: unknown): boolean {
  return failure instanceof Failure && failure.retry !== 'never' && whyClosed(failure) === null;
}

function isOfRedis({ code }: Failure): boolean {
  return code.startsWith('redis-');
}

function startsAgain(id: string, at: number, kills: number): Line {
  const counted = kills === 1 ? '1 kill was' : `${kills} kills were`;
  const text = `My store was emptied; counting starts again here (${counted} counted before).`;
  const entry = { at, audience: { to: 'thread' as const }, kind: 'audit' as const, text, people: [], pre: null };
  return { id, entry: { ...entry, broadcast: false, chart: null } };
}

function lateFailure(channel: string, cause: unknown): Failure {
  const message = `Slack did not list the history of ${channel} in time; a root from before Redis was lost is not found.`;
  return new Failure('chat-history-late', message, { retry: 'backoff', cause });
}
