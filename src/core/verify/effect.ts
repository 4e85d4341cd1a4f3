import type { Cause } from '../diagnose/diagnosis.ts';
import type { Remediation } from '../incident/incident.ts';
import type { Plan } from '../remediate/plan.ts';

/** What a change can do at best: no limit ends a leak, whoever chose it. A roll back takes the leak away. */
export function effectOf({ purpose, rollBack }: Plan, cause: Cause | null): Remediation['effect'] {
  return purpose === 'mitigation' || (cause === 'leak' && rollBack === null) ? 'mitigation' : 'fix';
}
