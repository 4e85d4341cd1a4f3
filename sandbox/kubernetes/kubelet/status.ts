import { namesOf, type ContainerRun, type PodRun, type ResizeCondition } from './run.ts';
import { podResources, type Resources } from './spec.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';

const imageId = 'sha256:12f6648ac56bdc43ed90562576007b84d8676be0d2583dab793b644fee31df4d';

/** The pod's whole status as the kubelet would send it now, in the key order of the API's Go structs. */
export function podStatus(run: PodRun, qosClass: string, hostIp: string, now: string): JsonObject {
  const inits = run.containers.filter((container) => container.type !== 'container');
  const mains = run.containers.filter((container) => container.type === 'container');
  return {
    ...(run.observedGeneration === null ? {} : { observedGeneration: run.observedGeneration }),
    phase: run.phase,
    conditions: conditions(run, now),
    ...(run.message === null ? {} : { message: run.message }),
    ...(run.reason === null ? {} : { reason: run.reason }),
    ...(run.admitted ? { hostIP: hostIp, hostIPs: [{ ip: hostIp }] } : {}),
    ...(run.sandboxReady && anyStarted(run) ? { podIP: run.podIp, podIPs: [{ ip: run.podIp }] } : {}),
    ...(run.startTime === null ? {} : { startTime: run.startTime }),
    ...(run.admitted && inits.length > 0 ? { initContainerStatuses: inits.map(containerStatus) } : {}),
    ...(run.admitted ? { containerStatuses: mains.toSorted(byName).map(containerStatus) } : {}),
    qosClass,
    ...(run.admitted ? resourceFields(run) : {}),
  };
}

/** The pod cannot start anything again: every container has ended for good. */
function readiness(run: PodRun): 'PodFailed' | 'PodCompleted' | null {
  if (!run.finished) return null;
  return run.phase === 'Succeeded' || (run.phase === 'Running' && !run.containers.some(failed))
    ? 'PodCompleted'
    : 'PodFailed';
}

function failed(container: ContainerRun): boolean {
  return container.state.kind === 'terminated' && container.state.termination.exitCode !== 0;
}

function anyStarted(run: PodRun): boolean {
  return run.containers.some((container) => container.instances.length > 0);
}

function byName(a: ContainerRun, b: ContainerRun): number {
  return a.spec.name < b.spec.name ? -1 : 1;
}

function resourceFields(run: PodRun): JsonObject {
  const resources = (type: ContainerRun['type'][]): Resources[] =>
    run.containers
      .filter((container) => type.includes(container.type))
      .map((container) => container.allocated ?? container.spec.resources);
  const allocated = podResources(resources(['container', 'sidecar']), resources(['init']));
  return {
    ...(allocated.requests === undefined ? {} : { allocatedResources: allocated.requests }),
    resources: run.podResources,
  };
}

function containerStatus(container: ContainerRun): JsonObject {
  const { spec, state, instances } = container;
  const started = instances.at(-1);
  return {
    name: spec.name,
    state: shownState(container),
    lastState: container.lastTermination === null ? {} : { terminated: container.lastTermination },
    ready: isReady(container),
    restartCount: container.restartCount,
    image: spec.image,
    imageID: started === undefined ? '' : imageId,
    ...(started === undefined ? {} : { containerID: `containerd://${started.containerId}` }),
    started: state.kind === 'running',
    ...(container.allocated?.requests === undefined ? {} : { allocatedResources: container.allocated.requests }),
    ...(container.applied === null ? {} : { resources: container.applied }),
    volumeMounts: spec.volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
    ...(started === undefined ? {} : { user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } } }),
  };
}

function shownState({ state }: ContainerRun): JsonObject {
  switch (state.kind) {
    case 'waiting':
      return {
        waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) },
      };
    case 'running':
      return { running: { startedAt: state.startedAt } };
    case 'terminated':
      return { terminated: state.termination };
  }
}

