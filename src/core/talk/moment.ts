import type { Incident, Remediation, RemediationState } from '../incident/incident.ts';
import { isUnderWay, proposals, underWay } from '../incident/transition.ts';
import { destinationOf } from '../remediate/plan.ts';

/** Where an incident stands, as people see it: derived, never stored. */
export type Moment = 'announced' | 'explained' | RemediationState | 'closed';

export interface Standing {
  readonly moment: Moment;
  /** The remediation that the moment is about, or the last one of a closed incident. */
  readonly remediation: Remediation | null;
  /** What goes on beside it: a pull request that waits while the cluster is changed, or the other way round. */
  readonly beside: Remediation | null;
  /** What ended before the present offer and left nothing that helps: a rejection, or a change that is gone. */
  readonly before: Remediation | null;
}

/**
 * What is under way decides, the cluster before the forge; then what is offered, unless only a pull request is offered
 * after something was done; then what was done last. Before there is a plan, whether the incident is explained; closing
 * beats all.
 */
export function standingOf(incident: Incident): Standing {
  const busy = underWay(incident);
  const [first, second] = busy;
  const { remediations } = incident;
  const ended =
    remediations.findLast((one) => one.state !== 'proposed' && !isUnderWay(one) && saysWhereItStands(one)) ?? null;
  const latest = remediations.at(-1) ?? null;
  const before =
    latest !== null && latest.plan.follows !== null && !isUnderWay(latest) && latest.state !== 'done' ? latest : null;
  if (incident.state.is === 'closed')
    return { moment: 'closed', remediation: first ?? ended ?? incident.remediations.at(-1) ?? null, ...alone };
  const follower = busy.find(({ plan }) => plan.follows !== null);
  const about = follower && remediations.find(({ plan }) => plan.id === follower.plan.follows?.plan);
  if (follower && about) {
    const isWaiting = follower.state === 'requested' || destinationOf(follower.plan) === 'forge';
    return isWaiting
      ? { moment: about.state, remediation: about, beside: follower, before: null }
      : { moment: follower.state, remediation: follower, beside: isUnderWay(about) ? about : null, before: null };
  }
  if (first) return { moment: first.state, remediation: first, beside: second ?? null, before };
  const [offered] = proposals(incident);
  const afterwards = ended !== null && offered !== undefined && destinationOf(offered.plan) === 'forge';
  if (offered && !afterwards) {
    return { moment: 'proposed', remediation: offered, beside: null, before: ended && hasHelped(ended) ? null : ended };
  }
  if (ended) return { moment: ended.state, remediation: ended, beside: null, before };
  return { moment: incident.explained === null ? 'announced' : 'explained', remediation: null, ...alone };
}

const alone = { beside: null, before: null } as const;

/** An attempt to take something back or to make it permanent says nothing of where that stands, unless it is undone. */
function saysWhereItStands({ plan, state }: Remediation): boolean {
  return plan.follows === null || (plan.follows.as === 'undo' && state === 'done');
}

function hasHelped({ state }: Remediation): boolean {
  return state === 'held' || state === 'held-so-far' || state === 'overshot' || state === 'inconclusive';
}
