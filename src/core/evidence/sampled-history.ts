import { endsRun, killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { clockTime } from '../talk/words.ts';
import { formatDuration, secondMs } from '../units/duration.ts';
import type { Evidence, UsageHistory, UsageRun } from './evidence.ts';
import { median } from './statistics.ts';
import type { UsagePoint } from './usage-now.ts';
import type { UsageQuery } from './usage-query.ts';

/** Containers below this share of their limit are not sampled, unless they were killed. */
export const sampledShare = 0.6;

/** How the worker's own sampling of metrics.k8s.io goes. Times are ms UTC. */
export interface Sampling {
  /** Since when there has been no gap. */
  readonly since: number;
  /** The last round. */
  readonly at: number;
  readonly everyMs: number;
  /** How many containers the last round kept a sample of. */
  readonly kept: number;
  /** Why the last round failed, as a sentence; null when it did not. */
  readonly problem: string | null;
}

/**
 * Usage evidence from the worker's own samples, for a cluster without Prometheus. `samples` are by pod, oldest first;
 * `noPrometheus` says why there is none, as the beginning of a sentence.
 */
export function sampledEvidence(
  query: UsageQuery,
  samples: ReadonlyMap<string, readonly UsagePoint[]>,
  sampling: Sampling | null,
  { now, noPrometheus }: { readonly now: number; readonly noPrometheus: string },
): Evidence<UsageHistory> {
  const value = sampledHistory(query, samples);
  const first = Math.min(...[...value.runs, ...value.siblings].map((run) => run.samples[0]?.t ?? Infinity));
  const every = formatDuration(sampling?.everyMs ?? 30_000);
  if (first < Infinity) {
    const source = `sampled from metrics.k8s.io every ${every} since ${clockTime(first, now)}`;
    return { found: true, value, source, at: now };
  }
  const reason =
    sampling === null
      ? `${noPrometheus}, and sampling of metrics.k8s.io has not begun`
      : sampling.problem !== null
        ? `${noPrometheus}, and ${sampling.problem}`
        : `${noPrometheus}, and this container had not been sampled yet`;
  const source =
    sampling === null || sampling.problem !== null
      ? 'metrics.k8s.io'
      : `metrics.k8s.io, sampled every ${every} since ${clockTime(sampling.since, now)}, a container from its first kill on or above ${sampledShare * 100}% of its limit`;
  return { found: false, reason, source, at: now };
}

/**
 * What was sampled, where a Prometheus that was there yesterday does not answer: fewer samples are better than none, and
 * the source says why there are no more. Else what the Prometheus said.
 */
export function orSampled(
  unread: Extract<Evidence<UsageHistory>, { readonly found: false }>,
  sampled: Evidence<UsageHistory>,
): Evidence<UsageHistory> {
  return sampled.found ? { ...sampled, source: `${sampled.source}, because ${unread.reason}` } : unread;
}

/** The samples of the query's window, cut into runs by the kills: metrics.k8s.io does not tell runs apart. */
export function sampledHistory(query: UsageQuery, samples: ReadonlyMap<string, readonly UsagePoint[]>): UsageHistory {
  const killedPods = new Set([query.pod, ...query.kills.map(({ pod }) => pod)]);
  const all = [...samples].flatMap(([pod, points]) => {
    const within = points.filter(({ t, bytes }) => t >= query.from && t <= query.to && bytes > 0);
    return runsOfPod(pod, within, query);
  });
  const sorted = all.toSorted((a, b) => (a.samples[0]?.t ?? 0) - (b.samples[0]?.t ?? 0));
  const gaps = sorted.flatMap((run) => run.samples.slice(1).map(({ t }, index) => t - (run.samples[index]?.t ?? t)));
  return {
    runs: sorted.filter(({ pod }) => killedPods.has(pod)),
    siblings: sorted.filter(({ pod }) => !killedPods.has(pod)),
    resolutionMs: gaps.length === 0 ? null : median(gaps),
  };
}

function runsOfPod(pod: string, points: readonly UsagePoint[], { kills }: UsageQuery): readonly UsageRun[] {
  const ofPod = kills.filter((kill) => kill.pod === pod).toSorted((a, b) => killedAtMs(a) - killedAtMs(b));
  const own = ofPod.filter(endsRun);
  // A kill of one of its processes says which run goes on.
  const ongoing = ofPod.findLast((kill) => own.every(({ containerId }) => containerId !== kill.containerId));
  const workload = kills.at(-1)?.subject.workload ?? null;
  const runs = [...own, null].map((kill, index): UsageRun => {
    const before = own[index - 1];
    const endedBefore = before ? killedAtMs(before) : -Infinity;
    const startedAt = kill?.startedAt ? Date.parse(kill.startedAt) : null;
    const from = Math.max(endedBefore, startedAt ?? -Infinity);
    // `finishedAt` has whole seconds.
    const to = kill ? killedAtMs(kill) + secondMs : Infinity;
    return {
      pod,
      containerId: (kill ?? ongoing)?.containerId ?? null,
      revision: ofPod[0]?.revision ?? (workload === null ? null : revisionOf(pod, workload)),
      startedAt,
      killedAt: kill ? killedAtMs(kill) : null,
      limitBytes: (kill ?? ongoing)?.limitInForceBytes ?? (kill ?? ongoing)?.limitBytes ?? null,
      samples: points.filter(({ t }) => t > from && t <= to).map(({ t, bytes }) => ({ t, workingSetBytes: bytes })),
    };
  });
  return runs.filter((run) => run.samples.length > 0);
}

/** A Deployment's pods are called `name-hash-suffix`; the hash is its `pod-template-hash`. */
function revisionOf(pod: string, { kind, name }: Kill['subject']['workload']): string | null {
  if (kind !== 'Deployment' || !pod.startsWith(`${name}-`)) return null;
  const parts = pod.slice(name.length + 1).split('-');
  return parts.length === 2 ? (parts[0] ?? null) : null;
}
