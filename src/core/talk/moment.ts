import type { Incident, Remediation, RemediationState } from '../incident/incident.ts';

/** Where an incident stands, as people see it: derived, never stored. */
export type Moment = 'announced' | 'explained' | RemediationState | 'closed';

export interface Standing {
  readonly moment: Moment;
  /** The remediation that the moment is about, or the last one of a closed incident. */
  readonly remediation: Remediation | null;
}

/** The newest remediation decides; before there is one, whether the incident is explained; closing beats both. */
export function standingOf(incident: Incident): Standing {
  const remediation = incident.remediations.at(-1) ?? null;
  if (incident.state.is === 'closed') return { moment: 'closed', remediation };
  if (remediation !== null) return { moment: remediation.state, remediation };
  return { moment: incident.explained === null ? 'announced' : 'explained', remediation: null };
}