function isReady(container: ContainerRun): boolean {
  const { state, type } = container;
  if (type === 'init') return state.kind === 'terminated' && state.termination.exitCode === 0;
  return state.kind === 'running';
}

function isInitialised({ type, state }: ContainerRun): boolean {
  if (type === 'sidecar') return state.kind !== 'waiting' || state.reason === 'CrashLoopBackOff';
  return type === 'container' || (state.kind === 'terminated' && state.termination.exitCode === 0);
}

function conditions(run: PodRun, now: string): JsonObject[] {
  const scheduled = condition(run, 'PodScheduled', run.nodeName !== null, now, unschedulable(run));
  if (!run.admitted) return [scheduled];
  const waitingInits = run.containers.filter((container) => !isInitialised(container));
  const unready = run.containers.filter((container) => container.type !== 'init' && !isReady(container));
  const over = readiness(run);
  const why =
    over === null
      ? { reason: 'ContainersNotReady', message: `containers with unready status: ${namesOf(unready)}` }
      : { reason: over };
  const ready = unready.length === 0 && waitingInits.length === 0 && over === null;
  const network = run.sandboxReady && run.phase !== 'Failed' && run.phase !== 'Succeeded';
  return [
    ...(run.resize === null ? [] : [resizeCondition(run, run.resize, now)]),
    ...(run.disrupted === null ? [] : [disruption(run, run.disrupted, now)]),
    condition(run, 'PodReadyToStartContainers', network, now),
    condition(run, 'Initialized', waitingInits.length === 0, now, {
      reason: 'ContainersNotInitialized',
      message: `containers with incomplete status: ${namesOf(waitingInits)}`,
    }),
    condition(run, 'Ready', ready, now, why),
    condition(run, 'ContainersReady', ready, now, why),
    scheduled,
  ];
}

function unschedulable(run: PodRun): { reason: string; message: string } {
  return { reason: 'Unschedulable', message: run.message ?? '0/1 nodes are available: 1 Insufficient memory.' };
}

function condition(
  run: PodRun,
  type: string,
  holds: boolean,
  now: string,
  unless: { readonly reason?: string; readonly message?: string } = {},
): JsonObject {
  const status = holds ? 'True' : 'False';
  const known = run.transitions.get(type);
  const since = known?.status === status ? known.at : now;
  run.transitions.set(type, { status, at: since });
  return {
    type,
    // The scheduler's own line comes before the kubelet has observed anything.
    ...(run.observedGeneration === null ? {} : { observedGeneration: run.observedGeneration }),
    status,
    lastProbeTime: null,
    lastTransitionTime: since,
    ...(holds ? {} : unless),
  };
}

function resizeCondition(run: PodRun, resize: ResizeCondition, now: string): JsonObject {
  return {
    type: resize.type,
    ...(run.observedGeneration === null ? {} : { observedGeneration: run.observedGeneration }),
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
    ...(resize.reason === undefined ? {} : { reason: resize.reason }),
    ...(resize.message === undefined ? {} : { message: resize.message }),
  };
}

function disruption(run: PodRun, message: string, now: string): JsonObject {
  return {
    ...condition(run, 'DisruptionTarget', true, now),
    reason: 'TerminationByKubelet',
    message,
  };
}

/** Writes the kubelet's entry of `managedFields`, coarsely: the parts of the status that it owns. */
export function claimStatus(draft: KubeObject, now: string): void {
  const others = (draft.metadata.managedFields ?? []).filter((entry) => entry['manager'] !== 'kubelet');
  const fields = ['conditions', 'containerStatuses', 'hostIP', 'hostIPs', 'phase', 'podIP', 'podIPs', 'startTime'];
  draft.metadata.managedFields = [
    ...others,
    {
      manager: 'kubelet',
      operation: 'Update',
      apiVersion: 'v1',
      time: now,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:status': Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
      subresource: 'status',
    },
  ];
}
