import { createHash } from 'node:crypto';
import type { TraceInput, TraceRow } from '../../adapters/recording/read-trace.ts';
import { hashOf } from '../../adapters/kubernetes/read/rollout/read-revisions.ts';
import { record, records, text, timeMs } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import { median } from '../../core/evidence/statistics.ts';

/*
 * A trace has the pod as it was once, and samples of all pods and runs. A watch would have shown each pod after each of
 * its ends; these are made from the samples, so that the rest sees what it sees of a cluster. Times are ms UTC.
 */

/** One run of the container of one pod. */
export interface TraceRun {
  readonly containerId: string;
  readonly startedAt: number;
  /** Null while it runs, as far as anybody saw. */
  readonly endedAt: number | null;
  /** Its end as the kubelet reported it; null where only the samples show that it ended. */
  readonly terminated: JsonRecord | null;
  readonly revision: string | null;
  readonly limitBytes: number | null;
  readonly rows: readonly TraceRow[];
}

export interface TracePod {
  readonly name: string;
  readonly uid: string;
  readonly revision: string | null;
  /** Oldest first, not empty. */
  readonly runs: readonly TraceRun[];
}

/** Times of the kubelet are whole seconds. */
const wholeSecondMs = 1_000;

/** ms between samples of one run; null with fewer than two. */
export function stepOf(rows: readonly TraceRow[]): number | null {
  const gaps = [...Map.groupBy(rows, groupOf).values()].flatMap((group) =>
    group.slice(1).map(({ t }, index) => t - (group[index]?.t ?? t)),
  );
  return gaps.length === 0 ? null : median(gaps);
}

/** The moment of the last thing that the trace shows. */
export function endOf({ rows, pod, events }: TraceInput): number {
  const status = mainStatus(pod);
  const ends = [status?.['state'], status?.['lastState']].map((state) =>
    timeMs(record(record(state)['terminated'])['finishedAt']),
  );
  const told = events.map((event) => timeMs(event['lastTimestamp']) ?? timeMs(event['eventTime']));
  const times = [rows.at(-1)?.t ?? null, ...ends, ...(rows.length === 0 ? told : [])];
  return Math.max(0, ...times.filter((time) => time !== null));
}

/** The name of the container that the trace is about: the one that ended, else the first. */
export function containerOf({ pod, workload }: TraceInput): string {
  const template = record(record(record(record(workload)['spec'])['template'])['spec']);
  const [first] = records(record(pod?.['spec'])['containers']);
  const [inTemplate] = records(template['containers']);
  return text(mainStatus(pod)?.['name']) ?? text(first?.['name']) ?? text(inTemplate?.['name']) ?? 'app';
}

function mainStatus(pod: JsonRecord | null): JsonRecord | null {
  const status = record(pod?.['status']);
  const all = [...records(status['containerStatuses']), ...records(status['initContainerStatuses'])];
  const ended = all.find(({ state, lastState }) => 'terminated' in record(state) || 'terminated' in record(lastState));
  return ended ?? all[0] ?? null;
}

/** All pods of the trace with their runs; the one of pod.json comes first. */
export function podsOfTrace(trace: TraceInput): readonly TracePod[] {
  const own = text(record(trace.pod?.['metadata'])['name']);
  const names = new Set([...(own === null ? [] : [own]), ...trace.rows.map((row) => row.pod ?? own ?? 'pod')]);
  return [...names].map((name) => {
    const rows = trace.rows.filter((row) => (row.pod ?? own ?? 'pod') === name);
    const runs = runsOfPod(
      name,
      rows,
      name === own ? mainStatus(trace.pod) : null,
      stepOf(trace.rows) ?? wholeSecondMs,
    );
    const labels = record(record(trace.pod?.['metadata'])['labels']);
    const told = (name === own ? text(labels['pod-template-hash']) : null) ?? rows[0]?.revision;
    const revision = told ?? revisionByName(name, trace);
    const uid = name === own ? text(record(trace.pod?.['metadata'])['uid']) : null;
    return { name, uid: uid ?? uidOf(name), revision, runs };
  });
}

