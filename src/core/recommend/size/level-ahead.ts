import type { Shape } from '../../evidence/shape/run-shape.ts';
import { trendOf } from '../../evidence/statistics.ts';
import type { Point } from '../../evidence/statistics.ts';

/** Parts of the run whose growth is compared. */
const parts = 8;

/**
 * The level (bytes) that a climb heads for when it slows down: its rate falls with its height, in a straight line for
 * every approach of the form level x (1 - exp(-t / tau)), and the line meets a rate of zero at the level. Null where
 * the rate does not fall.
 */
export function levelAhead({ samples }: Pick<Shape, 'samples'>): number | null {
  const size = Math.max(2, Math.floor(samples.length / parts));
  const rates: Point[] = [];
  for (let start = 0; start + size < samples.length; start += size) {
    const [from, to] = [samples[start], samples[start + size]];
    if (!from || !to) continue;
    const rate = (to.workingSetBytes - from.workingSetBytes) / ((to.t - from.t) / 1000);
    rates.push({ x: (from.workingSetBytes + to.workingSetBytes) / 2, y: rate });
  }
  const trend = trendOf(rates);
  return trend && trend.slope < 0 ? -trend.intercept / trend.slope : null;
}
