import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import { killsAgainst } from '../../core/incident/next-step.ts';
import { verify } from '../../core/verify/verify.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { ifStill } from './if-still.ts';
import { lookAtChange } from './look-at-change.ts';

/**
 * Comes back to say whether the change held, from the cluster's state and the kills since. A cluster that cannot be
 * read is retried for a while; after that the result is inconclusive.
 */
export async function verifyStep(loaded: Loaded, remediation: Remediation, needs: WorkerNeeds): Promise<After> {
  const { plan, applied, verifyAt } = remediation;
  const found = await lookAtChange(loaded, remediation, needs);
  const at = await needs.now();
  if ('unseen' in found && at - (verifyAt ?? at) < needs.pace.confirmTimeoutMs)
    return { again: false, until: at + needs.pace.confirmEveryMs };
  const result =
    'unseen' in found
      ? ({ outcome: 'inconclusive', seen: found.unseen } as const)
      : verify({
          plan,
          observation: found.seen,
          killsAgainst: killsAgainst(loaded, remediation),
          appliedAt: applied?.at ?? at,
          now: at,
        });
  const event = { type: 'verified', plan: plan.id, at, ...result } as const;
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, [event]));
  return again;
}