/** A pod of a Deployment is called after its ReplicaSet. */
function revisionByName(pod: string, { replicaSets }: TraceInput): string | null {
  const set = replicaSets.find((one) => pod.startsWith(`${text(record(one['metadata'])['name']) ?? pod}-`));
  return set === undefined ? null : hashOf(set);
}

interface Shown {
  readonly containerId: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly terminated: JsonRecord | null;
}

function runsOfPod(
  pod: string,
  rows: readonly TraceRow[],
  status: JsonRecord | null,
  stepMs: number,
): readonly TraceRun[] {
  const shown = shownRuns(status);
  const groups = groupsOf(rows, shown);
  const taken = new Map(shown.map((one) => [one, groupFor(one, groups)] as const));
  const isTaken = new Set(taken.values());
  const fromStatus = shown.flatMap((one): TraceRun[] => {
    const group = taken.get(one) ?? [];
    const startedAt = one.startedAt ?? group[0]?.t ?? one.endedAt;
    if (startedAt === null) return [];
    const containerId = one.containerId ?? idOf(pod, startedAt);
    return [{ ...runIn(group), containerId, startedAt, endedAt: one.endedAt, terminated: one.terminated }];
  });
  const others = groups
    .filter((group) => !isTaken.has(group))
    .flatMap((group): TraceRun[] => {
      const [first] = group;
      if (first === undefined) return [];
      const startedAt = first.t - stepMs / 2;
      return [{ ...runIn(group), containerId: idOf(pod, first.t), startedAt, endedAt: null, terminated: null }];
    });
  const all = [...fromStatus, ...others].toSorted((a, b) => a.startedAt - b.startedAt);
  return all.map((run, index) => {
    const next = all[index + 1];
    const last = run.rows.at(-1);
    if (run.endedAt !== null || next === undefined) return run;
    return { ...run, endedAt: Math.min((last?.t ?? run.startedAt) + stepMs / 2, next.startedAt) };
  });
}

function runIn(rows: readonly TraceRow[]): Pick<TraceRun, 'revision' | 'limitBytes' | 'rows'> {
  const last = rows.at(-1);
  return { revision: last?.revision ?? null, limitBytes: last?.limitBytes ?? null, rows };
}

/** Runs that the status of the container shows, oldest first. */
function shownRuns(status: JsonRecord | null): readonly Shown[] {
  const ended = [status?.['lastState'], status?.['state']].flatMap((state): Shown[] => {
    const terminated = record(record(state)['terminated']);
    if (Object.keys(terminated).length === 0) return [];
    const times = { startedAt: timeMs(terminated['startedAt']), endedAt: timeMs(terminated['finishedAt']) };
    return [{ containerId: text(terminated['containerID']), ...times, terminated }];
  });
  const startedAt = timeMs(record(record(status?.['state'])['running'])['startedAt']);
  const running = { containerId: text(status?.['containerID']), startedAt, endedAt: null, terminated: null };
  return startedAt === null ? ended : [...ended, running];
}

/** By the number of the run where it is there, else cut where the status says that one ended. */
function groupsOf(rows: readonly TraceRow[], shown: readonly Shown[]): readonly (readonly TraceRow[])[] {
  if (rows.some(({ instance }) => instance !== null)) return [...Map.groupBy(rows, groupOf).values()];
  const ends = shown.flatMap(({ endedAt }) => endedAt ?? []).toSorted((a, b) => a - b);
  const cut = (row: TraceRow): number => ends.filter((end) => row.t > end + wholeSecondMs).length;
  return [...Map.groupBy(rows, cut).values()];
}

function groupOf(row: TraceRow): string {
  return `${row.pod ?? ''}/${row.instance ?? ''}`;
}

/** The samples of a run that the status shows: those of the group with most of them between its start and its end. */
function groupFor(
  { startedAt, endedAt }: Shown,
  groups: readonly (readonly TraceRow[])[],
): readonly TraceRow[] | undefined {
  const [from, to] = [(startedAt ?? -Infinity) - wholeSecondMs, (endedAt ?? Infinity) + wholeSecondMs];
  const inside = groups.map((group) => ({ group, count: group.filter(({ t }) => t >= from && t <= to).length }));
  const fitting = inside.filter(({ group, count }) => count > 0 && count * 2 >= group.length);
  // A running one goes on in later samples, but other runs may have followed it: the first.
  if (endedAt === null) return fitting[0]?.group;
  return fitting.toSorted((a, b) => b.count - a.count)[0]?.group;
}

