import type { UsageSample } from '../evidence.ts';
import { median, medianDeviation, trendOf } from '../statistics.ts';
import type { Point, Trend } from '../statistics.ts';

/** Median distance of the points from a line. */
export function scatterOf(points: readonly Point[], { slope, intercept }: Trend): number {
  return median(points.map(({ x, y }) => Math.abs(y - intercept - slope * x)));
}

/** Load that varies by less than this around its middle tells work from time no better than a clock. */
const variedLoad = 0.15;
/** By how much straighter a line by work has to be. */
const straighter = 0.6;

/**
 * Usage by the work that was done until then instead of by time; null where load was not measured or hardly varies, or
 * where that line is not clearly the straighter one. What each request leaves behind grows in a line by the number of
 * requests, while by time it bows with every rise and fall of the traffic.
 */
export function byWork(
  samples: readonly UsageSample[],
  points: readonly Point[],
  smallRise: number,
): readonly Point[] | null {
  const loads = samples.map(({ load }) => load ?? Number.NaN);
  const middle = median(loads.filter((load) => load >= 0));
  if (loads.some((load) => !(load >= 0)) || medianDeviation(loads) < variedLoad * middle) return null;
  let done = 0;
  const work = points.map(({ x, y }, index) => {
    const before = points[index - 1];
    // Load is what was asked since the sample before, so it counts up to this one.
    done += before === undefined ? 0 : (loads[index] ?? 0) * (x - before.x);
    return { x: done, y };
  });
  const [byTime, byLoad] = [trendOf(points), trendOf(work)];
  if (byTime === null || byLoad === null || byTime.slope * (points.at(-1)?.x ?? 0) < smallRise) return null;
  return scatterOf(work, byLoad) < straighter * scatterOf(points, byTime) ? work : null;
}
