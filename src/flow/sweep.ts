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

/**
 * Advances every incident whose time has come: the safety net under the hints, and the clock of everything that waits.
 * The failure of one incident does not affect the others. What a process left unfinished comes last and one at a time,
 * so that the next end of a process tells which one it was. Returns how many were due.
 */
export async function sweep(needs: WorkerNeeds, limit = 50): Promise<number> {
  const due = await needs.store.due(limit);
  const became = await Promise.all(due.map(async (incident) => advanceOne(incident, needs, false)));
  const suspects = due.filter((_, index) => became[index] === 'suspect').slice(0, suspectsAtOnce);
  for (const incident of suspects) await advanceOne(incident, needs, true);
  return due.length;
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
