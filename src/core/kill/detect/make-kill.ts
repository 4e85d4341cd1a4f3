import { evictedAt } from './eviction.ts';
import type { Exit } from './explain-exit.ts';
import { nodeSubject } from '../kill.ts';
import type { Kill, Victim } from '../kill.ts';
import { runStatus } from '../container-run.ts';
import type { ContainerRun } from '../container-run.ts';
import type { CountedRise } from '../counted-rise.ts';
import type { AtRisk } from '../trigger.ts';
import type { NodePressure } from './node-pressure.ts';
import type { OomReport } from './oom-report.ts';
import type { ContainerView, PodView } from '../pod.ts';
import { subjectOf } from '../subject.ts';
import { redact } from '../../redact/redact.ts';
import { bounded, boundedOrNull } from '../../units/text-bounds.ts';

/** A pod may have as many as fit into its object. */
const mostLabels = 64;

/** Where a kill comes from, besides the pod's own JSON. `seenAtMs` is ms UTC. */
export interface KillOrigin {
  readonly cluster: string;
  readonly fingerprint: string;
  readonly startedBeforeWatch: boolean;
  readonly seenAtMs: number;
  readonly unseenRestarts?: number;
}

/** Where a warning comes from. */
type RiskOrigin = Pick<KillOrigin, 'cluster' | 'fingerprint' | 'seenAtMs'>;

/** A kill of one container, or a suspect. */
export function containerKill(
  origin: KillOrigin,
  { pod, container, termination }: Exit,
  { kind, suspect }: Pick<Kill, 'kind' | 'suspect'>,
): Kill {
  const { containerId, exitCode, reason, message, startedAt, finishedAt } = termination;
  return {
    ...killOfPod(origin, pod, container.name),
    kind,
    suspect,
    containerType: container.type,
    containerId: boundedOrNull(containerId, 'name'),
    exitCode,
    reason: boundedOrNull(reason, 'reason'),
    message: message === null ? null : bounded(redact(message), 'terminationMessage'),
    startedAt: boundedOrNull(startedAt, 'time'),
    finishedAt: boundedOrNull(finishedAt, 'time'),
    restartCount: container.restartCount,
    ...(origin.unseenRestarts === undefined ? {} : { unseenRestarts: origin.unseenRestarts }),
    ...boundsOf(pod, container),
  };
}

/** How a kill of a single process was seen: by the kernel's message, with its time (ms UTC), or by a counter. */
export interface ChildSighting {
  readonly startedBeforeWatch: boolean;
  readonly seenAtMs: number;
  readonly victim?: Victim;
  readonly killedAtMs?: number;
  readonly counted?: CountedRise;
}

/** A kill of one process in a container that kept running. */
export function childKill(
  run: ContainerRun,
  { killedAtMs, victim, counted, ...origin }: ChildSighting & Pick<KillOrigin, 'cluster' | 'fingerprint'>,
): Kill {
  const { pod, container } = run;
  return {
    ...killOfPod(origin, pod, container.name),
    ...boundsOf(pod, container),
    ...runStatus(run),
    kind: 'child-process',
    suspect: false,
    containerType: container.type,
    exitCode: null,
    reason: null,
    message: null,
    finishedAt: killedAtMs === undefined ? null : rfc3339(killedAtMs),
    restartCount: container.restartCount,
    ...(victim === undefined ? {} : { victim: boundedVictim(victim) }),
    ...(counted === undefined ? {} : { within: { from: counted.from, to: counted.to }, ...limitsThen(counted) }),
  };
}

/** What the pod shows is the limit of now, which may have been changed since the kill. */
function limitsThen({ limits }: CountedRise): Partial<Pick<Kill, 'limitInForceBytes' | 'orLimitBytes'>> {
  const [smallest, ...others] = limits.toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity));
  const largest = others.at(-1);
  return {
    ...(smallest === undefined ? {} : { limitInForceBytes: smallest }),
    ...(largest === undefined ? {} : { orLimitBytes: largest }),
  };
}

/**
 * A kill for a whole node. Nothing says whose process it was unless the message names a cgroup; then the container's id
 * is the bare one, and `pod` is its pod if that still exists.
 */
export function nodeKill(
  origin: KillOrigin,
  { node, atMs, victim, place, scope, isAbovePods }: OomReport,
  { pod, suspect }: { readonly pod: PodView | null; readonly suspect: boolean },
): Kill {
  return {
    ...instanceOfNode(origin.cluster, node),
    ...seenBy(origin),
    kind: 'node',
    suspect,
    ...(isAbovePods ? { outOf: scope === 'node' ? 'machine' : 'allocatable' } : {}),
    exitCode: null,
    reason: null,
    message: null,
    containerId: place?.containerId ?? null,
    pod: bounded(pod?.name ?? '', 'name'),
    podUid: bounded(pod?.uid ?? '', 'name'),
    podCreatedAt: boundedOrNull(pod?.createdAt ?? null, 'time'),
    finishedAt: rfc3339(atMs),
    victim: boundedVictim(victim),
  };
}

