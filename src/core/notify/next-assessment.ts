import type { Loaded } from '../incident/incident.ts';
import { settledBy } from './escalate.ts';

/** Both ms. */
interface ImpactPace {
  /** Between two looks at a workload that is short of pods. */
  readonly impactEveryMs: number;
  readonly refreshMs: number;
}

/** What is short of pods for long is looked at more and more seldom. */
const shareOfAge = 0.1;

/** ms between two looks, of an incident opened at `openedAt` (ms UTC). */
export function impactEveryMs(openedAt: number, now: number, pace: ImpactPace): number {
  return Math.min(pace.refreshMs, Math.max(pace.impactEveryMs, (now - openedAt) * shareOfAge));
}

/**
 * When the impact is to be read again, ms UTC: as long as pods or endpoints are missing, and when people may be due to be
 * notified. Null: with the next explanation.
 */
export function nextAssessment(loaded: Pick<Loaded, 'incident' | 'tally'>, pace: ImpactPace): number | null {
  const { impact, openedAt } = loaded.incident;
  if (impact === null) return null;
  const { pods, unserved, at, notifyAt } = impact;
  const lacks = (pods !== null && pods.ready < pods.desired) || (unserved !== null && unserved.length > 0);
  const times = [
    ...(lacks ? [at + impactEveryMs(openedAt, at, pace)] : []),
    ...(notifyAt === null || settledBy(loaded) !== null ? [] : [notifyAt]),
  ];
  return times.length === 0 ? null : Math.min(...times);
}
