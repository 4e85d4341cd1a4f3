import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { killsAgainst } from '../../core/incident/next-step.ts';
import { verify } from '../../core/verify/verify.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Comes back to say whether the change held, from the cluster's state and the kills since. */
export async function verifyStep(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, applied } = remediation;
  const observation = await needs.reader.observe(plan, loaded.incident.subject);
  const at = await needs.now();
  const { outcome, seen } = verify({
    plan,
    observation,
    killsAgainst: killsAgainst(loaded, remediation),
    appliedAt: applied?.at ?? at,
    now: at,
  });
  await applyEvents(loaded.incident.id, needs, () => [{ type: 'verified', plan: plan.id, at, outcome, seen }]);
  return again;
}
