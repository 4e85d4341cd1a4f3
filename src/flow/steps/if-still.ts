import { isDeepStrictEqual } from 'node:util';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';

/**
 * Events of a step that was about a remediation as it was seen, or null when it has moved on meanwhile. NOTE: a lease
 * only narrows races. A worker that was slower than its lease must not report the write of one means as that of the
 * next, or give up what another worker has begun anew.
 */
export function ifStill(seen: Remediation, events: readonly IncidentEvent[]) {
  return ({ incident }: Loaded): readonly IncidentEvent[] | null => {
    const latest = incident.remediations.findLast(({ plan }) => plan.id === seen.plan.id);
    return isDeepStrictEqual(latest, seen) ? events : null;
  };
}
