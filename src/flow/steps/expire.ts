import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Nobody approved in time: the request lapses, and the next explanation proposes anew. */
export async function expire(loaded: Loaded, { plan }: Remediation, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  await applyEvents(loaded.incident.id, needs, () => [{ type: 'expired', plan: plan.id, at }]);
  return again;
}
