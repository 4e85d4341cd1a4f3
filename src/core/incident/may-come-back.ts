import type { Means } from '../remediate/plan.ts';
import type { Incident, Remediation } from './incident.ts';

/**
 * Whether what has ended may be tried again, as a new plan with an id of its own: nothing of it is in force. What was
 * applied and killed again is not among them, because the same change would be killed again too; nor is what held.
 */
export function mayComeBack({ state, applied }: Pick<Remediation, 'state' | 'applied'>): boolean {
  switch (state) {
    case 'rejected':
    case 'expired':
    case 'stale':
    case 'vanished':
    case 'undone':
      return true;
    case 'failed':
      return applied === null;
    default:
      return false;
  }
}

/**
 * Means by which a change was tried here in vain, so that the next try leads with another: a resize that the cluster
 * refused or that did nothing, and one that a rollout has undone.
 */
export function uselessMeans({ remediations }: Pick<Incident, 'remediations'>): readonly Means[] {
  const isUseless = ({ state, applied, plan, means }: Remediation): boolean =>
    plan.means.includes('resize') &&
    (state === 'vanished' ? means === 'resize' : state === 'failed' && applied === null && means !== 'resize');
  return remediations.some(isUseless) ? ['resize'] : [];
}
