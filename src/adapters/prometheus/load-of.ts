import type { LoadSource } from '../../core/evidence/evidence.ts';
import type { LoadQuery } from '../../core/evidence/load-query.ts';
import { together } from './cgroups.ts';
import type { Points } from './cgroups.ts';
import type { Series } from './query-range.ts';
import { CPU, PACKETS } from './selector.ts';

export interface Loads {
  readonly from: LoadSource;
  /** The counter that it is the rate of; null for a query that was named. */
  readonly counter: string | null;
  /** Of one pod, or of its workload; for a stand-in per second. */
  readonly of: (pod: string) => Points;
}

/** What scales a workload may be a queue or a time instead of its load, so it is a stand-in. */
const NAMED: Readonly<Record<LoadQuery['by'], LoadSource>> = {
  policy: { words: 'the load that the policy names', isProxy: false },
  annotation: { words: 'the load that its annotation names', isProxy: false },
  keda: { words: 'the metric that KEDA scales it by', isProxy: true },
  hpa: { words: 'the metric that its HPA scales it by', isProxy: true },
};

/** The load by a query that was named; null where the answer is not one series, or a stand-in that never changes. */
export function namedLoad({ by }: LoadQuery, series: readonly Series[]): Loads | null {
  const [one, ...others] = series;
  if (one === undefined || others.length > 0) return null;
  const from = NAMED[by];
  const changes = one.points.some(({ v }) => v !== one.points[0]?.v);
  return from.isProxy && !changes ? null : { from, counter: null, of: () => one.points };
}

/** What to say of an answer that is not one series; null where there is nothing to say. */
export function whyUnnamed({ by }: LoadQuery, { length }: readonly Series[]): string | null {
  // Not everybody collects what autoscalers go by.
  if (length === 1 || (by === 'hpa' && length === 0)) return null;
  const query = { policy: 'by the policy', annotation: 'by the annotation', keda: 'by KEDA', hpa: 'by its HPA' }[by];
  return `its load ${query} is ${length} series, and has to be one`;
}

/** Where no query that is named says what load is: the first of these that changes at all. Each is a stand-in, and named as one. */
const PROXIES = [
  { counter: PACKETS, words: 'packets received by its pod' },
  { counter: CPU, words: 'CPU time that it used' },
] as const;

/** Load by stand-ins, from counters as they were scraped; null where there are none. */
export function loadsOf(series: readonly Series[]): Loads | null {
  for (const { counter, words } of PROXIES) {
    const counters = series.filter(({ labels }) => labels['__name__'] === counter);
    const byPod = new Map<string, Points>();
    for (const [pod, all] of Map.groupBy(counters, ({ labels }) => labels['pod'] ?? '')) {
      const points = ratesOf(mainOf(all));
      if (points.some(({ v }) => v > 0)) byPod.set(pod, points);
    }
    if (byPod.size > 0) return { from: { words, isProxy: true }, counter, of: (pod) => byPod.get(pod) ?? [] };
  }
  return null;
}

/** Each run has counters of its own; of several interfaces of one cgroup the one that counted most. */
function mainOf(all: readonly Series[]): readonly Points[] {
  const counted = (points: Points): number => (points.at(-1)?.v ?? 0) - (points[0]?.v ?? 0);
  const byCgroup = Map.groupBy(all, ({ labels }) => `${labels['id'] ?? ''}/${labels['name'] ?? ''}`);
  return [...byCgroup.values()].map((ofCgroup) => {
    const byInterface = Map.groupBy(ofCgroup, ({ labels }) => labels['interface'] ?? '');
    const each = [...byInterface.values()].map((same) => together(same.map(({ points }) => points)));
    return each.reduce((most, one) => (counted(one) > counted(most) ? one : most));
  });
}

/** A counter that falls was reset: what came in between is not known. */
function ratesOf(counters: readonly Points[]): Points {
  return counters
    .flatMap((points) =>
      points.slice(1).flatMap(({ t, v }, index) => {
        const before = points[index];
        if (before === undefined || v < before.v || t <= before.t) return [];
        return [{ t, v: ((v - before.v) * 1000) / (t - before.t) }];
      }),
    )
    .toSorted((a, b) => a.t - b.t);
}

/** The load in which a moment lies: the rate until the next reading, which is at most `reachMs` later. */
export function loadAt(points: Points, t: number, reachMs: number): number | null {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.t ?? 0) < t) low = middle + 1;
    else high = middle;
  }
  const next = points[low];
  return next !== undefined && next.t - t <= reachMs ? next.v : null;
}
