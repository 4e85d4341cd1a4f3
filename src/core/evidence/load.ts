import type { UsageSample } from './evidence.ts';

/** How usage goes with load. */
export interface Correlation {
  /** Spearman's rank correlation of working set and load, -1..1: a bend or a jump in either does not hide it. */
  readonly value: number;
  /** Samples that had both. */
  readonly count: number;
  /** Whether it is more than chance gives one time in a hundred. */
  readonly clear: boolean;
}

/** With fewer pairs even a perfect order is chance (Zar 1972, table of critical values: at 1 % none below 7). */
const fewestPairs = 7;
/** Two-sided 1 % of the normal distribution, which `value * sqrt(count - 1)` has for unrelated pairs (Kendall 1948). */
const onePercent = 2.576;

/** Null where load was not measured, too seldom, or never changed. */
export function loadCorrelation(samples: readonly UsageSample[]): Correlation | null {
  const pairs = samples.flatMap(({ workingSetBytes, load }) =>
    load !== undefined && Number.isFinite(load) ? [{ bytes: workingSetBytes, load }] : [],
  );
  if (pairs.length < fewestPairs) return null;
  const bytes = ranksOf(pairs.map((pair) => pair.bytes));
  const load = ranksOf(pairs.map((pair) => pair.load));
  const value = pearson(bytes, load);
  if (!Number.isFinite(value)) return null;
  return { value, count: pairs.length, clear: Math.abs(value) * Math.sqrt(pairs.length - 1) > onePercent };
}

/** Equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((value, index) => ({ value, index })).toSorted((a, b) => a.value - b.value);
  const ranks: number[] = values.map(() => 0);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && order[to]?.value === order[from]?.value) to += 1;
    for (const { index } of order.slice(from, to)) ranks[index] = (from + to - 1) / 2;
  }
  return ranks;
}

function pearson(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [middleX, middleY] = [mean(xs), mean(ys)];
  let [both, ofX, ofY] = [0, 0, 0];
  for (const [index, x] of xs.entries()) {
    const y = ys[index] ?? 0;
    both += (x - middleX) * (y - middleY);
    ofX += (x - middleX) ** 2;
    ofY += (y - middleY) ** 2;
  }
  return both / Math.sqrt(ofX * ofY);
}
