import type { SampleStore } from './samples.ts';
import type { ContainerRun, Life, PodRun, Stall } from '../kubelet/run.ts';
import { memoryLimit, memoryRequest } from '../kubelet/spec.ts';
import { demandAt } from '../kubelet/program.ts';

const mebi = 2 ** 20;
/** Charged to a container that has just started. */
export const idleBytes = 3.3 * mebi;

/** What one look at one cgroup finds. */
export interface CgroupSample {
  /** Real ms UTC of the look; cAdvisor's rows carry it. */
  readonly t: number;
  readonly chargedBytes: number;
  readonly highestBytes: number;
  readonly limitBytes: number | null;
  /** Kernel kills of single processes until then; the pod's own cgroup counts none (recorded). */
  readonly oomEvents: number;
  readonly stall: Pick<Stall, 'waitingSeconds' | 'stalledSeconds'>;
}

/** A cgroup whose tasks never waited. */
export const noStall = { waitingSeconds: 0, stalledSeconds: 0 };

/** Path of a pod's cgroup. */
export function podCgroup({ uid }: PodRun): string {
  return `/kubepods/burstable/pod${uid}`;
}

const labelsOfCgroups = new WeakMap<PodRun, Map<string, Record<string, string>>>();

/** Labels of a container's cAdvisor rows; of the pod's own cgroup when there is no container. Always the same object. */
export function cadvisorLabels(
  run: PodRun,
  container: { readonly name: string; readonly image: string; readonly id: string } | null,
): Record<string, string> {
  const known = labelsOfCgroups.get(run) ?? new Map<string, Record<string, string>>();
  labelsOfCgroups.set(run, known);
  const labels = known.get(container?.id ?? '') ?? newLabels(run, container);
  known.set(container?.id ?? '', labels);
  return labels;
}

function newLabels(run: PodRun, container: Parameters<typeof cadvisorLabels>[1]): Record<string, string> {
  const pod = podCgroup(run);
  return {
    ...(container === null || container.name === '' ? {} : { container: container.name }),
    id: container === null ? pod : `${pod}/${container.id}`,
    ...(container === null ? {} : { image: container.image }),
    instance: '192.0.2.2:10250',
    job: 'kubelet',
    ...(container === null ? {} : { name: container.id }),
    namespace: run.namespace,
    node: run.nodeName ?? '',
    pod: run.name,
  };
}

/** Bytes that are charged to a life at a virtual time, whole. */
export function chargedAt(life: Life, virtualAt: number): number {
  return Math.round(Math.max(idleBytes, demandAt(life.program, Math.max(0, virtualAt - life.startedVirtual))));
}

/** The part of it that the kubelet counts: inactive pages of files are left out. */
export function workingSetOf(chargedBytes: number): number {
  return chargedBytes - Math.round(cacheOf(chargedBytes) * 0.3);
}

/** From this share of the limit on, tasks wait for memory that must be reclaimed first. */
const tightFrom = 0.9;

/**
 * How long tasks have waited by `t` (real ms UTC), when so many bytes were charged since the last look: nobody waits
 * below nine tenths of the limit, and at the limit some task waits nearly always and all of them half of the time.
 */
export function stallAfter(before: Stall, t: number, chargedBytes: number, limitBytes: number | null): Stall {
  const seconds = Math.max(0, t - before.at) / 1000;
  const full = limitBytes === null ? 0 : chargedBytes / limitBytes;
  const share = Math.min(1, Math.max(0, (full - tightFrom) / (1 - tightFrom)));
  return {
    at: Math.max(before.at, t),
    waitingSeconds: before.waitingSeconds + seconds * share * 0.9,
    stalledSeconds: before.stalledSeconds + seconds * share * 0.5,
  };
}

function cacheOf(chargedBytes: number): number {
  return Math.min(900 * 1024, Math.round(chargedBytes * 0.01));
}

/**
 * The memory rows of one cgroup. The limit has no time stamp of its own and gets a staleness marker when its
 * container goes; the others have one, so that their last value stays for five minutes (recorded).
 */
export function addCgroupRows(store: SampleStore, labels: Record<string, string>, sample: CgroupSample): void {
  const { t, chargedBytes, highestBytes, limitBytes, oomEvents, stall } = sample;
  const cache = cacheOf(chargedBytes);
  const rows: Record<string, number> = {
    container_memory_working_set_bytes: workingSetOf(chargedBytes),
    container_memory_rss: Math.max(0, chargedBytes - cache - 0.6 * mebi),
    container_memory_usage_bytes: chargedBytes,
    container_memory_cache: cache,
    container_memory_max_usage_bytes: highestBytes,
    container_oom_events_total: oomEvents,
  };
  for (const [name, value] of Object.entries(rows)) store.add(named(name, labels), t, Math.round(value));
  store.add(named('container_pressure_memory_waiting_seconds_total', labels), t, inMs(stall.waitingSeconds));
  store.add(named('container_pressure_memory_stalled_seconds_total', labels), t, inMs(stall.stalledSeconds));
  store.add(named('container_spec_memory_limit_bytes', labels), t, limitBytes ?? 0);
}

/** Seconds to the millisecond. */
function inMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

const namedLabels = new WeakMap<object, Map<string, Record<string, string>>>();

/** The labels of one series: always the same object for the same labels, since hours of rows are filled in at once. */
function named(name: string, labels: Record<string, string>): Record<string, string> {
  const known = namedLabels.get(labels) ?? new Map<string, Record<string, string>>();
  namedLabels.set(labels, known);
  const found = known.get(name) ?? { __name__: name, ...labels };
  known.set(name, found);
  return found;
}

/** Marks the rows without time stamps of their own as gone. */
export function endCgroupRows(store: SampleStore, labels: Record<string, string>, t: number): void {
  store.add(named('container_spec_memory_limit_bytes', labels), t, null);
}

interface StateLabels {
  readonly labels: Record<string, string>;
  readonly memory: Record<string, string>;
}

const labelsOfState = new WeakMap<ContainerRun, StateLabels>();

function stateLabels(run: PodRun, container: ContainerRun): StateLabels {
  const known = labelsOfState.get(container);
  if (known !== undefined) return known;
  const labels = {
    container: container.spec.name,
    instance: '10.88.0.9:8080',
    job: 'kube-state-metrics',
    namespace: run.namespace,
    pod: run.name,
    uid: run.uid,
  };
  const made = { labels, memory: { ...labels, node: run.nodeName ?? '', resource: 'memory', unit: 'byte' } };
  labelsOfState.set(container, made);
  return made;
}

/** kube-state-metrics' rows of one container; with `gone` the staleness markers after its pod went. */
export function addStateRows(
  store: SampleStore,
  run: PodRun,
  container: ContainerRun,
  t: number,
  state: { readonly restarts: number; readonly gone?: boolean },
): void {
  const { labels, memory } = stateLabels(run, container);
  const value = (number: number): number | null => (state.gone === true ? null : number);
  store.add(named('kube_pod_container_status_restarts_total', labels), t, value(state.restarts));
  const limit = memoryLimit(container.desired);
  const request = memoryRequest(container.desired);
  if (limit !== null) store.add(named('kube_pod_container_resource_limits', memory), t, value(limit));
  if (request > 0) store.add(named('kube_pod_container_resource_requests', memory), t, value(request));
}
