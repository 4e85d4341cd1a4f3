import type { UsageRun, UsageSample } from '../../core/evidence/evidence.ts';
import { bareOrNull } from '../../core/kill/cgroup.ts';
import { endsRun, killedAtMs } from '../../core/kill/kill.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { secondMs, minuteMs } from '../../core/units/duration.ts';
import { asScraped, untilEnd } from './as-scraped.ts';
import { cgroupsOf } from './cgroups.ts';
import type { Cgroup, Points } from './cgroups.ts';
import { loadAt } from './load-of.ts';
import type { Loads } from './load-of.ts';
import type { Series } from './query-range.ts';
import { revisionOf, STALLED, WORKING_SET } from './selector.ts';
import type { Span } from './windows.ts';

const FIELDS = [
  { metric: 'container_memory_rss', field: 'rssBytes' },
  { metric: 'container_memory_usage_bytes', field: 'usageBytes' },
  { metric: 'container_memory_cache', field: 'cacheBytes' },
  { metric: STALLED, field: 'stalledSeconds' },
] as const;

/** What was found in each window. */
export interface Looked {
  /** Every scrape of the latest minutes. */
  readonly close: readonly Series[];
  /** Of which time that is, by pod; the last one of all pods. */
  readonly spans: readonly (Span & { readonly pods: readonly string[] | 'all' })[];
  readonly wide: readonly Series[];
  /** Limits and starts. */
  readonly seldom: readonly Series[];
  readonly loads: Loads | null;
  /** ms between scrapes, and between the points of `wide` that say something new. */
  readonly closeMs: number;
  readonly wideMs: number;
  /** The last moment that was asked for in `wide`, ms UTC. */
  readonly wideTo: number;
}

/** The runs that some series show, in the order of time; kills tell when runs ended. */
export function runsOf(looked: Looked, kills: readonly Kill[]): readonly UsageRun[] {
  const workload = kills[0]?.subject.workload;
  const facts = factsOf(looked.seldom);
  const runs = bothOf(looked).flatMap((cgroup) => {
    const own = kills.filter(({ pod }) => pod === cgroup.pod);
    const spans =
      cgroup.hex === null
        ? spansBetween(own.filter(endsRun))
        : [spanOf(own.filter((kill) => bareOrNull(kill.containerId) === cgroup.hex))];
    return spans.map((span) => runOf(cgroup, span, looked, facts));
  });
  return endedByNext(runs)
    .filter(({ samples }) => samples.length > 0)
    .map((run) => ({
      ...run,
      revision: kills.find(({ pod }) => pod === run.pod)?.revision ?? (workload ? revisionOf(run.pod, workload) : null),
    }))
    .toSorted((a, b) => firstAt(a) - firstAt(b) || (a.pod < b.pod ? -1 : 1));
}

/** A cgroup as it was scraped lately, and in coarse steps before. */
interface Both {
  readonly pod: string;
  readonly hex: string | null;
  readonly close: Cgroup['byMetric'];
  readonly wide: Points;
}

function bothOf({ close, spans, wide, wideMs, wideTo }: Looked): readonly Both[] {
  const known = new Map<string, Both>();
  for (const { pod, hex, byMetric } of cgroupsOf(close))
    known.set(`${pod}/${hex ?? ''}`, { pod, hex, close: byMetric, wide: [] });
  for (const { pod, hex, byMetric } of cgroupsOf(wide)) {
    const key = `${pod}/${hex ?? ''}`;
    const all = withoutLinger(byMetric.get(WORKING_SET) ?? [], wideTo);
    const own = spans.filter(({ pods }) => pods === 'all' || pods.includes(pod));
    const before = asScraped(all, wideMs).filter(({ t }) => !own.some(({ from, to }) => t >= from && t <= to));
    const near = known.get(key);
    known.set(key, { pod, hex, close: near?.close ?? new Map<string, Points>(), wide: before });
  }
  // Both windows are of the same rows: where one of them knows ids, what has none is the same containers once more.
  const withIds = new Set([...known.values()].filter(({ hex }) => hex !== null).map(({ pod }) => pod));
  return [...known.values()].filter(({ pod, hex }) => hex !== null || !withIds.has(pod));
}

/** Prometheus' look-back: a series that has ended goes on at its last value for so long. */
const staleMs = 5 * minuteMs;

/** Points without the repeats of the last value that only the look-back explains; a series that reaches `end` has none. */
function withoutLinger(points: Points, end: number): Points {
  const last = points.at(-1);
  if (last === undefined || last.t >= end) return points;
  const begins = points.findLastIndex(({ v }) => v !== last.v) + 1;
  return points.filter(({ t }, index) => index <= begins || t <= last.t - staleMs);
}

interface RunSpan {
  /** What says most about the run: the kill that ended it, else the last of its processes'. */
  readonly kill: Kill | null;
  readonly from: number;
  readonly to: number;
}

/** The kills of one run: those of its processes did not end it. */
function spanOf(kills: readonly Kill[]): RunSpan {
  const end = kills.find(endsRun);
  // The kubelet writes whole seconds.
  const to = end ? killedAtMs(end) + secondMs : Infinity;
  return { kill: end ?? kills.at(-1) ?? null, from: -Infinity, to };
}

