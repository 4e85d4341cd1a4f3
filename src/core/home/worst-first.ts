import type { Loaded } from '../incident/incident.ts';
import { type Severity, severitySchema } from '../notify/severity.ts';

/** By severity, those of which it is not known last; then by the latest kill, the newest first. */
export function worstFirst<T extends Pick<Loaded, 'incident' | 'tally'>>(incidents: readonly T[]): readonly T[] {
  return incidents.toSorted(
    (a, b) => rank(a.incident.impact?.severity) - rank(b.incident.impact?.severity) || b.tally.lastAt - a.tally.lastAt,
  );
}

/** How many there are of each severity, the worst first; `null` is not known. */
export function bySeverity(
  incidents: readonly Pick<Loaded, 'incident'>[],
): readonly { readonly severity: Severity | null; readonly count: number }[] {
  return [...severitySchema.options, null].flatMap((severity) => {
    const count = incidents.filter(({ incident }) => (incident.impact?.severity ?? null) === severity).length;
    return count === 0 ? [] : [{ severity, count }];
  });
}

function rank(severity: Severity | undefined): number {
  return severity === undefined ? severitySchema.options.length : severitySchema.options.indexOf(severity);
}
