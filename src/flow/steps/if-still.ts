import { isDeepStrictEqual } from 'node:util';
import type { Loaded, Remediation } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';

/**
 * Events of a step about a remediation as it was read, or null if it has moved on since. NOTE: a lease only makes races
 * rarer. A worker that was slower than its lease must not report the write of one means as that of the next, or give up
 * what another worker has started again.
 */
export function ifStill(seen: Remediation, events: readonly IncidentEvent[]) {
  return ({ incident }: Loaded): readonly IncidentEvent[] | null => {
    const latest = incident.remediations.findLast(({ plan }) => plan.id === seen.plan.id);
    return isDeepStrictEqual(latest, seen) ? events : null;
  };
}
