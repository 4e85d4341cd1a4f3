import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Starts the verification: from when the change was seen, for the configured time. */
export async function watch(loaded: Loaded, { plan, applied }: Remediation, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  const verifyAt = (applied?.at ?? at) + needs.pace.verifyAfterMs;
  await applyEvents(loaded.incident.id, needs, () => [{ type: 'watched', plan: plan.id, at, verifyAt }]);
  return again;
}
