import type { UsageRun, UsageSample } from '../../core/evidence/evidence.ts';
import { bareOrNull, labelledPlace } from '../../core/kill/cgroup.ts';
import { endsRun, killedAtMs } from '../../core/kill/kill.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { Series } from './query-range.ts';
import { revisionOf } from './selector.ts';
import { asScraped, untilEnd } from './as-scraped.ts';
import { secondMs, minuteMs } from '../../core/units/duration.ts';

/** The series of one cgroup (or of one pod's container where only /metrics/resource is scraped), by metric. */
interface Cgroup {
  readonly pod: string;
  /** 64 hex digits; null where the labels don't tell runs apart. */
  readonly hex: string | null;
  readonly byMetric: ReadonlyMap<string, Series['points']>;
}

const WORKING_SET = 'container_memory_working_set_bytes';
/** Has no time stamp of its own, unlike usage: Prometheus ends it when the container goes. */
const SPEC_LIMIT = 'container_spec_memory_limit_bytes';
const FIELDS = [
  { metric: 'container_memory_rss', field: 'rssBytes' },
  { metric: 'container_memory_usage_bytes', field: 'usageBytes' },
] as const;

/** The runs that some series show, in the order of time; kills tell when runs ended. */
export function runsOf(series: readonly Series[], kills: readonly Kill[], intervalMs: number): readonly UsageRun[] {
  const workload = kills[0]?.subject.workload;
  const limits = podLimits(series);
  const runs = cgroupsOf(series).flatMap((cgroup) => {
    const own = kills.filter(({ pod }) => pod === cgroup.pod);
    const spans =
      cgroup.hex === null
        ? spansBetween(own.filter(endsRun))
        : [spanOf(own.filter((kill) => bareOrNull(kill.containerId) === cgroup.hex))];
    return spans.map((span) => runOf(cgroup, span, intervalMs, limits.get(cgroup.pod) ?? null));
  });
  return endedByNext(runs, intervalMs)
    .filter(({ samples }) => samples.length > 0)
    .map((run) => ({
      ...run,
      revision: kills.find(({ pod }) => pod === run.pod)?.revision ?? (workload ? revisionOf(run.pod, workload) : null),
    }))
    .toSorted((a, b) => firstAt(a) - firstAt(b));
}

/** Points of working sets, one list per cgroup: what the scrape interval is worked out from. */
export function workingSets(series: readonly Series[]): readonly Series['points'][] {
  return cgroupsOf(series).map(({ byMetric }) => byMetric.get(WORKING_SET) ?? []);
}

interface Span {
  /** What says most about the run: the kill that ended it, else the last of its processes'. */
  readonly kill: Kill | null;
  readonly from: number;
  readonly to: number;
}

/** The kills of one run: those of its processes did not end it. */
function spanOf(kills: readonly Kill[]): Span {
  const end = kills.find(endsRun);
  // The kubelet writes whole seconds.
  const to = end ? killedAtMs(end) + secondMs : Infinity;
  return { kill: end ?? kills.at(-1) ?? null, from: -Infinity, to };
}

/** Without ids the kills cut the one series into runs. */
function spansBetween(kills: readonly Kill[]): readonly Span[] {
  const sorted = kills.toSorted((a, b) => killedAtMs(a) - killedAtMs(b));
  const ends = sorted.map((kill) => killedAtMs(kill));
  const spans = sorted.map((kill, index) => {
    const started = kill.startedAt === null ? -Infinity : Date.parse(kill.startedAt);
    return { kill, from: Math.max(started, ends[index - 1] ?? -Infinity), to: killedAtMs(kill) };
  });
  return [...spans, { kill: null, from: (ends.at(-1) ?? -Infinity) + secondMs, to: Infinity }];
}

