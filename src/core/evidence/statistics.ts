/** Middle value; of an even number the mean of the two in the middle. NaN for nothing, and none of the values may be NaN. */
export function median(values: readonly number[]): number {
  return medianIn(Float64Array.from(values));
}

/** As `median`, of values whose order is nobody's: it is another one afterwards. */
function medianIn(values: Float64Array): number {
  const middle = values.length >> 1;
  select(values, middle);
  const upper = values[middle] ?? Number.NaN;
  if (values.length % 2 === 1) return upper;
  return (upper + values.subarray(0, middle).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)) / 2;
}

/**
 * Puts at `index` what would be there in order, nothing greater before it, and nothing smaller behind. Hoare's selection
 * (1961), where a sort of all pairs' slopes took five sixths of a trend. What it does not halve is sorted (Musser 1997), so
 * that no values take longer than that.
 */
function select(values: Float64Array, index: number): void {
  let [first, last] = [0, values.length - 1];
  for (let roundsLeft = 2 * Math.log2(values.length); first < last; roundsLeft -= 1) {
    if (roundsLeft < 0) {
      values.subarray(first, last + 1).sort();
      return;
    }
    const pivot = values[(first + last) >> 1] ?? Number.NaN;
    let [low, high] = [first, last];
    while (low <= high) {
      while ((values[low] ?? pivot) < pivot) low += 1;
      while ((values[high] ?? pivot) > pivot) high -= 1;
      if (low > high) break;
      const lower = values[high] ?? pivot;
      values[high] = values[low] ?? pivot;
      values[low] = lower;
      low += 1;
      high -= 1;
    }
    if (index <= high) last = high;
    else if (index >= low) first = low;
    else return;
  }
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
  const slopes = new Float64Array((used.length * (used.length - 1)) / 2);
  let [pairs, agreement] = [0, 0];
  for (const [index, a] of used.entries())
    // By number: a copy of the rest for each point takes half as long as all else here.
    for (let other = index + 1; other < used.length; other += 1) {
      const { x, y } = used[other] ?? a;
      if (x === a.x) continue;
      slopes[pairs] = (y - a.y) / (x - a.x);
      agreement += Math.sign(y - a.y) * Math.sign(x - a.x);
      pairs += 1;
    }
  if (pairs < 3) return null;
  const slope = medianIn(slopes.subarray(0, pairs));
  return { slope, intercept: median(used.map(({ x, y }) => y - slope * x)), tau: agreement / pairs };
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostPoints) return points;
  const step = (points.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, index) => points[Math.round(index * step)]).filter(
    (point) => point !== undefined,
  );
}
