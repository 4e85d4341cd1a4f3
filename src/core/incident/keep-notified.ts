import { auditEntry } from './entry.ts';
import type { IncidentEvent, Transition } from './event.ts';
import type { Incident } from './incident.ts';

/** Notifies the people of a level, each level once; nobody once somebody has acknowledged it. */
export function keepNotified(incident: Incident, event: Extract<IncidentEvent, { type: 'notified' }>): Transition {
  if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  if (incident.acknowledged !== null) return { ok: false, refusal: 'already-acknowledged' };
  const { notified } = event;
  if (incident.notified.some(({ level }) => level === notified.level))
    return { ok: false, refusal: 'already-notified' };
  return {
    ok: true,
    incident: { ...incident, notified: [...incident.notified, notified] },
    entries: [auditEntry(event)],
  };
}
