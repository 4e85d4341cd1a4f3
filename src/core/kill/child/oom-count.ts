import { labelledPlace } from '../cgroup.ts';
import { record, text } from '../json-read.ts';

/** cAdvisor's count of kernel kills in one life of a container (`container_oom_events_total`). `atMs` is ms UTC. */
export interface OomCount {
  readonly namespace: string;
  readonly pod: string;
  /** Null where the labels do not hold the cgroup. */
  readonly podUid: string | null;
  readonly container: string;
  /** Without the runtime's scheme; null where the labels that tell were dropped on the way. */
  readonly containerId: string | null;
  readonly value: number;
  readonly atMs: number;
}

/** Reads the labels of one series; null for what is no container: a pod's own cgroup, its pause container, the node. */
export function readOomCount(labels: unknown, value: number, atMs: number): OomCount | null {
  const { namespace, pod, container, id, name } = record(labels);
  const [inNamespace, ofPod, ofContainer] = [text(namespace), text(pod), text(container)];
  if (inNamespace === null || ofPod === null || ofContainer === null || ofContainer === 'POD') return null;
  if (!Number.isSafeInteger(value) || value < 0) return null;
  return {
    namespace: inNamespace,
    pod: ofPod,
    container: ofContainer,
    ...labelledPlace({ id: text(id), name: text(name) }),
    value,
    atMs,
  };
}
