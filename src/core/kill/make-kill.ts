import type { Exit } from './explain-exit.ts';
import type { Kill } from './kill.ts';
import type { PodView } from './pod.ts';
import { subjectOf } from './subject.ts';

/** Where a kill comes from, apart from the pod's own JSON. `seenAtMs` is ms UTC. */
export interface KillOrigin {
  readonly cluster: string;
  readonly fingerprint: string;
  readonly startedBeforeWatch: boolean;
  readonly seenAtMs: number;
}

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
    message,
    startedAt,
    finishedAt,
    restartCount: container.restartCount,
    limitBytes: container.limitBytes,
    limitInForceBytes: smaller(container.limitBytes, pod.podLimitInForceBytes),
    requestBytes: container.requestBytes,
    image: container.image,
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
    finishedAt: pod.disruptedAt,
    restartCount: 0,
    limitBytes: null,
    limitInForceBytes: null,
    requestBytes: null,
    image: null,
  };
}

function killOfPod(origin: KillOrigin, pod: PodView, container: string | null) {
  return {
    fingerprint: origin.fingerprint,
    subject: subjectOf(origin.cluster, pod, container),
    pod: pod.name,
    podUid: pod.uid,
    podCreatedAt: pod.createdAt,
    node: pod.node,
    qosClass: pod.qosClass,
    revision: pod.labels['pod-template-hash'] ?? pod.labels['controller-revision-hash'] ?? null,
    labels: { ...pod.labels },
    startedBeforeWatch: origin.startedBeforeWatch,
    // Only the watcher knows how long nobody was there.
    away: null,
    seenAt: origin.seenAtMs,
  };
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
