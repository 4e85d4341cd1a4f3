import { warningOf } from './triggers.ts';
import type { Loaded } from './incident.ts';
import { hourMs } from '../units/duration.ts';

/**
 * How long an incident that only alerts opened stays open after the last one is resolved, ms, so that a flapping alert
 * has one thread. Alertmanager repeats alerts that still fire every 4 h (its `repeat_interval`).
 */
export const alertsRestMs = 4 * hourMs;

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
