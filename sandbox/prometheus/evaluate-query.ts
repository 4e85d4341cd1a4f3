import { matches, type Query } from './promql.ts';

export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** In the order of time; `v` null is a staleness marker. `t` in ms UTC. */
  readonly points: readonly { readonly t: number; readonly v: number | null }[];
}

interface VectorSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const labelsOnly = new WeakMap<object, StoredSeries['labels']>();

/** How far an instant looks back for a value when no staleness marker says that the series has ended. */
const lookBackMs = 300_000;

/** Where series come from; of one metric, and of that in one namespace, where these are given. */
export interface SeriesSource {
  readonly series: (name?: string, namespace?: string) => readonly StoredSeries[];
}

/** The series that a query looks at: chosen once, they need not be searched for at every step of a range. */
export function seriesFor({ matchers }: Query, source: SeriesSource): readonly StoredSeries[] {
  const equal = (wanted: string): string | undefined =>
    matchers.find(({ label, operator }) => label === wanted && operator === '=')?.value;
  return source.series(equal('__name__'), equal('namespace')).filter(({ labels }) => matches(labels, matchers));
}

/** The value of a query at one moment (ms UTC), one sample per series of those that it looks at. */
export function evaluateAt(query: Query, chosen: readonly StoredSeries[], at: number): readonly VectorSample[] {
  const { max, rangeMs } = query;
  const samples = rangeMs === null ? instantAt(query, chosen, at) : overTimeAt(query, chosen, at);
  return max === null ? samples : largest(samples, max.by).filter(({ value }) => value > max.above);
}

function instantAt({ isOfTime }: Query, chosen: readonly StoredSeries[], at: number): readonly VectorSample[] {
  return chosen.flatMap(({ labels, points }) => {
    const point = points[lastIndexAt(points, at)];
    const fresh = point !== undefined && point.v !== null && point.t > at - lookBackMs;
    if (!fresh || point.v === null) return [];
    return isOfTime ? [{ labels: unnamed(labels), value: point.t / 1000 }] : [{ labels, value: point.v }];
  });
}

/** `max_over_time` or `last_over_time` of each series; the last keeps its name, as Prometheus has it. */
function overTimeAt(query: Query, chosen: readonly StoredSeries[], at: number): readonly VectorSample[] {
  const { overTime, rangeMs } = query;
  return chosen.flatMap((series) => {
    const { labels, points } = series;
    const newest = points[lastIndexAt(points, at)];
    if (newest === undefined || newest.t < at - (rangeMs ?? 0)) return [];
    if (overTime === 'last' && newest.v !== null) return [{ labels, value: newest.v }];
    const values = samplesIn(query, series, at).map(({ v }) => v);
    const last = values.at(-1);
    if (last === undefined) return [];
    return overTime === 'last'
      ? [{ labels, value: last }]
      : [{ labels: unnamed(labels), value: values.reduce(larger) }];
  });
}

/** What a function returns has no name. Always the same object for the same labels. */
function unnamed(labels: StoredSeries['labels']): StoredSeries['labels'] {
  const known = labelsOnly.get(labels);
  if (known !== undefined) return known;
  const { __name__: _, ...rest } = labels;
  labelsOnly.set(labels, rest);
  return rest;
}

/** What a range selector finds of one series at one moment (ms UTC): its samples, without staleness markers. */
export function samplesIn(
  { rangeMs }: Query,
  { points }: StoredSeries,
  at: number,
): readonly { readonly t: number; readonly v: number }[] {
  const from = lastIndexAt(points, at - (rangeMs ?? 0) - 1) + 1;
  return points.slice(from, lastIndexAt(points, at) + 1).flatMap(({ t, v }) => (v === null ? [] : [{ t, v }]));
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

function largest(samples: readonly VectorSample[], by: readonly string[]): readonly VectorSample[] {
  const groups = new Map<string, VectorSample>();
  for (const { labels, value } of samples) {
    const kept = Object.fromEntries(
      by.flatMap((label) => {
        const text = labels[label];
        return text === undefined ? [] : [[label, text]];
      }),
    );
    const key = JSON.stringify(kept);
    groups.set(key, { labels: kept, value: larger(groups.get(key)?.value ?? -Infinity, value) });
  }
  return [...groups.values()];
}

/** What is no number is less than any, as it is to Prometheus. */
function larger(a: number, b: number): number {
  return Number.isNaN(a) || b > a ? b : a;
}
