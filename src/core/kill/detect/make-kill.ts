import { evictedAt } from './eviction.ts';
import type { Exit } from './explain-exit.ts';
import { nodeSubject } from '../kill.ts';
import type { Kill, Victim } from '../kill.ts';
import { runStatus } from '../container-run.ts';
import type { ContainerRun } from '../container-run.ts';
import type { AtRisk } from '../trigger.ts';
import type { NodePressure } from './node-pressure.ts';
import type { OomReport } from './oom-report.ts';
import type { ContainerView, PodView } from '../pod.ts';
import { subjectOf } from '../subject.ts';
import { redact } from '../../redact/redact.ts';

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
    containerId,
    exitCode,
    reason,
    message: message === null ? null : redact(message),
    startedAt,
    finishedAt,
    restartCount: container.restartCount,
    ...(origin.unseenRestarts === undefined ? {} : { unseenRestarts: origin.unseenRestarts }),
    ...boundsOf(pod, container),
  };
}

/** How a kill of a single process was seen. `killedAtMs` is ms UTC; absent where only a counter tells. */
export interface ChildSighting {
  readonly startedBeforeWatch: boolean;
  readonly seenAtMs: number;
  readonly victim?: Victim;
  readonly killedAtMs?: number;
}

/** A kill of one process in a container that kept running. */
export function childKill(
  run: ContainerRun,
  { killedAtMs, victim, ...origin }: ChildSighting & Pick<KillOrigin, 'cluster' | 'fingerprint'>,
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
    ...(victim === undefined ? {} : { victim }),
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
    pod: pod?.name ?? '',
    podUid: pod?.uid ?? '',
    podCreatedAt: pod?.createdAt ?? null,
    finishedAt: rfc3339(atMs),
    victim,
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
    subject: nodeSubject(cluster, node),
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
    node,
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
    containerId,
    startedAt,
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
    reason: pod.statusReason,
    message: pod.statusMessage,
    startedAt: null,
    finishedAt: evictedAt(pod),
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
    pod: pod.name,
    podUid: pod.uid,
    podCreatedAt: pod.createdAt,
    node: pod.node,
    qosClass: pod.qosClass,
    revision: pod.labels['pod-template-hash'] ?? pod.labels['controller-revision-hash'] ?? null,
    labels: { ...pod.labels },
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
    image: container.image,
  };
}

/** Without fractions for a whole second, as the API server writes it. */
function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
