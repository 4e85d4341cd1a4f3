import { Failure } from '../core/failure.ts';
import type { Loaded } from '../core/incident/incident.ts';
import { advance } from './advance.ts';
import type { Advanced } from './advance.ts';
import type { WorkerNeeds } from './worker-needs.ts';
import { minuteMs } from '../core/units/duration.ts';

/** Permanent failures are retried after this, in case somebody has fixed the cause. */
const hopelessMs = 10 * minuteMs;

/** Those that ended a process are advanced one after the other, and so many in one sweep. */
const suspectsAtOnce = 5;

/** What the sweeps of a process are advancing, by incident. Kept from round to round. */
export interface UnderWay {
  readonly incidents: Map<string, Promise<Advanced | 'failed'>>;
  /** The round that is advancing suspects. */
  suspects: Promise<void> | null;
}

export function nothingUnderWay(): UnderWay {
  return { incidents: new Map(), suspects: null };
}

export interface SweepOptions {
  /** Advanced at a time. */
  readonly limit?: number;
  readonly underWay?: UnderWay;
  /** ms after which a round no longer waits for what it has begun: one slow incident must not stop the time of all others. */
  readonly mostMs?: number;
}

/**
 * Advances every incident whose time has come: the safety net under the hints, and the clock of everything that waits.
 * The failure of one incident does not affect the others, and what takes long goes on beside the next rounds. What a
 * process left unfinished comes last and one at a time, so that the next end of a process tells which one it was.
 * Returns how many were due and not under way.
 */
export async function sweep(
  needs: WorkerNeeds,
  { limit = 50, underWay = nothingUnderWay(), mostMs }: SweepOptions = {},
): Promise<number> {
  const { incidents } = underWay;
  const found = await needs.store.due(limit + incidents.size);
  const due = found.filter((incident) => !incidents.has(incident)).slice(0, Math.max(0, limit - incidents.size));
  const ended = advanceAll(due, needs, underWay);
  if (mostMs === undefined) await ended;
  else await endedOrLate(ended, mostMs, needs);
  return due.length;
}

async function endedOrLate(ended: Promise<void>, mostMs: number, { wait }: WorkerNeeds): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([ended, wait(mostMs, over.signal)]);
  } finally {
    over.abort();
  }
}

/** Resolves when nothing is under way. */
export async function sweptAll(underWay: UnderWay): Promise<void> {
  while (underWay.incidents.size > 0 || underWay.suspects !== null)
    await Promise.allSettled([...underWay.incidents.values(), underWay.suspects]);
}

async function advanceAll(due: readonly string[], needs: WorkerNeeds, underWay: UnderWay): Promise<void> {
  const begin = (incident: string, alone: boolean): Promise<Advanced | 'failed'> => {
    const became = advanceOne(incident, needs, alone).finally(() => underWay.incidents.delete(incident));
    underWay.incidents.set(incident, became);
    return became;
  };
  const became = await Promise.all(due.map((incident) => begin(incident, false)));
  const suspects = due.filter((_, index) => became[index] === 'suspect').slice(0, suspectsAtOnce);
  // Those of a round that is still at it stay due.
  if (suspects.length === 0 || underWay.suspects !== null) return;
  underWay.suspects = (async () => {
    for (const incident of suspects) await begin(incident, true);
  })().finally(() => (underWay.suspects = null));
  await underWay.suspects;
}

async function advanceOne(incident: string, needs: WorkerNeeds, alone: boolean): Promise<Advanced | 'failed'> {
  let seen: Loaded | null = null;
  const { store } = needs;
  const seeing: WorkerNeeds = {
    ...needs,
    store: {
      ...store,
      load: async (id) => {
        const loaded = await store.load(id);
        seen ??= loaded;
        return loaded;
      },
    },
  };
  try {
    return await advance(incident, seeing, alone);
  } catch (error) {
    // Of what a newer version has stored the store has told once. It stays due, for a worker that is updated.
    const isNewer = error instanceof Failure && error.code === 'newer-document';
    needs.log(isNewer ? 'debug' : 'error', 'advance failed', { incident, error });
    const hopeless = error instanceof Failure && error.retry === 'never';
    const until = (await needs.now()) + (hopeless ? hopelessMs : needs.pace.confirmEveryMs);
    await store.postpone(incident, until, seen ?? undefined);
    return 'failed';
  }
}