function idOf(pod: string, at: number): string {
  return `containerd://${createHash('sha256').update(`${pod}/${at}`).digest('hex')}`;
}

function uidOf(pod: string): string {
  const hex = createHash('sha256').update(pod).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/**
 * The pod as the API server had it at a moment. `ending` is how runs ended of which only the samples show that they
 * did, null where nobody knows.
 */
export function podObject(trace: TraceInput, pod: TracePod, at: number, ending: JsonRecord | null): JsonRecord {
  const begun = pod.runs.filter(({ startedAt }) => startedAt <= at);
  const [before, current] = begun.length < 2 ? [undefined, begun[0]] : begun.slice(-2);
  const container = containerOf(trace);
  const template = record(trace.pod ?? {});
  const metadata = record(template['metadata']);
  const status = record(template['status']);
  const shown = records(status['containerStatuses']);
  const own = shown.find(({ name }) => name === container) ?? {};
  const limit = current?.limitBytes ?? null;
  const changed = {
    ...own,
    name: container,
    ...(limit === null ? {} : { resources: withLimit(own['resources'], limit) }),
    containerID: current?.containerId,
    restartCount: Math.max(0, begun.length - 1),
    state: current === undefined ? {} : stateOf(current, at, ending),
    lastState: before === undefined ? {} : endState(before, ending),
  };
  return {
    ...template,
    metadata: {
      ...metadata,
      name: pod.name,
      uid: pod.uid,
      labels: { ...record(metadata['labels']), ...(pod.revision ? { 'pod-template-hash': pod.revision } : {}) },
      ownerReferences: ownersFor(trace, pod, metadata),
    },
    spec: { ...record(template['spec']), ...specOf(trace, pod) },
    status: {
      ...status,
      containerStatuses: [changed, ...shown.filter(({ name }) => name !== container)],
    },
  };
}

function stateOf(run: TraceRun, at: number, ending: JsonRecord | null): JsonRecord {
  if (run.endedAt === null || run.endedAt > at) return { running: { startedAt: rfc3339(run.startedAt) } };
  return endState(run, ending);
}

function endState({ terminated, ...run }: TraceRun, ending: JsonRecord | null): JsonRecord {
  if (terminated !== null) return { terminated };
  if (ending === null || run.endedAt === null) return {};
  const times = { startedAt: rfc3339(run.startedAt), finishedAt: rfc3339(run.endedAt) };
  return { terminated: { ...ending, containerID: run.containerId, ...times } };
}

/** The limit of a run that had another one than the pod of pod.json. */
function withLimit(resources: unknown, limitBytes: number): JsonRecord {
  const { limits, ...others } = record(resources);
  return { ...others, limits: { ...record(limits), memory: String(limitBytes) } };
}

function setOf(trace: TraceInput, { revision }: TracePod): JsonRecord | undefined {
  return revision === null ? undefined : trace.replicaSets.find((set) => hashOf(set) === revision);
}

/** What the template of its revision says. */
function specOf(trace: TraceInput, pod: TracePod): JsonRecord {
  const shownRevision = text(record(record(trace.pod?.['metadata'])['labels'])['pod-template-hash']);
  if (pod.revision === shownRevision) return {};
  return record(record(record(record(setOf(trace, pod))['spec'])['template'])['spec']);
}

function ownersFor(trace: TraceInput, pod: TracePod, metadata: JsonRecord): unknown {
  const set = record(setOf(trace, pod)?.['metadata']);
  const owners = records(metadata['ownerReferences']);
  if (text(set['name']) === null) return owners;
  return owners.map((owner) =>
    owner['kind'] === 'ReplicaSet' ? { ...owner, name: set['name'], uid: set['uid'] } : owner,
  );
}

/** As the API server writes it: whole seconds. */
function rfc3339(ms: number): string {
  return new Date(Math.floor(ms / wholeSecondMs) * wholeSecondMs).toISOString().replace('.000Z', 'Z');
}
