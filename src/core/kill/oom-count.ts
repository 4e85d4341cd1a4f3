import { z } from 'zod';
import { labelledPlace } from './cgroup.ts';
import { record, text } from './json-read.ts';
import { growingObject } from '../units/growing-object.ts';

/** cAdvisor's count of kernel kills in one run of a container (`container_oom_events_total`). `atMs` is ms UTC. */
export interface OomCount {
  readonly namespace: string;
  readonly pod: string;
  /** Null if the labels do not contain the cgroup. */
  readonly podUid: string | null;
  readonly container: string;
  /** Without the runtime's scheme; null if the labels were dropped on the way. */
  readonly containerId: string | null;
  readonly value: number;
  readonly atMs: number;
}

/** Characters of a name in Kubernetes. */
const longestName = 253;

/**
 * Reads the labels of one series; null if it is not about a container but a pod's cgroup, a pause container or the
 * node.
 */
export function readOomCount(labels: unknown, value: number, atMs: number): OomCount | null {
  const { namespace, pod, container, id, name } = record(labels);
  const [inNamespace, ofPod, ofContainer] = [text(namespace), text(pod), text(container)];
  if (inNamespace === null || ofPod === null || ofContainer === null || ofContainer === 'POD') return null;
  if (Math.max(inNamespace.length, ofPod.length, ofContainer.length) > longestName) return null;
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

/** How much a counter has risen since it was first read, across resets to 0. */
export const countedSchema = growingObject({
  /** Its last value. */
  last: z.number().int(),
  total: z.number().int(),
});
export type Counted = Readonly<z.infer<typeof countedSchema>>;

/** Adds a reading. A lower value than before means that the counter was reset: the kubelet was restarted. */
export function countOn({ last, total }: Counted, value: number): Counted {
  return { last: value, total: total + (value < last ? value : value - last) };
}
