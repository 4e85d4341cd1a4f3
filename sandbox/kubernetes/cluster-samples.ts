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
  /** Of one metric, where its name is given. */
  readonly series: (name?: string) => readonly Series[];
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
  const metrics = new Map<string, Map<string, StoredSeries>>();
  const byLabels = new WeakMap<object, StoredSeries>();

  function seriesOf(labels: Readonly<Record<string, string>>): StoredSeries {
    const found = byLabels.get(labels);
    if (found !== undefined) return found;
    const name = labels['__name__'] ?? '';
    const metric = metrics.get(name) ?? new Map<string, StoredSeries>();
    metrics.set(name, metric);
    const key = JSON.stringify(labels);
    const series = metric.get(key) ?? { labels, points: [] };
    metric.set(key, series);
    byLabels.set(labels, series);
    return series;
  }

  return {
    series: (name) =>
      name === undefined
        ? [...metrics.values()].flatMap((metric) => [...metric.values()])
        : [...(metrics.get(name)?.values() ?? [])],
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
