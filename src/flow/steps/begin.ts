import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Marks an approved plan as under way, before anything is sent: what happens next can be told after a crash. */
export async function begin(loaded: Loaded, { plan }: Remediation, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  const [means] = plan.means;
  await applyEvents(loaded.incident.id, needs, () =>
    means
      ? [{ type: 'applying', plan: plan.id, at, means }]
      : [{ type: 'failed', plan: plan.id, at, why: 'the plan names no way to carry it out.' }],
  );
  return again;
}
