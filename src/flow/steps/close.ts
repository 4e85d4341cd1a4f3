import type { Loaded } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Closes an incident that has been quiet long enough; a later kill opens a new one. */
export async function close(loaded: Loaded, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  await applyEvents(loaded.incident.id, needs, () => [{ type: 'closed', outcome: 'quiet', at }]);
  return again;
}
