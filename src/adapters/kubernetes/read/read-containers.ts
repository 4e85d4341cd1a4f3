import type { ContainerNow } from '../../../core/evidence/usage-now.ts';
import { record, records, text, timeMs } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { readPod, realLimit } from '../../../core/kill/pod.ts';
import { workloadOf } from '../../../core/kill/subject.ts';
import { listPages } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';

export interface ContainersRead {
  readonly containers: readonly ContainerNow[];
  /** Sentences about what is missing. */
  readonly notes: readonly string[];
}

/** No more pods than this are read: somebody is waiting for the answer, or it is needed every ten minutes. */
const mostPods = 20_000;

/**
 * The containers of all pods that have not ended, with their limits, page by page; of the given namespaces, or all.
 * @throws Failure if nothing at all could be read
 */
export async function readContainers(
  transport: Transport,
  namespaces: readonly string[],
  deadlineMs: number,
): Promise<ContainersRead> {
  const endsAt = Date.now() + deadlineMs;
  const containers: ContainerNow[] = [];
  const query = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' };
  const paths =
    namespaces.length === 0
      ? ['/api/v1/pods']
      : namespaces.map((namespace) => `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`);
  const notes = await Promise.all(
    paths.map((path) =>
      listPages(
        transport,
        { path, query, most: mostPods, endsAt },
        (pod) => void containers.push(...containersOf(pod)),
      ),
    ),
  );
  return { containers, notes: notes.filter((note) => note !== null).map((note) => `Of the pods ${note}`) };
}

function containersOf(pod: JsonRecord): readonly ContainerNow[] {
  const view = readPod(pod);
  if (view === null || view.namespace === null || view.deletion !== null) return [];
  const { name, namespace } = view;
  const workload = workloadOf(view);
  const running = runningContainers(pod);
  return view.containers
    .filter(({ type }) => type === 'container' || type === 'sidecar')
    .map((container) => {
      const run = running.get(container.name);
      const limit = realLimit(container.limitBytes);
      return {
        namespace,
        pod: name,
        container: container.name,
        workload,
        isRunning: run !== undefined,
        containerId: run?.containerId ?? null,
        startedAt: run?.startedAt ?? null,
        requestBytes: container.requestBytes,
        limitBytes: limit === 0 ? null : limit,
      };
    });
}

/** The running containers of a pod, by name. Times are ms UTC. */
export function runningContainers(
  pod: JsonRecord,
): ReadonlyMap<string, Pick<ContainerNow, 'containerId' | 'startedAt'>> {
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
