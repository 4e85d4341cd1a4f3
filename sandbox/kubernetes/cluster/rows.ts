import type { SampleStore } from './samples.ts';
import type { ContainerRun, Counter, Instance, PodRun, Stall } from '../kubelet/run.ts';
import { memoryLimit } from '../kubelet/spec.ts';
import { demandAt, dirtyAt, filesAt, loadAt, pagesAt, type MemoryProgram } from '../kubelet/program.ts';

const mebi = 2 ** 20;
/** Charged to a container that has just started. */
export const idleBytes = 3.3 * mebi;

/** What one look at one cgroup finds. */
export interface CgroupSample {
  /** Real ms UTC of the look; cAdvisor's rows carry it. */
  readonly t: number;
  readonly chargedBytes: number;
  /** Pages of a memory-backed volume among them. */
  readonly filesBytes?: number;
  /** Pages of other files among them, which the working set leaves out. */
  readonly pagesBytes?: number;
  readonly limitBytes: number | null;
  /** Kernel kills of single processes until then; the pod's own cgroup counts none (recorded). */
  readonly oomEvents: number;
  /** How long all of its tasks at once have waited for memory. */
  readonly stalledSeconds: number;
}

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

/** Labels of the rows of a pod's pause container, whose network is the pod's. */
export function pauseLabels(run: PodRun): Record<string, string> {
  const id = run.uid.replaceAll('-', '').padEnd(64, '0');
  return cadvisorLabels(run, { name: '', image: 'registry.k8s.io/pause:3.10', id });
}

/** Bytes that are charged to an instance at a virtual time, whole: what lay in its volume before is charged to the pod. */
export function chargedAt({ program, startedVirtual, leftBytes }: Instance, virtualAt: number): number {
  const age = Math.max(0, virtualAt - startedVirtual);
  return Math.round(Math.max(idleBytes, demandAt(program, age) - leftBytes));
}

/** The part of it that are pages of files in memory. */
export function writtenAt({ program, startedVirtual, leftBytes }: Instance, virtualAt: number): number {
  if (program.files === undefined) return 0;
  return Math.round(filesAt(program, leftBytes, virtualAt - startedVirtual) - leftBytes);
}

/**
 * The same with its page cache, which takes what is left of the limit: what is charged then, and how much of it is page
 * cache.
 */
export function withPageCache(
  { program, startedVirtual }: Instance,
  virtualAt: number,
  neededBytes: number,
  limitBytes: number | null,
): { readonly chargedBytes: number; readonly pagesBytes: number } {
  if (program.pages === undefined) return { chargedBytes: neededBytes, pagesBytes: 0 };
  const age = Math.max(0, virtualAt - startedVirtual);
  const own = Math.max(0, neededBytes - dirtyAt(program.pages, age));
  const chargedBytes = Math.round(Math.min(own + pagesAt(program, age), limitBytes ?? Infinity));
  return { chargedBytes, pagesBytes: Math.max(0, chargedBytes - own) };
}

/** The part of it that the kubelet counts: inactive pages of files are left out. */
export function workingSetOf(chargedBytes: number): number {
  return chargedBytes - Math.round(cacheOf(chargedBytes) * 0.3);
}

/** From this share of the limit on, tasks wait for memory that must be reclaimed first. */
const tightFrom = 0.9;

/**
 * How long all tasks at once have waited by `t` (real ms UTC), when so many bytes were charged since the last look:
 * nobody waits below nine tenths of the limit, and at the limit all of them do half of the time.
 */
export function stallAfter(before: Stall, t: number, chargedBytes: number, limitBytes: number | null): Stall {
  const seconds = Math.max(0, t - before.at) / 1000;
  const full = limitBytes === null ? 0 : chargedBytes / limitBytes;
  const share = Math.min(1, Math.max(0, (full - tightFrom) / (1 - tightFrom)));
  return {
    at: Math.max(before.at, t),
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
  const { t, chargedBytes, filesBytes = 0, pagesBytes = 0, limitBytes, oomEvents, stalledSeconds } = sample;
  const ownBytes = chargedBytes - filesBytes - pagesBytes;
  const cache = cacheOf(ownBytes);
  const rows: Record<string, number> = {
    container_memory_working_set_bytes: workingSetOf(ownBytes) + filesBytes,
    container_memory_rss: Math.max(0, ownBytes - cache - 0.6 * mebi),
    container_memory_cache: cache + filesBytes + pagesBytes,
    container_memory_usage_bytes: chargedBytes,
    container_oom_events_total: oomEvents,
  };
  for (const [name, value] of Object.entries(rows)) store.add(named(name, labels), t, Math.round(value));
  const toTheMs = Math.round(stalledSeconds * 1000) / 1000;
  store.add(named('container_pressure_memory_stalled_seconds_total', labels), t, toTheMs);
  store.add(named('container_spec_memory_limit_bytes', labels), t, limitBytes ?? 0);
}

/** A process that nobody asks for anything still talks to the kubelet, and uses some CPU. */
const idle = { packets: 0.4, cpu: 0.004 };
/** Two packets come in for each request, and it takes so many seconds of CPU. */
const ofRequest = { packets: 2, cpu: 0.002 };

/**
 * A counter of an instance, or of its pod's network, at a later look (real ms UTC) at which it is so many virtual ms old.
 * It counts in real time, whatever the speed: a rate is what the story says.
 */
export function countOn(
  what: keyof typeof idle,
  before: Counter,
  at: number,
  program: MemoryProgram,
  ageMs: number,
): Counter {
  const seconds = Math.max(0, at - before.at) / 1000;
  const perSecond = idle[what] + loadAt(program, ageMs) * ofRequest[what];
  return { at: Math.max(before.at, at), count: before.count + seconds * perSecond };
}

export function addCpuRow(store: SampleStore, labels: Record<string, string>, { at, count }: Counter): void {
  store.add(named('container_cpu_usage_seconds_total', labels), at, Math.round(count * 1e6) / 1e6);
}

/** The network of a pod: its rows have the labels of the pause container. */
export function addPacketsRow(store: SampleStore, pause: Record<string, string>, { at, count }: Counter): void {
  store.add(onInterface(pause), at, Math.round(count));
}

const networkLabels = new WeakMap<object, Record<string, string>>();

function onInterface(pause: Record<string, string>): Record<string, string> {
  const __name__ = 'container_network_receive_packets_total';
  const found = networkLabels.get(pause) ?? { __name__, ...pause, interface: 'eth0' };
  networkLabels.set(pause, found);
  return found;
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

const labelsOfState = new WeakMap<ContainerRun, Record<string, string>>();

/** kube-state-metrics' row of one container's limit; with `gone` the staleness marker after its pod went. */
export function addStateRow(
  store: SampleStore,
  run: PodRun,
  container: ContainerRun,
  t: number,
  { gone = false }: { readonly gone?: boolean } = {},
): void {
  const labels = labelsOfState.get(container) ?? {
    container: container.spec.name,
    instance: '10.88.0.9:8080',
    job: 'kube-state-metrics',
    namespace: run.namespace,
    pod: run.name,
    uid: run.uid,
    node: run.nodeName ?? '',
    resource: 'memory',
    unit: 'byte',
  };
  labelsOfState.set(container, labels);
  const limit = memoryLimit(container.desired);
  if (limit !== null) store.add(named('kube_pod_container_resource_limits', labels), t, gone ? null : limit);
}
