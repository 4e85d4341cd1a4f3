import { auditEntry } from './entry.ts';
import type { IncidentEvent, Transition } from './event.ts';
import type { Incident } from './incident.ts';
import type { Alert } from './warning.ts';

/** Ends the state ahead of a kill, by the kill or without one. While something is `busy`, only a kill ends it. */
export function aheadOfKill(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'came' | 'calmed' }>,
  busy: boolean,
): Transition {
  if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  const { trigger } = incident;
  if (trigger.kind !== 'ahead') return { ok: false, refusal: 'not-ahead' };
  if (event.type === 'came')
    return { ok: true, incident: { ...incident, trigger: event.kill }, entries: [auditEntry(event)] };
  if (busy) return { ok: false, refusal: 'other-under-way' };
  return {
    ok: true,
    incident: {
      ...incident,
      trigger: { ...trigger, warning: { ...trigger.warning, calm: event.calm } },
      state: { is: 'closed', outcome: 'calmed', at: event.at },
    },
    entries: [auditEntry(event)],
  };
}

/** How many alerts are remembered. */
const mostAlerts = 50;

/**
 * The alerts with one more, which replaces the oldest ended one if there is no room; null if it is known already, or if
 * all that are remembered still fire. Forgetting one that fires would announce it again each time that Alertmanager
 * repeats it: a workload may have more pods than this, each with its own alert.
 */
export function withAlert(alerts: readonly Alert[], alert: Alert): readonly Alert[] | null {
  const isThere = alerts.some(
    ({ fingerprint, startsAt }) => fingerprint === alert.fingerprint && startsAt === alert.startsAt,
  );
  if (isThere) return null;
  if (alerts.length < mostAlerts) return [...alerts, alert];
  const ended = alerts.findIndex(({ resolvedAt }) => resolvedAt !== null);
  return ended === -1 ? null : [...alerts.toSpliced(ended, 1), alert];
}

/** Keeps an alert, or that it is resolved, only once: Alertmanager repeats both. */
export function keepAlert(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'alerted' | 'alert-resolved' }>,
): Transition {
  if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  const { alerts } = incident;
  const entries = [auditEntry(event)];
  if (event.type === 'alerted') {
    const kept = withAlert(alerts, event.alert);
    if (kept === null) return { ok: false, refusal: 'known-alert' };
    return { ok: true, incident: { ...incident, alerts: [...kept] }, entries };
  }
  const index = alerts.findIndex(
    ({ fingerprint, startsAt }) => fingerprint === event.alert.fingerprint && startsAt === event.alert.startsAt,
  );
  const known = alerts[index];
  if (known?.resolvedAt !== null) return { ok: false, refusal: 'no-such-alert' };
  return {
    ok: true,
    incident: { ...incident, alerts: alerts.with(index, { ...known, resolvedAt: event.at }) },
    entries,
  };
}