/** Without ids the kills cut the one series into runs. */
function spansBetween(kills: readonly Kill[]): readonly RunSpan[] {
  const sorted = kills.toSorted((a, b) => killedAtMs(a) - killedAtMs(b));
  const ends = sorted.map((kill) => killedAtMs(kill));
  const spans = sorted.map((kill, index) => {
    const started = kill.startedAt === null ? -Infinity : Date.parse(kill.startedAt);
    return { kill, from: Math.max(started, ends[index - 1] ?? -Infinity), to: killedAtMs(kill) };
  });
  return [...spans, { kill: null, from: (ends.at(-1) ?? -Infinity) + secondMs, to: Infinity }];
}

function runOf(
  { pod, hex, close, wide }: Both,
  { kill, from, to }: RunSpan,
  { closeMs, wideMs, loads }: Looked,
  { limits, starts, podLimits }: Facts,
): UsageRun {
  const isOwn = ({ t, v }: Points[number]): boolean => t >= from && t <= to && v > 0;
  const near = (close.get(WORKING_SET) ?? []).filter(isOwn);
  const far = untilEnd(wide.filter(isOwn), to, wideMs);
  const others = FIELDS.map(({ metric, field }) => ({
    field,
    at: new Map(close.get(metric)?.map(({ t, v }) => [t, v])),
  }));
  const load = loads?.of(pod) ?? [];
  const start = starts.get(`${pod}/${hex ?? ''}`);
  return {
    pod,
    containerId: kill?.containerId ?? hex,
    revision: null,
    startedAt: kill?.startedAt ? Date.parse(kill.startedAt) : start === undefined || hex === null ? null : start * 1000,
    killedAt: kill && endsRun(kill) ? killedAtMs(kill) : null,
    // cAdvisor reports 0 for no limit.
    limitBytes:
      kill?.limitInForceBytes ??
      kill?.limitBytes ??
      limits.get(`${pod}/${hex ?? ''}`)?.findLast(({ t }) => t <= to)?.v ??
      podLimits.get(pod) ??
      null,
    samples: [
      ...far.map(({ t, v }): UsageSample => ({ t, workingSetBytes: v })),
      ...near.map(({ t, v }): UsageSample => {
        const own = loadAt(load, t, closeMs);
        return {
          t,
          workingSetBytes: v,
          ...Object.fromEntries(others.flatMap(({ field, at }) => (at.has(t) ? [[field, at.get(t)]] : []))),
          ...(own === null ? {} : { load: own }),
        };
      }),
    ].toSorted((a, b) => a.t - b.t),
  };
}

/** A run whose kill nobody knows of ended, at the latest, when the next one of its pod began. */
function endedByNext(runs: readonly UsageRun[]): readonly UsageRun[] {
  const nextOf = new Map<UsageRun, number>();
  for (const ofPod of Map.groupBy(runs, ({ pod }) => pod).values()) {
    let [at, next] = [Infinity, Infinity];
    for (const run of ofPod.toSorted((a, b) => firstAt(b) - firstAt(a))) {
      if (firstAt(run) < at) [at, next] = [firstAt(run), at];
      nextOf.set(run, next);
    }
  }
  return runs.map((run) => {
    const next = nextOf.get(run) ?? Infinity;
    if (run.killedAt !== null || next === Infinity) return run;
    return { ...run, samples: run.samples.filter(({ t }) => t < next) };
  });
}

interface Facts {
  /** By cgroup, over time, bytes; 0 = none. */
  readonly limits: ReadonlyMap<string, Points>;
  /** By cgroup, seconds UTC. */
  readonly starts: ReadonlyMap<string, number>;
  /** Limits as kube-state-metrics tells them, by pod. */
  readonly podLimits: ReadonlyMap<string, number>;
}

function factsOf(series: readonly Series[]): Facts {
  const cgroups = cgroupsOf(series);
  const keyed = <T>(metric: string, read: (points: Points) => T): ReadonlyMap<string, T> =>
    new Map(
      cgroups.flatMap(({ pod, hex, byMetric }) => {
        const points = byMetric.get(metric);
        return points === undefined ? [] : [[`${pod}/${hex ?? ''}`, read(points)] as const];
      }),
    );
  const isPodLimit = ({ labels }: Series): boolean =>
    labels['__name__'] === 'kube_pod_container_resource_limits' && labels['resource'] === 'memory';
  return {
    limits: keyed('container_spec_memory_limit_bytes', (points) => points),
    starts: keyed('container_start_time_seconds', (points) => points.at(-1)?.v ?? 0),
    podLimits: new Map(
      series.filter(isPodLimit).flatMap(({ labels, points }) => {
        const last = points.at(-1)?.v;
        return last === undefined ? [] : [[labels['pod'] ?? '', last] as const];
      }),
    ),
  };
}

function firstAt(run: UsageRun): number {
  return run.samples[0]?.t ?? Infinity;
}