function runOf(
  { pod, hex, byMetric }: Cgroup,
  { kill, from, to }: Span,
  intervalMs: number,
  podLimit: number | null,
): UsageRun {
  const seenUntil = byMetric.get(SPEC_LIMIT)?.at(-1)?.t ?? Infinity;
  const raw = (byMetric.get(WORKING_SET) ?? []).filter(({ t, v }) => t >= from && t <= seenUntil && v > 0);
  const points = asScraped(untilEnd(raw, to, intervalMs), intervalMs);
  const others = FIELDS.map(({ metric, field }) => ({
    field,
    at: new Map(byMetric.get(metric)?.map(({ t, v }) => [t, v])),
  }));
  const specLimit = byMetric.get(SPEC_LIMIT)?.findLast(({ t }) => t <= to)?.v;
  const start = byMetric.get('container_start_time_seconds')?.at(-1)?.v;
  return {
    pod,
    containerId: kill?.containerId ?? hex,
    revision: null,
    startedAt: kill?.startedAt ? Date.parse(kill.startedAt) : start === undefined || hex === null ? null : start * 1000,
    killedAt: kill && endsRun(kill) ? killedAtMs(kill) : null,
    // cAdvisor reports 0 for no limit.
    limitBytes: kill?.limitInForceBytes ?? kill?.limitBytes ?? specLimit ?? podLimit,
    samples: points.map(({ t, v }): UsageSample => ({
      t,
      workingSetBytes: v,
      ...Object.fromEntries(others.flatMap(({ field, at }) => (at.has(t) ? [[field, at.get(t)]] : []))),
    })),
  };
}

/** A run whose kill nobody knows of ended, at the latest, when the next one of its pod began. */
function endedByNext(runs: readonly UsageRun[], intervalMs: number): readonly UsageRun[] {
  const nextOf = new Map<UsageRun, number>();
  for (const ofPod of Map.groupBy(runs, ({ pod }) => pod).values()) {
    let [at, next] = [Infinity, Infinity];
    for (const run of ofPod.toSorted((a, b) => firstAt(b) - firstAt(a))) {
      if (firstAt(run) < at) [at, next] = [firstAt(run), at];
      nextOf.set(run, next);
    }
  }
  return runs.map((run) => {
    if (run.killedAt !== null) return run;
    const next = nextOf.get(run) ?? Infinity;
    if (next === Infinity) return run;
    const last = run.samples.findLastIndex(({ t }) => t < next);
    const runBegins =
      run.samples
        .slice(0, last + 1)
        .findLastIndex(({ workingSetBytes }) => workingSetBytes !== run.samples[last]?.workingSetBytes) + 1;
    const stale = (run.samples[last]?.t ?? 0) - (run.samples[runBegins]?.t ?? 0) <= staleMs + intervalMs;
    return { ...run, samples: run.samples.slice(0, (stale ? runBegins : last) + 1) };
  });
}

/** Prometheus' look-back: a series that has ended goes on at its last value for so long. */
const staleMs = 5 * minuteMs;

/** Series by cgroup. Those without an id only where the pod has no others: both are the same container twice. */
function cgroupsOf(series: readonly Series[]): readonly Cgroup[] {
  const groups = new Map<string, { pod: string; hex: string | null; byMetric: Map<string, Series['points']> }>();
  for (const { labels, points } of series) {
    const pod = labels['pod'] ?? '';
    const hex = labelledPlace({ id: labels['id'] ?? null, name: labels['name'] ?? null }).containerId;
    const metric = labels['__name__'] ?? '';
    if (points.length === 0 || metric.startsWith('kube_')) continue;
    const group = groups.get(`${pod}/${hex ?? ''}`) ?? { pod, hex, byMetric: new Map<string, Series['points']>() };
    groups.set(`${pod}/${hex ?? ''}`, group);
    // Two jobs that scrape the same rows: the fuller one, never both.
    if (points.length > (group.byMetric.get(metric)?.length ?? 0)) group.byMetric.set(metric, points);
  }
  const all = [...groups.values()].filter(({ byMetric }) => byMetric.has(WORKING_SET));
  const withIds = new Set(all.filter(({ hex }) => hex !== null).map(({ pod }) => pod));
  return all.filter(({ pod, hex }) => hex !== null || !withIds.has(pod));
}

/** Limits as kube-state-metrics tells them, by pod. */
function podLimits(series: readonly Series[]): ReadonlyMap<string, number> {
  return new Map(
    series
      .filter(
        ({ labels }) => labels['__name__'] === 'kube_pod_container_resource_limits' && labels['resource'] === 'memory',
      )
      .flatMap(({ labels, points }) => {
        const last = points.at(-1)?.v;
        return last === undefined ? [] : [[labels['pod'] ?? '', last] as const];
      }),
  );
}

function firstAt(run: UsageRun): number {
  return run.samples[0]?.t ?? Infinity;
}
