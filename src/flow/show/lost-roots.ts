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
 * When Redis was lost, the roots of what was open still stand in the channel. The next kill of such a subject opens an
 * incident that nobody has shown; instead of a second root it takes over the one that is there:
 *
 *   our open roots of the channels' last days   scanned once per channel, and again when Redis may have lost something
 *   -> same subject
 *   -> its incident is unknown to the store     known: nothing was lost, an older incident is about to be shown closed
 *   -> still so when the message is read        another bot may have gone on in it, and closed it, since the scan
 *   -> recorded as this incident's root         which then says so in its thread, and is edited as any other
 *
 * A first message waits `scanMs` for that at most. Where Redis was lost and the chat does not list a channel in that time,
 * a workload has two threads for a moment: as soon as the older one is found, the younger is deleted. Where it is not found
 * then either, the next incident of the workload that nobody has shown goes on in it.
 */
const SCAN_BACK_MS = 7 * dayMs;
const MOST_TRIES = 3;

export interface OpenRootsNeeds {
  readonly chat: Pick<Chat, 'openRoots'>;
  /** Another one each time that Redis may have lost something. */
  readonly epoch: () => Promise<string>;
  readonly now: Now;
  readonly settings: Pick<ShowSettings, 'retryMs'>;
}

interface Scan {
  readonly epoch: string;
  readonly roots: Promise<readonly OpenRoot[]>;
  /** What the last one that succeeded has found. */
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
  /** Open roots of lost incidents of one's subject, oldest first. @throws Failure */
  readonly find: (loaded: Loaded, channel: string) => Promise<readonly OpenRoot[]>;
  /** The same, or null where that cannot be told within `scanMs`. @throws Failure of Redis only */
  readonly findSoon: (loaded: Loaded, channel: string) => Promise<readonly OpenRoot[] | null>;
}

export function createLostRoots(needs: ShowNeeds): LostRoots {
  const { store, chat, settings, openRoots } = needs;
  const troubled = new Set<string>();

  /** One that was written by a newer version is there all the same. */
  const isKnown = async (id: string, subject: string): Promise<boolean> => {
    try {
      const known = await store.load(id);
      // Another subject may have been given the id since.
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
      // Then the scan has to do: a root that is gone by now is posted anew as any other.
      return whyClosed(failure) === null;
    }
  };

  const find: LostRoots['find'] = async (loaded, channel) => {
    const subject = subjectKey(loaded.incident.subject);
    // In others than its own a root stands when routes were different, or its channel could not be written to.
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

/** Makes the oldest the root of an incident, in place of one of its own that was posted since. Somebody may be faster. */
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
