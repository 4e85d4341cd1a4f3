import type { MayStill } from '../../core/approve/may-still.ts';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { wasSent } from '../../core/verify/was-sent.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { lapsed } from './ask-again.ts';
import { ifStill } from './if-still.ts';
import { lookAtChange } from './look-at-change.ts';

/**
 * A change is under way and may no longer be written. An earlier try may have been sent without our hearing of it, so
 * the cluster is looked at first: what is there goes on to be confirmed, all else ends here. A cluster that cannot be
 * read is asked again for as long as a change is given to be seen.
 */
export async function stop(
  loaded: Loaded,
  remediation: Remediation,
  answer: Extract<MayStill, { is: 'no' }>,
  needs: WorkerNeeds,
): Promise<After> {
  const { plan, means, applyingSince } = remediation;
  const found = await lookAtChange(loaded, remediation, needs);
  const at = await needs.now();
  const { confirmEveryMs, confirmTimeoutMs } = needs.pace;
  const patience = needs.policy.changeTtlMs + confirmTimeoutMs;
  if ('unseen' in found && at - (applyingSince ?? at) < patience) return { again: false, until: at + confirmEveryMs };
  await applyEvents(loaded.incident.id, needs, ifStill(remediation, [eventOf()]));
  return again;

  function eventOf(): IncidentEvent {
    if ('unseen' in found)
      return {
        type: 'failed',
        plan: plan.id,
        at,
        why: `${answer.why}, and whether the change had been sent before is not known: ${found.unseen}`,
      };
    if (means !== null && wasSent(plan, means, found.seen)) return { type: 'wrote', plan: plan.id, at };
    return lapsed(remediation, answer, at);
  }
}
