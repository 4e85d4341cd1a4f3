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
  const [first, second] = underWay(incident);
  const ended = incident.remediations.findLast((one) => one.state !== 'proposed' && !isUnderWay(one)) ?? null;
  if (incident.state.is === 'closed')
    return { moment: 'closed', remediation: first ?? ended ?? incident.remediations.at(-1) ?? null, ...alone };
  if (first) return { moment: first.state, remediation: first, beside: second ?? null, before: null };
  const [offered] = proposals(incident);
  const afterwards = ended !== null && offered !== undefined && destinationOf(offered.plan) === 'forge';
  if (offered && !afterwards) {
    const before = ended !== null && hasHelped(ended) ? null : ended;
    return { moment: 'proposed', remediation: offered, beside: null, before };
  }
  if (ended) return { moment: ended.state, remediation: ended, ...alone };
  return { moment: incident.explained === null ? 'announced' : 'explained', remediation: null, ...alone };
}

const alone = { beside: null, before: null } as const;

function hasHelped({ state }: Remediation): boolean {
  return state === 'held' || state === 'held-so-far' || state === 'overshot' || state === 'inconclusive';
}
