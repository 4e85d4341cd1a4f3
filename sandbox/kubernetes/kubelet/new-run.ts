import { createBackoff } from './backoff.ts';
import type { ContainerRun, PodRun } from './run.ts';
import { isSidecar, readPodSpec, type ContainerSpec } from './spec.ts';
import type { KubeObject } from '../objects/object-store.ts';

/** A pod that was just bound to a node: nothing has been started yet. */
export function newRun(pod: KubeObject, nodeName: string, random: () => number): PodRun {
  const spec = readPodSpec(pod);
  const waiting = spec.initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const ofType = (type: ContainerRun['type'], container: ContainerSpec): ContainerRun => ({
    spec: container,
    type,
    backoff: createBackoff(),
    state: { kind: 'waiting', reason: waiting },
    lastTermination: null,
    ended: null,
    endedVirtual: 0,
    restartCount: 0,
    desired: container.resources,
    allocated: null,
    applied: null,
    life: null,
    lives: [],
    cancelDeath: () => undefined,
    cancelRestart: () => undefined,
  });
  return {
    uid: pod.metadata.uid,
    namespace: pod.metadata.namespace ?? 'default',
    name: pod.metadata.name,
    spec,
    containers: [
      ...spec.initContainers.map((container) => ofType(isSidecar(container) ? 'sidecar' : 'init', container)),
      ...spec.containers.map((container) => ofType('container', container)),
    ],
    podIp: `10.88.${Math.floor(random() * 250)}.${2 + Math.floor(random() * 250)}`,
    nodeName,
    phase: 'Pending',
    reason: null,
    message: null,
    admitted: false,
    sandboxReady: false,
    startTime: null,
    observedGeneration: null,
    resize: null,
    podResources: {},
    finished: false,
    deleting: false,
    disrupted: null,
    transitions: new Map(),
  };
}
