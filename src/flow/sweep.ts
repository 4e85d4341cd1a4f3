import { Failure } from '../core/failure.ts';
import type { Loaded } from '../core/incident/incident.ts';
import { advance } from './advance.ts';
import type { WorkerNeeds } from './worker-needs.ts';
import { minuteMs } from '../core/units/duration.ts';

/** Permanent failures are retried after this, in case somebody has fixed the cause. */
const hopelessMs = 10 * minuteMs;

/**
 * Advances every incident whose time has come: the safety net under the hints, and the clock of everything that waits.
 * The failure of one incident does not affect the others. Returns how many were due.
 */
export async function sweep(needs: WorkerNeeds, limit = 50): Promise<number> {
  const due = await needs.store.due(limit);
  await Promise.all(due.map(async (incident) => advanceOne(incident, needs)));
  return due.length;
}

async function advanceOne(incident: string, needs: WorkerNeeds): Promise<void> {
  let seen: Loaded | null = null;
  try {
    seen = await needs.store.load(incident);
    await advance(incident, needs);
  } catch (error) {
    needs.log('error', 'advance failed', { incident, error });
    const hopeless = error instanceof Failure && error.retry === 'never';
    const until = (await needs.now()) + (hopeless ? hopelessMs : needs.pace.confirmEveryMs);
    await needs.store.postpone(incident, until, seen ?? undefined);
  }
}
