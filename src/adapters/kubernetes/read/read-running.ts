import { readPod } from '../../../core/kill/pod.ts';
import type { ContainerView, PodView } from '../../../core/kill/pod.ts';
import type { Transport } from '../transport/transport.ts';
import { getObject } from './workload-objects.ts';

/** One running container; null if it is not running or its pod is being deleted. @throws Failure */
export async function readRunning(
  transport: Transport,
  { namespace, pod, container }: { readonly namespace: string; readonly pod: string; readonly container: string },
  deadlineMs: number,
): Promise<{ readonly pod: PodView; readonly container: ContainerView } | null> {
  const view = readPod(await getObject(transport, { kind: 'Pod', name: pod }, namespace, deadlineMs));
  const one = view?.containers.find(({ name }) => name === container);
  return view && one && one.startedAt !== null && view.deletion === null ? { pod: view, container: one } : null;
}
