import { record, records, text, timeMs } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import { readPod } from '../../core/kill/pod.ts';
import type { ContainerView, PodView } from '../../core/kill/pod.ts';
import type { Transport } from './transport.ts';
import { getObject } from './workload-objects.ts';

/** Containers of a pod that run, by name: with the id and the start (ms UTC) of the present run. */
export function runsOf(pod: JsonRecord) {
  const status = record(pod['status']);
  const all = [...records(status['containerStatuses']), ...records(status['initContainerStatuses'])];
  return new Map(
    all.flatMap((one) => {
      const name = text(one['name']);
      const state = record(one['state']);
      if (name === null || !('running' in state)) return [];
      const startedAt = timeMs(record(state['running'])['startedAt']);
      return [[name, { containerId: text(one['containerID']), startedAt }] as const];
    }),
  );
}

/** One container as it runs now; null where it does not, or its pod is on its way out. @throws Failure */
export async function readRunning(
  transport: Transport,
  { namespace, pod, container }: { readonly namespace: string; readonly pod: string; readonly container: string },
  deadlineMs: number,
): Promise<{
  readonly pod: PodView;
  readonly container: ContainerView;
  readonly containerId: string | null;
  readonly startedAt: number | null;
} | null> {
  const object = await getObject(transport, { kind: 'Pod', name: pod }, namespace, deadlineMs);
  const view = object && readPod(object);
  const run = object && runsOf(object).get(container);
  const one = view?.containers.find(({ name }) => name === container);
  return view && run && one && view.deletion === null ? { pod: view, container: one, ...run } : null;
}
