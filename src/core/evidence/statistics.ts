/** Middle value; of an even number the mean of the two in the middle. NaN for nothing. */
export function median(values: readonly number[]): number {
  // Numbers of a typed array are sorted as numbers, and several times as fast.
  const sorted = Float64Array.from(values).toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** A spread that outliers don't move: the median distance from the median. */
export function medianDeviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Trend {
  /** y per x: the median of the slopes of all pairs (Theil 1950, Sen 1968). Up to 29 % of wild points don't move it. */
  readonly slope: number;
  /** y at x = 0 of the line with that slope through the median residual. */
  readonly intercept: number;
  /** Kendall's tau, -1..1: how much more often a later point is higher than lower. */
  readonly tau: number;
}

/** More pairs than these points give add nothing; 150 points are 11 175 pairs. */
const mostPoints = 150;

/** A line through points, robust against outliers; null with fewer than three at different x. */
export function trendOf(points: readonly Point[]): Trend | null {
  const used = thinned(points);
  const slopes: number[] = [];
  let agreement = 0;
  for (const [index, a] of used.entries())
    for (const b of used.slice(index + 1)) {
      if (b.x === a.x) continue;
      slopes.push((b.y - a.y) / (b.x - a.x));
      agreement += Math.sign(b.y - a.y) * Math.sign(b.x - a.x);
    }
  if (slopes.length < 3) return null;
  const slope = median(slopes);
  return { slope, intercept: median(used.map(({ x, y }) => y - slope * x)), tau: agreement / slopes.length };
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostPoints) return points;
  const step = (points.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, index) => points[Math.round(index * step)]).filter(
    (point) => point !== undefined,
  );
}
