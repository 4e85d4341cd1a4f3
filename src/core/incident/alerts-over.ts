import { warningOf } from './triggers.ts';
import type { Loaded } from './incident.ts';

/**
 * For so long an incident that only alerts opened waits for one to fire again, ms: an alert that flaps has one thread.
 * Alertmanager itself says again after 4 h what goes on (its `repeat_interval`), so nobody expects to hear of it sooner.
 */
export const alertsRestMs = 4 * 60 * 60_000;

/**
 * ms UTC since when all alerts of an incident that only alerts opened are resolved; null while one fires, and for every
 * other incident.
 */
export function alertsOverSince(loaded: Pick<Loaded, 'incident' | 'tally'>): number | null {
  const { alerts, state } = loaded.incident;
  if (state.is === 'closed' || warningOf(loaded)?.warning.of.is !== 'alert' || alerts.length === 0) return null;
  const ends = alerts.flatMap(({ resolvedAt }) => resolvedAt ?? []);
  return ends.length < alerts.length ? null : Math.max(...ends);
}
