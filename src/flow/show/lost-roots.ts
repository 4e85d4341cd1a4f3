import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import { subjectKey } from '../../core/kill/kill.ts';
import type { Now } from '../needs.ts';
import { whyClosed } from './chat-failure.ts';
import type { Chat, OpenRoot, OpenRoots, ShowNeeds, ShowSettings } from './needs.ts';
import { removeIfAllowed } from './send-once.ts';
import { newPosting, type Turn } from './turn.ts';
import { dayMs } from '../../core/units/duration.ts';

/*
 * If Redis was lost, the roots of open incidents are still in the channel. The next kill of such a subject opens a new
 * incident, which takes over the existing root instead of posting a second one:
 *
 *   our open roots of the channels' last days   scanned once per channel, and again when Redis may have lost something
 *   -> same subject
 *   -> its incident is unknown to the store     known: nothing was lost, and the older incident will soon be shown as closed
 *   -> still so when the message is read again  another bot may have used and closed it since the scan
 *   -> recorded as this incident's root         its thread says so, and it is edited like any other
 *
 * A first message waits at most `scanMs` for this. If Redis was lost and the chat does not list the channel in that
 * time, a workload has two threads for a moment: when the older one is found, the younger is deleted. If it is not
 * found then either, the next new incident of the workload takes it over.
 */
const SCAN_BACK_MS = 7 * dayMs;
const MOST_TRIES = 3;

export interface OpenRootsNeeds {
  readonly chat: Pick<Chat, 'openRoots'>;
  /** A different value each time that Redis may have lost something. */
  readonly epoch: () => Promise<string>;
  readonly now: Now;
  readonly settings: Pick<ShowSettings, 'retryMs'>;
}

interface Scan {
  readonly epoch: string;
  readonly roots: Promise<readonly OpenRoot[]>;
  /** The result of the last scan that succeeded. */
  found: readonly OpenRoot[];
}

export function createOpenRoots({ chat, epoch, now, settings }: OpenRootsNeeds): OpenRoots {
  const scans = new Map<string, Scan>();

  const listed = async (channel: string): Promise<readonly OpenRoot[]> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await chat.openRoots(channel, (await now()) - SCAN_BACK_MS);
      } catch (failure) {
        if (tries === MOST_TRIES || !(failure instanceof Failure) || failure.retry !== 'backoff') throw failure;
        if (isOfRedis(failure) || whyClosed(failure) !== null) throw failure;
        await sleep(settings.retryMs);
      }
    }
  };

  const scanned = async (channel: string, current: string): Promise<void> => {
    const before = scans.get(channel);
    const scan =
      before?.epoch === current ? before : { epoch: current, roots: listed(channel), found: before?.found ?? [] };
    scans.set(channel, scan);
    try {
      scan.found = await scan.roots;
    } catch (failure) {
      if (scans.get(channel) === scan) scans.set(channel, { ...scan, epoch: '' });
      throw failure;
    }
  };

  return {
    in: async (channels) => {
      const current = await epoch();
      await Promise.all(channels.map(async (channel) => scanned(channel, current)));
      return [...scans.values()].flatMap(({ found }) => found);
    },
  };
}

export interface LostRoots {
  /** Open roots of lost incidents of the same subject, oldest first. @throws Failure */
  readonly find: (loaded: Loaded, channel: string) => Promise<readonly OpenRoot[]>;
  /** The same, or null if it is not known within `scanMs`. @throws Failure of Redis only */
  readonly findSoon: (loaded: Loaded, channel: string) => Promise<readonly OpenRoot[] | null>;
}

export function createLostRoots(needs: ShowNeeds): LostRoots {
  const { store, chat, settings, openRoots } = needs;
  const troubled = new Set<string>();

  /** A document of a newer version cannot be read, but it exists. */
  const isKnown = async (id: string, subject: string): Promise<boolean> => {
    try {
      const known = await store.load(id);
      // Another subject may have got the same id since.
      return known !== null && subjectKey(known.incident.subject) === subject;
    } catch (failure) {
      if (!(failure instanceof Failure) || isOfRedis(failure)) throw failure;
      return true;
    }
  };

  const isLost = async (root: OpenRoot, { incident }: Loaded): Promise<boolean> => {
    if (root.incident !== incident.id && (await isKnown(root.incident, root.subject))) return false;
    try {
      return (await chat.openRoot(root.place))?.incident === root.incident;
    } catch (failure) {
      if (!(failure instanceof Failure) || isOfRedis(failure)) throw failure;
      // Then the result of the scan is used; a root that is gone by now is posted anew like any other.
      return whyClosed(failure) === null;
    }
  };

  const find: LostRoots['find'] = async (loaded, channel) => {
    const subject = subjectKey(loaded.incident.subject);
    // A root may be in another channel if routes have changed or its channel could not be written to.
    const roots = await openRoots.in([...new Set([channel, needs.channels.fallback])]);
    const same = roots.filter((root) => root.subject === subject);
    const lost = await Promise.all(same.map(async (root) => ((await isLost(root, loaded)) ? root : null)));
    return lost.filter((root) => root !== null);
  };

  const findSoon: LostRoots['findSoon'] = async (loaded, channel) => {
    const end = new AbortController();
    const late = sleep(settings.scanMs, undefined, { signal: end.signal }).then(() => {
      throw lateFailure(channel);
    });
    try {
      const found = await Promise.race([find(loaded, channel), late]);
      troubled.delete(channel);
      return found;
    } catch (failure) {
      if (failure instanceof Failure && isOfRedis(failure)) throw failure;
      if (!troubled.has(channel)) needs.trouble(failure, { incident: loaded.incident.id, channel });
      troubled.add(channel);
      return null;
    } finally {
      end.abort();
    }
  };

  return { find, findSoon };
}

/**
 * Makes the oldest one the incident's root, replacing a root that it has posted since. Another process may be faster.
 */
export async function adopt(
  { loaded: { incident }, posting }: Turn,
  lost: readonly OpenRoot[],
  needs: ShowNeeds,
): Promise<void> {
  const [oldest, ...younger] = lost.filter(({ place }) => place !== posting.root);
  if (oldest === undefined) return;
  const { kills, place, channel } = oldest;
  const counted = kills === 1 ? '1 kill was' : `${kills} kills were`;
  const text = `My store was emptied; counting starts again here (${counted} counted before).`;
  const adopted = {
    ...newPosting(channel),
    revision: posting.revision,
    root: place,
    notice: { id: `emptied-${incident.openedAt}`, text },
  };
  if ((await needs.postings.write(incident.id, adopted)) === null) return;
  const trouble = (failure: unknown): void => needs.trouble(failure, { incident: incident.id, channel });
  const own = posting.root === null ? [] : [posting.root];
  for (const double of [...younger.map((root) => root.place), ...own])
    await removeIfAllowed(double, { chat: needs.chat, trouble });
}

function isOfRedis({ code }: Failure): boolean {
  return code.startsWith('redis-');
}

function lateFailure(channel: string): Failure {
  const message = `The history of ${channel} was not listed in time; a root from before Redis was lost is not found.`;
  return new Failure('chat-history-late', message, { retry: 'backoff' });
}
