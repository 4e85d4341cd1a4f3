import type { Trigger } from '../kill/trigger.ts';
import type { Incident, Loaded, Warned } from './incident.ts';

/** The warning that opened an incident of which nobody has been killed so far; null for any other. */
export function warningOf({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): Warned | null {
  const first = firstTrigger({ incident, tally });
  return first.kind === 'ahead' ? first : null;
}

/** The first kill, also while the document does not know of it yet; ahead of a kill what is at risk. */
export function firstTrigger({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): Incident['trigger'] {
  const { trigger } = incident;
  return trigger.kind === 'ahead' ? (tally.recent[0] ?? trigger) : trigger;
}

/** The last kill; ahead of a kill what is at risk. */
export function latestTrigger({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): Trigger {
  return tally.recent.at(-1) ?? incident.trigger;
}
