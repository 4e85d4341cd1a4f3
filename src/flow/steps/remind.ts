import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';

/** Half of the time for an approval is over: those who may approve are mentioned again, once. */
export async function remind(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  await applyEvents(
    loaded.incident.id,
    needs,
    ifStill(remediation, [{ type: 'reminded', plan: remediation.plan.id, at }]),
  );
  return again;
}
