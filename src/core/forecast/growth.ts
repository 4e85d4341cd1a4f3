import { trendOf } from '../evidence/statistics.ts';
import type { UsagePoint } from '../evidence/usage-now.ts';
import { hourMs } from '../units/duration.ts';

/** What would fill up later than this is not called growing: the look is an hour long. */
const longestCourseMs = 24 * hourMs;
/** Fewer points make no course, and a course that goes up and down is none. */
const fewestPoints = 4;
const steadyTau = 0.6;
/** Growth of less than this share of the limit within the look is noise. */
const smallGrowth = 0.02;

/**
 * How fast a container grows (bytes per second, Theil-Sen) and in how many ms it is at its limit; null where it does
 * not grow steadily, has no limit, or is more than 24 h away from it.
 */
export function growthOf(
  points: readonly UsagePoint[],
  limitBytes: number | null,
): { readonly bytesPerSecond: number; readonly fullInMs: number } | null {
  const [first] = points;
  const last = points.at(-1);
  if (limitBytes === null || limitBytes <= 0 || points.length < fewestPoints || !first || !last) return null;
  const trend = trendOf(points.map(({ t, bytes }) => ({ x: (t - first.t) / 1000, y: bytes })));
  if (trend === null || trend.slope <= 0 || trend.tau < steadyTau) return null;
  const grown = trend.slope * ((last.t - first.t) / 1000);
  if (grown < smallGrowth * limitBytes) return null;
  const fullInMs = (Math.max(0, limitBytes - last.bytes) / trend.slope) * 1000;
  return fullInMs > longestCourseMs ? null : { bytesPerSecond: trend.slope, fullInMs: Math.round(fullInMs) };
}
