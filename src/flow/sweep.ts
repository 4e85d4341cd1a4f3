import { advance } from './advance.ts';
import type { WorkerNeeds } from './worker-needs.ts';

/**
 * Advances every incident whose time has come: the safety net under the hints, and the clock of everything that waits.
 * One incident's failure does not keep the others from their turn. Answers how many were due.
 */
export async function sweep(needs: WorkerNeeds, limit = 100): Promise<number> {
  const due = await needs.store.due(limit);
  for (const incident of due) {
    try {
      if ((await advance(incident, needs)) === 'gone') needs.log('warn', 'due but gone', { incident });
    } catch (error) {
      needs.log('error', 'advance failed', { incident, error });
      await needs.store.postpone(incident, (await needs.now()) + needs.pace.confirmEveryMs);
    }
  }
  return due.length;
}
