import { matches, type Comparison, type Expression } from './promql.ts';

export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** In the order of time; `v` null is a staleness marker. `t` in ms UTC. */
  readonly points: readonly { readonly t: number; readonly v: number | null }[];
}

export interface VectorSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How far an instant looks back for a value when no staleness marker says that the series has ended. */
const lookBackMs = 300_000;

/** Where series come from; of one metric, and of that in one namespace, where these are given. */
export interface SeriesSource {
  readonly series: (name?: string, namespace?: string) => readonly StoredSeries[];
}

/** The series that an expression looks at: chosen once, they need not be searched for at every step of a range. */
export function seriesFor(expression: Expression, source: SeriesSource): readonly StoredSeries[] {
  if (expression.kind === 'aggregate' || expression.kind === 'compare') return seriesFor(expression.of, source);
  const { matchers } = expression;
  const equal = (wanted: string): string | undefined =>
    matchers.find(({ label, operator }) => label === wanted && operator === '=')?.value;
  return source.series(equal('__name__'), equal('namespace')).filter(({ labels }) => matches(labels, matchers));
}

const comparisons: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** The value of an expression at one moment (ms UTC), one sample per series of those that it looks at. */
export function evaluateAt(expression: Expression, chosen: readonly StoredSeries[], at: number): VectorSample[] {
  switch (expression.kind) {
    case 'selector':
      return chosen.flatMap(({ labels, points }) => {
        const point = points[lastIndexAt(points, at)];
        const fresh = point !== undefined && point.v !== null && point.t > at - lookBackMs;
        return fresh && point.v !== null ? [{ labels, value: point.v }] : [];
      });
    case 'maxOverTime':
      return chosen.flatMap(({ labels, points }) => {
        const last = lastIndexAt(points, at);
        let value: number | undefined;
        for (let index = last; index >= 0; index -= 1) {
          const point = points[index];
          if (point === undefined || point.t <= at - expression.windowMs) break;
          if (point.v !== null) value = Math.max(value ?? -Infinity, point.v);
        }
        const { __name__: _name, ...rest } = labels;
        return value === undefined ? [] : [{ labels: rest, value }];
      });
    case 'compare': {
      const { than } = expression;
      const holds = comparisons[expression.operator];
      return evaluateAt(expression.of, chosen, at).filter(({ value }) => holds(value, than));
    }
    case 'aggregate':
      return aggregate(expression, evaluateAt(expression.of, chosen, at));
  }
}

/** Index of the newest point that is not younger than `at`; -1 when there is none. */
function lastIndexAt(points: StoredSeries['points'], at: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.t ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function aggregate(
  { operator, by }: Extract<Expression, { kind: 'aggregate' }>,
  samples: readonly VectorSample[],
): VectorSample[] {
  const groups = new Map<string, VectorSample>();
  for (const { labels, value } of samples) {
    const kept = Object.fromEntries(
      by.flatMap((label) => {
        const text = labels[label];
        return text === undefined ? [] : [[label, text]];
      }),
    );
    const key = JSON.stringify(kept);
    const before = groups.get(key)?.value;
    const joined = operator === 'sum' ? (before ?? 0) + value : Math.max(before ?? -Infinity, value);
    groups.set(key, { labels: kept, value: joined });
  }
  return [...groups.values()];
}
