import type { MemoryKill, StarvedResource, WorkerTools } from './node.ts';
import type { ContainerRun } from './run.ts';
import { formatBytes } from '../objects/quantity.ts';
import { memoryRequest } from './spec.ts';
import { usageOf, wholeSeconds } from './run.ts';
import type { KubeObject } from '../objects/object-store.ts';

/**
 * A graceful deletion: the containers get SIGTERM and end with 143, the phase becomes final, 0.28 s later the grace
 * period is written down to 0 and the pod leaves the store once nobody holds a finalizer (recorded in `delete-137`).
 * Called for every change of a pod that is being deleted; only the first call starts it.
 */
export function stopPod(tools: WorkerTools, pod: KubeObject): void {
  const { run, later, publish, event, die, node } = tools;
  if (run.deleting) {
    if (pod.metadata['deletionGracePeriodSeconds'] === 0) removeWhenFree(tools, pod);
    return;
  }
  run.deleting = true;
  const alive = run.containers.filter(({ instance }) => instance !== null);
  for (const container of run.containers) container.cancelRestart();
  if (alive.length === 0) {
    later(4, () => {
      letGo(tools);
    });
    return;
  }
  for (const container of alive) event(container, 'Normal', 'Killing', `Stopping container ${container.spec.name}`);
  publish();
  const graceMs = Number(pod.metadata['deletionGracePeriodSeconds'] ?? run.spec.terminationGracePeriodSeconds) * 1000;
  later(Math.min(graceMs, 300 + node.random() * 700), () => {
    for (const container of alive) {
      die(container, 'stopped');
      if (container.ended !== null) container.state = { kind: 'terminated', termination: container.ended };
    }
    run.finished = true;
    run.phase = 'Failed';
    publish();
    later(280, () => {
      letGo(tools);
    });
  });
}

function letGo({ node, run }: WorkerTools): void {
  node.store.write('pods', run.namespace, run.name, (draft) => {
    // NOTE: the time of the deletion jumps back to now, and that is no new generation (recorded).
    draft.metadata.deletionTimestamp = wholeSeconds(node.clock.now());
    draft.metadata['deletionGracePeriodSeconds'] = 0;
  });
  const pod = node.store.get('pods', run.namespace, run.name);
  if (pod !== undefined) removeWhenFree({ node, run }, pod);
}

function removeWhenFree({ node, run }: Pick<WorkerTools, 'node' | 'run'>, pod: KubeObject): void {
  const finalizers = pod.metadata['finalizers'];
  if (Array.isArray(finalizers) && finalizers.length > 0) return;
  if (pod.metadata.uid === run.uid) node.store.remove('pods', run.namespace, run.name);
}

/**
 * The liveness probe fails as often as it must, the process ignores SIGTERM and dies after the grace period with
 * 137. No `state.terminated` line: the restart comes with the same look, only `lastState` tells (recorded).
 */
export function failLiveness(tools: WorkerTools, container: ContainerRun): void {
  const { run, later, event, die, startAgain } = tools;
  const { name, livenessProbe } = container.spec;
  const { periodSeconds, failureThreshold } = livenessProbe ?? { periodSeconds: 10, failureThreshold: 3 };
  const { instance } = container;
  if (instance === null) return;

  const stillRuns = (): boolean => container.instance === instance && !run.deleting;
  for (let failure = 1; failure <= failureThreshold; failure += 1) {
    later(failure * periodSeconds * 1000, () => {
      if (!stillRuns()) return;
      event(container, 'Warning', 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 503');
      if (failure < failureThreshold) return;
      event(container, 'Normal', 'Killing', `Container ${name} failed liveness probe, will be restarted`);
      later(run.spec.terminationGracePeriodSeconds * 1000, () => {
        if (!stillRuns()) return;
        die(container, 'liveness');
        startAgain(container);
      });
    });
  }
}

/** Bytes that every container has written where the node is short of disk. */
const writtenBytes = 3 * 2 ** 30;
const thresholds: Readonly<Record<StarvedResource, string>> = {
  memory: 'Threshold quantity: 100Mi, available: 84Mi.',
  'ephemeral-storage': 'Threshold quantity: 10726829875, available: 9884216Ki.',
};

/**
 * Eviction for what the node is short of: its condition, the Event, and 2.2 s later the status (recorded in `evict`);
 * the containers read Error/137, never OOMKilled.
 */
export function evictPod(tools: WorkerTools, resource: StarvedResource = 'memory'): void {
  const { node, run, later, publish, event, die } = tools;
  const uses = run.containers.filter(({ instance }) => instance !== null);
  if (run.nodeName === null || run.finished || uses.length === 0) return;
  const usage = uses.map((container) =>
    resource === 'memory' ? Math.round(usageOf(container, node.virtualNow()) ?? 0) : writtenBytes,
  );
  const described = uses.map(({ spec, desired }, index) => {
    const request = resource === 'memory' ? formatBytes(memoryRequest(desired)) : '0';
    return `Container ${spec.name} was using ${kibi(usage[index] ?? 0)}, request is ${request}, has larger consumption of ${resource}. `;
  });
  const message = `The node was low on resource: ${resource}. ${thresholds[resource]} ${described.join('')}`;
  node.reclaim(run.nodeName, resource, node.clock);
  event(null, 'Warning', 'Evicted', message, {
    offending_containers: uses.map(({ spec }) => spec.name).join(','),
    offending_containers_usage: usage.map(kibi).join(','),
    starved_resource: resource,
  });
  later(2200, () => {
    for (const container of uses) {
      container.cancelRestart();
      die(container, 'evicted');
      if (container.ended !== null) container.state = { kind: 'terminated', termination: container.ended };
    }
    run.finished = true;
    run.phase = 'Failed';
    run.reason = 'Evicted';
    run.message = message;
    run.disrupted = message;
    publish();
    if (resource !== 'memory') return;
    node.killed(evictionOf(tools, uses));
  });
}

/** The kernel kills nobody here; whom the kubelet stops counts once, whatever ran in the pod. */
function evictionOf({ node, run }: WorkerTools, uses: readonly ContainerRun[]): MemoryKill {
  return {
    cause: 'eviction',
    at: node.clock.now(),
    namespace: run.namespace,
    pod: run.name,
    podUid: run.uid,
    container: uses[0]?.spec.name ?? '',
    containerId: uses[0]?.instances.at(-1)?.containerId ?? '',
    limitInForceBytes: 0,
    victim: null,
  };
}

function kibi(bytes: number): string {
  return `${Math.round(bytes / 1024)}Ki`;
}
