import { isDeepStrictEqual } from 'node:util';

import type { WorkerTools } from './node.ts';
import { usageOf, type ContainerRun } from './run.ts';
import { memoryLimit, memoryRequest, podResources, readPodSpec, wholePod, type Resources } from './spec.ts';
import type { KubeObject } from '../objects/object-store.ts';
import { memoryRequestOf } from '../objects/pod-spec.ts';

/**
 * In-place resize as kubelet 1.36.2 does it (recorded): on running containers two more lines in 20 to 60 ms, first
 * `allocatedResources` with PodResizeInProgress, then `resources` and the pod's cgroup. On a container that is not
 * running everything is said to be done in one line and the container starts at once with its back-off forgotten,
 * but the pod's cgroup keeps the old limit, so that the next instance is killed by it again ((k/k#138760)).
 */
export function noticeResize(tools: WorkerTools, pod: KubeObject): void {
  const { run, later, event, publish, node } = tools;
  const changed = changedContainers(tools, pod);
  if (changed.length === 0) return;
  for (const [container, resources] of changed) container.desired = resources;
  const admitted = changed.map(([container]) => container).filter(({ allocated }) => allocated !== null);
  if (admitted.length === 0) return;

  const shortage = missingOnNode(tools);
  if (shortage !== null) {
    if (run.resize?.message === shortage) return;
    run.resize = { type: 'PodResizePending', reason: 'Deferred', message: shortage };
    event(null, 'Warning', 'ResizeDeferred', `Pod resize OutOfmemory: ${description(admitted, pod, shortage)}`);
    publish();
    return;
  }

  later(8, () => {
    event(null, 'Normal', 'ResizeStarted', `Pod resize started: ${description(admitted, pod)}`);
    const completed = (): void => {
      event(null, 'Normal', 'ResizeCompleted', `Pod resize completed: ${description(admitted, pod)}`);
    };
    for (const container of admitted) container.allocated = container.desired;
    const down = admitted.filter(({ instance }) => instance === null);
    const up = admitted.filter(({ instance }) => instance !== null);
    for (const container of down) container.applied = container.desired;
    if (up.length === 0) {
      completed();
      run.resize = null;
      sayStartsAgain(tools, down);
      return;
    }
    run.resize = { type: 'PodResizeInProgress' };
    publish();
    later(15 + node.random() * 25, () => {
      if (run.deleting || run.finished) return;
      const tooLow = up.find((container) => belowUsage(tools, container));
      if (tooLow !== undefined) {
        run.resize = { type: 'PodResizeInProgress', reason: 'Error', message: belowUsageMessage(tools, tooLow) };
        publish();
        return;
      }
      for (const container of up) container.applied = container.desired;
      widenPod(tools);
      run.resize = null;
      completed();
      publish();
      for (const container of run.containers) tools.scheduleDeath(container);
    });
  });
}

function changedContainers({ run }: WorkerTools, pod: KubeObject): [ContainerRun, Resources][] {
  const spec = readPodSpec(pod);
  const wanted = new Map([...spec.initContainers, ...spec.containers].map(({ name, resources }) => [name, resources]));
  const deferred = run.resize?.type === 'PodResizePending';
  return run.containers.flatMap((container): [ContainerRun, Resources][] => {
    const resources = wanted.get(container.spec.name);
    const known = deferred ? container.allocated : container.desired;
    return resources === undefined || isDeepStrictEqual(resources, known) ? [] : [[container, resources]];
  });
}

/** The pod's cgroup gets the new sum of limits; the reported requests stay as they were (recorded). */
function widenPod({ run }: WorkerTools): void {
  const resources = (type: ContainerRun['type'][]): Resources[] =>
    run.containers.filter((container) => type.includes(container.type)).map(({ desired }) => desired);
  const { limits } = wholePod(run.spec, podResources(resources(['container', 'sidecar']), resources(['init'])));
  run.podResources = { ...(limits === undefined ? {} : { limits }), ...withRequests(run.podResources) };
}

function withRequests({ requests }: Resources): Resources {
  return requests === undefined ? {} : { requests };
}

function sayStartsAgain({ node, run, event, publish, startAgain }: WorkerTools, down: readonly ContainerRun[]): void {
  const restartable = down.filter(({ state }) => state.kind !== 'running');
  for (const container of restartable) {
    const { name } = container.spec;
    container.cancelRestart();
    container.backoff.reset();
    const message = `back-off 10s restarting failed container=${name} pod=${run.name}_${run.namespace}(${run.uid})`;
    container.state = { kind: 'waiting', reason: 'CrashLoopBackOff', message };
  }
  publish();
  if (!node.mayRestart(run)) {
    for (const container of restartable) event(container, 'Warning', 'BackOff', 'Back-off restarting failed container');
    return;
  }
  for (const container of restartable) startAgain(container);
}

function belowUsage({ node }: WorkerTools, container: ContainerRun): boolean {
  const limit = memoryLimit(container.desired);
  return limit !== null && limit < (usageOf(container, node.virtualNow()) ?? 0);
}

function belowUsageMessage({ node }: WorkerTools, container: ContainerRun): string {
  const usage = Math.round(usageOf(container, node.virtualNow()) ?? 0);
  const limit = memoryLimit(container.desired) ?? 0;
  return `attempting to set container ${container.spec.name} memory limit (${limit}) below current usage (${usage})`;
}

/** Why the node cannot give what the pod asks for now, or null. Other pods count with what they ask for. */
function missingOnNode({ node, run }: WorkerTools): string | null {
  const { nodeName } = run;
  if (nodeName === null) return null;
  const others = node.store
    .list('pods')
    .filter(({ metadata, spec }) => metadata.uid !== run.uid && spec?.['nodeName'] === nodeName)
    .filter(({ status }) => status?.['phase'] !== 'Failed' && status?.['phase'] !== 'Succeeded')
    .reduce((sum, other) => sum + memoryRequestOf(other.spec ?? {}), 0);
  const wanted = run.containers
    .filter(({ type }) => type !== 'init')
    .reduce((sum, { desired }) => sum + memoryRequest(desired), 0);
  const capacity = node.allocatableOf(nodeName);
  if (others + wanted <= capacity) return null;
  return `Node didn't have enough resource: memory, requested: ${wanted}, used: ${others}, capacity: ${capacity}`;
}

function description(containers: readonly ContainerRun[], pod: KubeObject, error?: string): string {
  return JSON.stringify({
    containers: containers.map(({ spec, desired }) => ({ name: spec.name, resources: desired })),
    generation: pod.metadata.generation,
    ...(error === undefined ? {} : { error }),
  });
}