/** A node that reports memory pressure, before anything was evicted or killed. */
export function nodeAtRisk({ fingerprint, cluster, seenAtMs }: RiskOrigin, { node, sinceMs }: NodePressure): AtRisk {
  return {
    ...instanceOfNode(cluster, node),
    fingerprint,
    seenAt: seenAtMs,
    kind: 'ahead',
    startedAt: rfc3339(sinceMs),
  };
}

function instanceOfNode(cluster: string, node: string) {
  return {
    subject: nodeSubject(cluster, bounded(node, 'name')),
    pod: '',
    podUid: '',
    podCreatedAt: null,
    containerType: null,
    containerId: null,
    startedAt: null,
    restartCount: 0,
    limitBytes: null,
    limitInForceBytes: null,
    requestBytes: null,
    node: bounded(node, 'name'),
    qosClass: null,
    image: null,
    revision: null,
    labels: {},
  };
}

/** The container that a warning is about, as it runs. */
export function containerAtRisk(
  { fingerprint, cluster, seenAtMs }: RiskOrigin,
  pod: PodView,
  container: ContainerView,
): AtRisk {
  const { containerId, startedAt, restartCount, type } = container;
  return {
    ...instanceOfPod(cluster, pod, container.name),
    ...boundsOf(pod, container),
    fingerprint,
    seenAt: seenAtMs,
    kind: 'ahead',
    containerType: type,
    containerId: boundedOrNull(containerId, 'name'),
    startedAt: boundedOrNull(startedAt, 'time'),
    restartCount,
  };
}

/** A kill of a whole pod. */
export function evictionKill(origin: KillOrigin, pod: PodView): Kill {
  return {
    ...killOfPod(origin, pod, null),
    kind: 'eviction',
    suspect: false,
    containerType: null,
    containerId: null,
    exitCode: null,
    reason: boundedOrNull(pod.statusReason, 'reason'),
    message: boundedOrNull(pod.statusMessage, 'terminationMessage'),
    startedAt: null,
    finishedAt: boundedOrNull(evictedAt(pod), 'time'),
    restartCount: 0,
    limitBytes: null,
    limitInForceBytes: null,
    requestBytes: null,
    image: null,
  };
}

function killOfPod(origin: KillOrigin, pod: PodView, container: string | null) {
  return { ...instanceOfPod(origin.cluster, pod, container), ...seenBy(origin) };
}

function instanceOfPod(cluster: string, pod: PodView, container: string | null) {
  return {
    subject: subjectOf(cluster, pod, container),
    pod: bounded(pod.name, 'name'),
    podUid: bounded(pod.uid, 'name'),
    podCreatedAt: boundedOrNull(pod.createdAt, 'time'),
    node: boundedOrNull(pod.node, 'name'),
    qosClass: boundedOrNull(pod.qosClass, 'reason'),
    revision: boundedOrNull(pod.labels['pod-template-hash'] ?? pod.labels['controller-revision-hash'] ?? null, 'label'),
    labels: boundedLabels(pod.labels),
    ...(pod.test === null ? {} : { test: bounded(pod.test, 'ownerName') }),
    ...(pod.channel === null ? {} : { channel: bounded(pod.channel.replace(/^#/, ''), 'label') }),
  };
}

/** `away` is set by the watcher, which alone knows when nobody was watching. */
function seenBy({ fingerprint, startedBeforeWatch, seenAtMs }: KillOrigin) {
  return { fingerprint, startedBeforeWatch, away: null, seenAt: seenAtMs };
}

function boundsOf(pod: PodView, container: ContainerView) {
  return {
    limitBytes: container.limitBytes,
    limitInForceBytes: smaller(container.limitBytes, pod.podLimitInForceBytes),
    requestBytes: container.requestBytes,
    image: boundedOrNull(container.image, 'image'),
  };
}

function boundedVictim(victim: Victim): Victim {
  return { ...victim, process: boundedOrNull(victim.process, 'name') };
}

function boundedLabels(labels: PodView['labels']): Record<string, string> {
  const some = Object.entries(labels).slice(0, mostLabels);
  return Object.fromEntries(some.map(([name, value]) => [bounded(name, 'labelName'), bounded(value, 'label')]));
}

/** Without fractions for a whole second, as the API server writes it. */
function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
