import { terminationFingerprint } from '../fingerprint.ts';
import { lifeStatus } from './life-view.ts';
import type { LifeView } from './life-view.ts';
import type { OomCount } from './oom-count.ts';
import { lastingUid, readPod } from '../pod.ts';

/** Runtimes whose ids the kubelet knows. A label has the bare id; the API writes the runtime before it. */
const runtimes = ['containerd', 'cri-o', 'docker'];

/**
 * The life of a container whose pod is gone, as far as the labels of its counter tell: no limit, no start, and the pod
 * as its own workload. Null where they do not name the pod's uid: then nobody could tell whether the rise is the
 * container's own kill, which is known already.
 */
export function lifeOfLabels({ namespace, pod, podUid, container, containerId }: OomCount): LifeView | null {
  if (podUid === null || containerId === null) return null;
  const view = readPod({
    metadata: { name: pod, namespace, uid: podUid },
    status: { containerStatuses: [{ name: container }] },
  });
  const [of] = view?.containers ?? [];
  return view === null || of === undefined ? null : { pod: view, container: of, containerId };
}

/** What the kill of the container itself in this life would be called: one name, or one for each runtime it may be of. */
export function ownFingerprints(cluster: string, life: LifeView): readonly string[] {
  const { containerId } = lifeStatus(life);
  const ids = containerId === null ? runtimes.map((runtime) => `${runtime}://${life.containerId}`) : [containerId];
  return ids.map((id) =>
    terminationFingerprint(cluster, lastingUid(life.pod), life.container.name, {
      containerId: id,
      startedAt: null,
      finishedAt: null,
      exitCode: 137,
    }),
  );
}
