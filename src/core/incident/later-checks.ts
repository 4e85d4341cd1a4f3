import type { Incident, Remediation, RemediationState } from './incident.ts';

/** Results that later checks may still correct. */
const soFar: readonly RemediationState[] = ['held', 'held-so-far', 'overshot', 'bought-time'];

/** Whether it has a result that later checks may still correct. */
export function isSoFar({ state }: Remediation): boolean {
  return soFar.includes(state);
}

/** Results that are still to be checked. Documents of versions without later checks have none. */
export function laterChecks({ state, remediations }: Incident): readonly Remediation[] {
  if (state.is === 'closed' && state.outcome !== 'quiet') return [];
  return remediations.filter((one) => isSoFar(one) && one.checks.length > 0 && one.verifyAt !== null);
}
