import type { TraceInput, TraceRow } from '../../adapters/recording/read-trace.ts';
import type { Evidence, UsageHistory, UsageRun, UsageSample } from '../../core/evidence/evidence.ts';
import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import { killedAtMs } from '../../core/kill/kill.ts';
import { stepOf } from './trace-pods.ts';
import type { TracePod, TraceRun } from './trace-pods.ts';

/** The samples of a trace as the history that a Prometheus would have given for the same question. */
export function usageOfTrace(trace: TraceInput, pods: readonly TracePod[], query: UsageQuery): Evidence<UsageHistory> {
  const source = 'the series of the trace';
  const killed = new Set([query.pod, ...query.kills.map(({ pod }) => pod)]);
  const runs = pods
    .flatMap((pod) => pod.runs.map((run) => ({ pod, run })))
    .filter(({ run }) => run.rows.length > 0)
    .map(({ pod, run }) => usageRun(pod, run, query));
  const measured = runs.filter(({ samples }) => samples.length > 0);
  if (measured.length === 0) return { found: false, reason: 'the trace has no sample', source, at: query.to };
  const value = {
    runs: measured.filter(({ pod }) => killed.has(pod)),
    siblings: measured.filter(({ pod }) => !killed.has(pod)),
    resolutionMs: stepOf(trace.rows),
    ...podsIn(
      pods.filter(({ name }) => killed.has(name)),
      query,
    ),
    ...(trace.rows.some(({ load }) => load !== null)
      ? { loadFrom: { words: 'the load of the trace', isProxy: false } }
      : {}),
  };
  return { found: true, value, source, at: query.to };
}

function usageRun(pod: TracePod, run: TraceRun, { kills, to }: UsageQuery): UsageRun {
  const own = kills.filter(({ containerId }) => containerId === run.containerId);
  // One whose process was killed goes on.
  const kill = own.find(({ kind, exitCode }) => kind !== 'child-process' || exitCode !== null);
  return {
    pod: pod.name,
    containerId: run.containerId,
    revision: run.revision ?? pod.revision,
    startedAt: run.startedAt,
    killedAt: kill ? killedAtMs(kill) : null,
    limitBytes: kill?.limitInForceBytes ?? kill?.limitBytes ?? run.limitBytes,
    samples: run.rows.filter(({ t }) => t <= to).flatMap(sampleOf),
  };
}

/** The rows of these pods as a whole: files in memory outlive the run that wrote them, and only these show it. */
function podsIn(pods: readonly TracePod[], { to }: UsageQuery): Pick<UsageHistory, 'pods'> {
  const found = pods.flatMap(({ name, runs }) => {
    const rows = runs.flatMap((run) => run.rows).filter(({ t }) => t <= to);
    const samples = rows.flatMap(({ t, podUsageBytes }): UsageSample[] =>
      podUsageBytes === null ? [] : [{ t, workingSetBytes: podUsageBytes, usageBytes: podUsageBytes }],
    );
    return samples.length === 0 ? [] : [{ pod: name, samples }];
  });
  return found.length === 0 ? {} : { pods: found };
}

function sampleOf({ t, workingSetBytes, rssBytes, cacheBytes, usageBytes, load }: TraceRow): UsageSample[] {
  const bytes = workingSetBytes ?? usageBytes ?? rssBytes;
  if (bytes === null) return [];
  return [
    {
      t,
      workingSetBytes: bytes,
      ...(rssBytes === null ? {} : { rssBytes }),
      ...(cacheBytes === null ? {} : { cacheBytes }),
      ...(usageBytes === null ? {} : { usageBytes }),
      ...(load === null ? {} : { load }),
    },
  ];
}
