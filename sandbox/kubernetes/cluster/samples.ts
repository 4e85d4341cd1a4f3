/** One time series; `v` null is Prometheus' staleness marker. Points are in the order of time. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly SamplePoint[];
}

export interface SamplePoint {
  /** Real ms UTC. */
  readonly t: number;
  readonly v: number | null;
}

/** What a Prometheus server would have stored of the pretend cluster. */
export interface SampleSource {
  /** Of one metric, and of that in one namespace, where these are given. */
  readonly series: (name?: string, namespace?: string) => readonly Series[];
}

export interface SampleStore extends SampleSource {
  /**
   * A point that is not newer than the series' last one is dropped, as Prometheus drops it. Equal labels are one series;
   * the same object again is found soonest.
   */
  readonly add: (labels: Readonly<Record<string, string>>, t: number, v: number | null) => void;
}

interface StoredSeries extends Series {
  points: SamplePoint[];
}

const mostPoints = 20_000;

/** Series in memory, bounded by points per series. */
export function createSampleStore(): SampleStore {
  /** By metric, by namespace, by labels. */
  const metrics = new Map<string, Map<string, Map<string, StoredSeries>>>();
  const byLabels = new WeakMap<object, StoredSeries>();

  function seriesOf(labels: Readonly<Record<string, string>>): StoredSeries {
    const found = byLabels.get(labels);
    if (found !== undefined) return found;
    const { __name__: name = '', namespace = '' } = labels;
    const metric = metrics.get(name) ?? new Map<string, Map<string, StoredSeries>>();
    metrics.set(name, metric);
    const known = metric.get(namespace) ?? new Map<string, StoredSeries>();
    metric.set(namespace, known);
    const key = JSON.stringify(labels);
    const series = known.get(key) ?? { labels, points: [] };
    known.set(key, series);
    byLabels.set(labels, series);
    return series;
  }

  return {
    series: (name, namespace) =>
      chosen(metrics, name)
        .flatMap((metric) => chosen(metric, namespace))
        .flatMap((known) => [...known.values()]),
    add: (labels, t, v) => {
      const series = seriesOf(labels);
      const last = series.points.at(-1);
      if (last !== undefined && (last.t >= t || (last.v === null && v === null))) return;
      if (last === undefined && v === null) return;
      series.points.push({ t, v });
      if (series.points.length > mostPoints) series.points = series.points.slice(-mostPoints / 2);
    },
  };
}

/** The one with this key, or all of them. */
function chosen<T>(of: ReadonlyMap<string, T>, key: string | undefined): readonly T[] {
  if (key === undefined) return [...of.values()];
  const found = of.get(key);
  return found === undefined ? [] : [found];
}
