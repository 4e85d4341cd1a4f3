import { bareOrNull } from './cgroup.ts';
import { terminationFingerprint } from './fingerprint.ts';
import type { OomCount } from './oom-count.ts';
import { lastingUid, readPod } from './pod.ts';
import type { ContainerView, PodView } from './pod.ts';

/** One run of a container, from a start to its end. */
export interface ContainerRun {
  readonly pod: PodView;
  readonly container: ContainerView;
  /** Without the runtime's scheme. */
  readonly containerId: string;
}

/** Runtimes whose ids the kubelet knows. A label has the bare id; the API writes the runtime before it. */
const runtimes = ['containerd', 'cri-o', 'docker'];

/** The run of this pod with this id; null if the status shows it neither as running nor as ended. */
export function findRun(pod: PodView, containerId: string): ContainerRun | null {
  const container = pod.containers.find((one) =>
    [one, ...one.terminations].some((shown) => bareOrNull(shown.containerId) === containerId),
  );
  return container === undefined ? null : { pod, container, containerId };
}

/**
 * The run that a counter belongs to when its pod is gone, from the counter's labels alone: no limit, no start, and the
 * pod as its own workload. Null if the labels lack the pod's uid, because then a rise could be the container's own
 * kill, which has been reported already.
 */
export function runOfLabels({ namespace, pod, podUid, container, containerId }: OomCount): ContainerRun | null {
  if (podUid === null || containerId === null) return null;
  const view = readPod({
    metadata: { name: pod, namespace, uid: podUid },
    status: { containerStatuses: [{ name: container }] },
  });
  const [of] = view?.containers ?? [];
  return view === null || of === undefined ? null : { pod: view, container: of, containerId };
}

/** When it began, as the API writes it, and its id with the runtime's scheme; null where the status does not say. */
export function runStatus({ container, containerId }: ContainerRun): {
  readonly containerId: string | null;
  readonly startedAt: string | null;
} {
  const shown = [container, ...container.terminations].filter((one) => bareOrNull(one.containerId) === containerId);
  return {
    containerId: shown[0]?.containerId ?? null,
    startedAt: shown.find(({ startedAt }) => startedAt !== null)?.startedAt ?? null,
  };
}

/** Fingerprints that a kill of the container itself in this run could have: one, or one for each possible runtime. */
export function ownFingerprints(cluster: string, run: ContainerRun): readonly string[] {
  const { containerId } = runStatus(run);
  const ids = containerId === null ? runtimes.map((runtime) => `${runtime}://${run.containerId}`) : [containerId];
  return ids.map((id) =>
    terminationFingerprint(cluster, lastingUid(run.pod), run.container.name, {
      containerId: id,
      startedAt: null,
      finishedAt: null,
      exitCode: 137,
    }),
  );
}
