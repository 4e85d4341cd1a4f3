import type { TraceInput } from '../../adapters/recording/read-trace.ts';
import { bareContainerId } from '../../core/kill/cgroup.ts';
import type { CounterHistory } from '../../core/kill/counted-rise.ts';
import { numberedRun, withNumber } from '../../core/kill/child-number.ts';
import type { Detection } from '../../core/kill/detect/detection.ts';
import { createDetector } from '../../core/kill/detect/detector.ts';
import { record, records, text } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { Counted, OomCount } from '../../core/kill/oom-count.ts';
import { readPod } from '../../core/kill/pod.ts';
import { hourMs, minuteMs } from '../../core/units/duration.ts';
import { createCounterWatch } from '../../flow/watch-counters.ts';
import { containerOf, podObject } from './trace-pods.ts';
import type { TracePod, TraceRun } from './trace-pods.ts';

const traceCluster = 'trace';

/** What the watch and the counters show of a trace. */
export interface Seen {
  /** Suspects among them; each once. */
  readonly kills: readonly Kill[];
  /** Ends that looked like kills and are explained. */
  readonly ignored: readonly Kill[];
  /** How runs ended of which only the samples show that they did; null where no kill was seen. */
  readonly ending: JsonRecord | null;
}

/** As the watcher shows them, and the worker's own watch of the counters. `at` is the end of the trace, ms UTC. */
export async function killsOfTrace(trace: TraceInput, pods: readonly TracePod[], at: number): Promise<Seen> {
  const first = detect(trace, [], at);
  const ending = endingOf(trace, first.kills);
  const seen = ending === null ? first : detect(trace, furtherEnds(trace, pods, ending), at);
  const children = await childKills(trace, pods, { kills: seen.kills, at, ending });
  return { ...seen, kills: [...seen.kills, ...children], ending };
}

function detect(trace: TraceInput, others: readonly JsonRecord[], at: number): Pick<Seen, 'kills' | 'ignored'> {
  const detector = createDetector({ cluster: traceCluster, weakExits: true });
  const found = new Map<string, Detection>();
  const known = [trace.pod, ...others].filter((pod) => pod !== null);
  const podOf = (uid: string): unknown => known.find((pod) => record(pod['metadata'])['uid'] === uid) ?? null;
  const named = new Map<string, string[]>();
  const take = (detections: readonly Detection[]): void => {
    for (const one of detections) {
      const kill = numbered(one.kill, named);
      found.set(kill.fingerprint, { ...one, kill });
    }
  };
  for (const event of trace.events) take(detector.event('ADDED', event, { atMs: at }, podOf));
  for (const pod of known) take(detector.pod('MODIFIED', pod, { atMs: at }));
  take(detector.flush());
  const all = [...found.values()];
  return {
    kills: all.flatMap(({ is, kill }) => (is === 'kill' ? [kill] : [])),
    ignored: all.flatMap(({ is, kill }) => (is === 'ignored' ? [kill] : [])),
  };
}

/** The kill as the store would number it in its run. */
function numbered(kill: Kill, named: Map<string, string[]>): Kill {
  const run = numberedRun(kill);
  if (run === null) return kill;
  if (kill.victim === undefined) return withNumber(kill, run, 1);
  const known = named.get(run) ?? [];
  named.set(run, known.includes(kill.fingerprint) ? known : [...known, kill.fingerprint]);
  return withNumber(kill, run, (named.get(run) ?? []).indexOf(kill.fingerprint) + 1);
}

/** The end of the latest sure kill that the pod itself shows. */
function endingOf({ pod }: TraceInput, kills: readonly Kill[]): JsonRecord | null {
  const statuses = records(record(pod?.['status'])['containerStatuses']);
  const ends = statuses.flatMap(({ state, lastState }) =>
    [state, lastState].map((one) => record(record(one)['terminated'])),
  );
  const sure = kills.filter(({ suspect, kind }) => !suspect && kind !== 'node' && kind !== 'eviction');
  return ends.find(({ containerID }) => sure.some(({ containerId }) => containerId === containerID)) ?? null;
}

/** The pods as a watch would have shown them after the other ends of their runs. */
function furtherEnds(trace: TraceInput, pods: readonly TracePod[], ending: JsonRecord): readonly JsonRecord[] {
  return pods.flatMap((pod) =>
    pod.runs.flatMap((run) =>
      run.endedAt === null || run.terminated !== null ? [] : [podObject(trace, pod, run.endedAt, ending)],
    ),
  );
}

