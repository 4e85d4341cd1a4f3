import type { Trigger } from '../kill/trigger.ts';
import type { Incident, Loaded, Warned } from './incident.ts';

/** The warning that opened an incident without a kill so far; null for any other. */
export function warningOf({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): Warned | null {
  const first = firstTrigger({ incident, tally });
  return first.kind === 'ahead' ? first : null;
}

/** Without what Alertmanager's rule says of it; its name stays. */
export function withoutAlertText(loaded: Loaded): Loaded {
  const { incident } = loaded;
  const { trigger } = incident;
  if (trigger.kind !== 'ahead' || trigger.warning.of.is !== 'alert') return loaded;
  const warning = { ...trigger.warning, of: { ...trigger.warning.of, summary: '' } };
  return { ...loaded, incident: { ...incident, trigger: { ...trigger, warning } } };
}

/** The first kill, even while the document does not have it yet; before any kill, what is at risk. */
export function firstTrigger({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): Incident['trigger'] {
  const { trigger } = incident;
  return trigger.kind === 'ahead' ? (tally.recent[0] ?? trigger) : trigger;
}

/** The last kill; before any kill, what is at risk. */
export function latestTrigger({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): Trigger {
  return tally.recent.at(-1) ?? incident.trigger;
}
