import { labelledPlace } from '../../core/kill/cgroup.ts';
import { median } from '../../core/evidence/statistics.ts';
import type { Series } from './query-range.ts';
import { WORKING_SET } from './selector.ts';

export type Points = Series['points'];

/** The series of one cgroup (or of one pod's container where only /metrics/resource is scraped), by metric. */
export interface Cgroup {
  readonly pod: string;
  /** 64 hex digits; null where the labels don't tell runs apart. */
  readonly hex: string | null;
  readonly byMetric: ReadonlyMap<string, Points>;
}

/**
 * Series by cgroup. Those without an id only where the pod has no others: both are the same container twice. Series
 * without a name are working sets: an aggregation drops it.
 */
export function cgroupsOf(series: readonly Series[]): readonly Cgroup[] {
  const groups = new Map<string, { pod: string; hex: string | null; all: Map<string, Points[]> }>();
  for (const { labels, points } of series) {
    const pod = labels['pod'] ?? '';
    const hex = labelledPlace({ id: labels['id'] ?? null, name: labels['name'] ?? null }).containerId;
    const metric = labels['__name__'] ?? WORKING_SET;
    if (points.length === 0 || metric.startsWith('kube_')) continue;
    const key = `${pod}/${hex ?? ''}`;
    const group = groups.get(key) ?? { pod, hex, all: new Map<string, Points[]>() };
    groups.set(key, group);
    const same = group.all.get(metric) ?? [];
    group.all.set(metric, same);
    same.push(points);
  }
  const withIds = new Set([...groups.values()].filter(({ hex }) => hex !== null).map(({ pod }) => pod));
  return [...groups.values()]
    .filter(({ pod, hex }) => hex !== null || !withIds.has(pod))
    .map(({ pod, hex, all }) => ({
      pod,
      hex,
      byMetric: new Map([...all].map(([metric, same]) => [metric, together(same)])),
    }));
}

/**
 * Several series of one cgroup: two jobs that scrape the same kubelet, two servers of a pair, or the same moments asked
 * twice. The fullest of them, never a sum, and of the others only what fills its gaps: each server was restarted once.
 */
export function together(same: readonly Points[]): Points {
  const startOf = (points: Points): number => points[0]?.t ?? 0;
  const [fullest = [], ...others] = same.toSorted((a, b) => b.length - a.length || startOf(a) - startOf(b));
  return others.reduce(filled, fullest);
}

function filled(points: Points, others: Points): Points {
  const apartMs = gapOf([points]) ?? 0;
  let index = 0;
  const missing = others.filter(({ t }) => {
    while ((points[index]?.t ?? Infinity) < t) index += 1;
    const [before, after] = [points[index - 1]?.t ?? -Infinity, points[index]?.t ?? Infinity];
    return t - before > apartMs && after - t > apartMs;
  });
  return missing.length === 0 ? points : [...points, ...missing].toSorted((a, b) => a.t - b.t);
}

/** Median time between the points of some series, ms; null where none has two. */
export function gapOf(all: readonly Points[]): number | null {
  const gaps = all.flatMap((points) => points.slice(1).map(({ t }, index) => t - (points[index]?.t ?? t)));
  return gaps.length === 0 ? null : median(gaps);
}
