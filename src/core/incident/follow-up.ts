import { destinationOf } from '../remediate/plan.ts';
import type { Follows } from '../remediate/plan.ts';
import type { Incident, Remediation, RemediationState } from './incident.ts';

/** States of a change that is in the cluster, as far as anybody knows. */
const inForce: readonly RemediationState[] = [
  'applied',
  'verifying',
  'held',
  'held-so-far',
  'overshot',
  'bought-time',
  'inconclusive',
];

type Whole = Pick<Incident, 'remediations'>;

/** Whether a plan that was carried out may be taken back or made permanent. What has failed or is gone is left alone. */
export function mayFollow({ state, applied, plan, temporary }: Remediation, as: Follows['as']): boolean {
  const isThere = inForce.includes(state) && applied !== null;
  return isThere && plan.follows === null && (as === 'undo' || temporary);
}

/** The remediation whose pull request brought a plan's change into its file: its own, or that which made it permanent. */
export function mergedFor({ remediations }: Whole, plan: string): Remediation | null {
  const isFor = ({ id, follows }: Remediation['plan']): boolean =>
    id === plan || (follows?.plan === plan && follows.as === 'make-permanent');
  return remediations.findLast((one) => isFor(one.plan) && (one.pullRequest?.merged ?? null) !== null) ?? null;
}

/** The latest change that is in the cluster, if it may be followed by such a plan; null if none may. */
export function followable({ remediations }: Whole, as: Follows['as']): Remediation | null {
  const latest = remediations.findLast(({ applied, state, plan }) => {
    return applied !== null && state !== 'undone' && plan.follows === null;
  });
  return latest !== undefined && mayFollow(latest, as) ? latest : null;
}

/** The plan that was asked for to take this one back or to make it permanent, and that has not ended. */
export function followerOf({ remediations }: Whole, plan: string): Remediation | null {
  const isLive = ({ state }: Remediation): boolean => ['requested', 'approved', 'applying'].includes(state);
  return remediations.findLast((one) => one.plan.follows?.plan === plan && isLive(one)) ?? null;
}

/**
 * While a change is being taken back or made permanent, looking whether it holds would see half of that. A pull request
 * that waits for its merge changes nothing yet, and one that was merged to make it permanent takes nothing away.
 */
export function isBeingFollowed(incident: Whole, { plan }: Remediation): boolean {
  const follower = followerOf(incident, plan.id);
  if (follower === null || follower.state === 'requested') return false;
  return (
    follower.pullRequest === null || (follower.plan.follows?.as === 'undo' && follower.pullRequest.merged !== null)
  );
}

/**
 * Whether a pull request is open to take it back, as far as we know: what is gone meanwhile may be so by its merge, of
 * which nobody has told us yet.
 */
export function isBeingTakenBack(incident: Whole, { plan }: Remediation): boolean {
  const follower = followerOf(incident, plan.id);
  return follower !== null && follower.plan.follows?.as === 'undo' && follower.pullRequest !== null;
}

/** What becomes of a remediation by a change that was seen in the cluster. */
export function followedUp(one: Remediation, { plan, state, means, endedAt }: Remediation): Remediation {
  const isMerged = state === 'applied' && destinationOf(plan) === 'forge';
  if (isMerged && one.temporary && one.plan.to.limitBytes === plan.to.limitBytes) return { ...one, temporary: false };
  if (plan.follows?.plan !== one.plan.id || state !== 'done') return one;
  return plan.follows.as === 'undo'
    ? { ...one, state: 'undone', temporary: false, endedAt }
    : { ...one, means, temporary: false };
}