/** How long Prometheus shows a counter of a container that is gone. */
const staleMs = 5 * minuteMs;
const lookBackMs = hourMs;

/** Kills of single processes: the counters as the worker reads them, each time that one has changed and once more. */
async function childKills(
  trace: TraceInput,
  pods: readonly TracePod[],
  { kills, at, ending }: { readonly kills: readonly Kill[]; readonly at: number; readonly ending: JsonRecord | null },
): Promise<readonly Kill[]> {
  const changes = pods.flatMap(({ runs }) => runs.flatMap(({ rows }) => changesIn(rows)));
  if (changes.length === 0) return [];
  let clock = 0;
  const admitted = new Map(kills.filter(({ suspect }) => !suspect).map((kill) => [kill.fingerprint, kill]));
  const already = new Set(admitted.keys());
  const counted = new Map<string, Counted>();
  const suspects = kills.filter(({ suspect }) => suspect).map((kill) => ({ kill, why: '' }));
  const watch = createCounterWatch({
    cluster: traceCluster,
    everyMs: minuteMs,
    lookBackMs,
    counts: (agoMs) => Promise.resolve(countsAt(trace, pods, clock - agoMs)),
    podOf: ({ pod: name }) => {
      const pod = pods.find((one) => one.name === name);
      return Promise.resolve(pod === undefined ? null : readPod(podObject(trace, pod, clock, ending)));
    },
    history: ({ containerId }) => Promise.resolve(historyOf(pods, containerId, clock)),
    store: {
      isAdmitted: (fingerprint) => Promise.resolve(admitted.has(fingerprint)),
      suspects: () => Promise.resolve(suspects),
      childRuns: {
        numberOf: () => Promise.resolve(1),
        counted: (runs) => Promise.resolve(runs.map((run) => counted.get(run) ?? null)),
        keepCounted: (run, now) => {
          counted.set(run, now);
          return Promise.resolve();
        },
      },
    },
    admit: (kill) => {
      if (admitted.has(kill.fingerprint)) return Promise.resolve({ is: 'known' });
      admitted.set(kill.fingerprint, kill);
      return Promise.resolve({ is: 'opened', incident: 'trace' });
    },
    lease: () => Promise.resolve({ extend: () => Promise.resolve(true) }),
    onUnreported: () => undefined,
    now: () => clock,
  });
  for (const time of [...new Set(changes)].toSorted((a, b) => a - b)) {
    clock = time;
    await watch.round();
  }
  clock = Math.max(clock, at);
  await watch.round();
  return [...admitted.values()].filter(({ fingerprint }) => !already.has(fingerprint));
}

/** One run's counter with the times at which it was read, as a Prometheus has it. */
function historyOf(pods: readonly TracePod[], containerId: string | null, until: number): CounterHistory {
  const run = pods.flatMap(({ runs }) => runs).find((one) => bareContainerId(one.containerId) === containerId);
  const rows = (run?.rows ?? []).filter(({ t }) => t <= until);
  return {
    counts: rows.flatMap(({ t, oomEvents }) => (oomEvents === null ? [] : [{ readAt: t, value: oomEvents }])),
    limits: rows.flatMap(({ t, limitBytes }) => (limitBytes === null ? [] : [{ at: t, bytes: limitBytes }])),
  };
}

function changesIn(rows: TraceRun['rows']): readonly number[] {
  return rows.flatMap(({ t, oomEvents }, index) => {
    const before = rows[index - 1]?.oomEvents ?? 0;
    return oomEvents !== null && oomEvents > 0 && oomEvents !== before ? [t] : [];
  });
}

function countsAt(trace: TraceInput, pods: readonly TracePod[], at: number): readonly OomCount[] {
  const namespace = text(record(trace.pod?.['metadata'])['namespace']) ?? 'default';
  return pods.flatMap((pod) =>
    pod.runs.flatMap((run): OomCount[] => {
      const row = run.rows.findLast(({ t, oomEvents }) => t <= at && oomEvents !== null);
      if (row?.oomEvents === null || row === undefined || at - row.t > staleMs) return [];
      return [
        {
          namespace,
          pod: pod.name,
          podUid: pod.uid,
          container: containerOf(trace),
          containerId: bareContainerId(run.containerId),
          value: row.oomEvents,
          atMs: row.t,
        },
      ];
    }),
  );
}
