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
  readonly series: () => readonly Series[];
}

export interface SampleStore extends SampleSource {
  /** A point that is not newer than the series' last one is dropped, as Prometheus drops it. */
  readonly add: (labels: Readonly<Record<string, string>>, t: number, v: number | null) => void;
}

const mostPoints = 20_000;

/** Series in memory, bounded by points per series. */
export function createSampleStore(): SampleStore {
  const known = new Map<string, { readonly labels: Readonly<Record<string, string>>; points: SamplePoint[] }>();
  const keys = new WeakMap<object, string>();
  return {
    series: () => [...known.values()],
    add: (labels, t, v) => {
      const key = keys.get(labels) ?? JSON.stringify(labels);
      keys.set(labels, key);
      const series = known.get(key) ?? { labels, points: [] };
      known.set(key, series);
      const last = series.points.at(-1);
      if (last !== undefined && (last.t >= t || (last.v === null && v === null))) return;
      if (last === undefined && v === null) return;
      series.points.push({ t, v });
      if (series.points.length > mostPoints) series.points = series.points.slice(-mostPoints / 2);
    },
  };
}
