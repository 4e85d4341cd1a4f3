import { auditEntry } from './entry.ts';
import type { IncidentEvent } from './event.ts';
import type { Incident } from './incident.ts';
import type { Transition } from './transition.ts';

/** Ends being ahead of a kill, by the kill or without one. While something is `busy` it does not end without one. */
export function aheadOfKill(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'came' | 'calmed' }>,
  busy: boolean,
): Transition {
  if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  if (incident.firstKill.kind !== 'ahead' || incident.warning === null) return { ok: false, refusal: 'not-ahead' };
  if (event.type === 'came')
    return { ok: true, incident: { ...incident, firstKill: event.kill }, entries: [auditEntry(event)] };
  if (busy) return { ok: false, refusal: 'lane-busy' };
  return {
    ok: true,
    incident: {
      ...incident,
      warning: { ...incident.warning, calm: event.calm },
      state: { is: 'closed', outcome: 'calmed', at: event.at },
    },
    entries: [auditEntry(event)],
  };
}

/** So many alerts are remembered: an older one that is told again is told once more. */
const mostAlerts = 20;

/** Keeps an alert, or that it is resolved, each once: Alertmanager tells both again and again. */
export function keepAlert(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'alerted' | 'alert-resolved' }>,
): Transition {
  if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  const { alerts } = incident;
  const index = alerts.findIndex(
    ({ fingerprint, startsAt }) => fingerprint === event.alert.fingerprint && startsAt === event.alert.startsAt,
  );
  const known = alerts[index];
  const entries = [auditEntry(event)];
  if (event.type === 'alerted') {
    if (known) return { ok: false, refusal: 'known-alert' };
    return { ok: true, incident: { ...incident, alerts: [...alerts, event.alert].slice(-mostAlerts) }, entries };
  }
  if (known?.resolvedAt !== null) return { ok: false, refusal: 'no-such-alert' };
  return {
    ok: true,
    incident: { ...incident, alerts: alerts.with(index, { ...known, resolvedAt: event.at }) },
    entries,
  };
}
