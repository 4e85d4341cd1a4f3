import type { KubeObject } from '../objects/object-store.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import { isSidecar, readPodSpec, type ContainerSpec, type PodSpec, type Resources } from './spec.ts';
import { demandAt, type MemoryProgram } from './program.ts';

/** `memory`: over its own limit; `node`: the node had none left; `exited`: by itself, with a code of its own. */
export type Ending = 'memory' | 'node' | 'liveness' | 'stopped' | 'evicted' | 'completed' | 'exited';

/** `state.terminated` as the API shows it; times have whole seconds. */
export interface Termination {
  readonly exitCode: number;
  readonly reason: 'OOMKilled' | 'Error' | 'Completed';
  /** The end of its termination log; absent where that is empty. */
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly containerID: string;
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAt: string }
  | { readonly kind: 'terminated'; readonly termination: Termination };

/** One process from its start to its end. */
export interface Instance {
  readonly containerId: string;
  /** How often the container had been restarted when it began. */
  readonly ordinal: number;
  /** Real ms UTC. */
  readonly startedAt: number;
  /** Virtual ms by which the program's age is counted. */
  readonly startedVirtual: number;
  /** Virtual ms per real ms of this instance; 1 for what was filled in from before the start. */
  readonly pace: number;
  /** With its files. */
  readonly program: MemoryProgram;
  /** Bytes of those that lay in the volume before it began. */
  readonly leftBytes: number;
  endedAt: number | null;
  ending: Ending | null;
  peakBytes: number;
  /** When the kernel killed a process of it that was not its first, which goes on running; real ms UTC. */
  childKills: readonly number[];
  stall: Stall;
  /** Seconds of CPU that it has used. */
  cpu: Counter;
}

export interface Counter {
  /** Real ms UTC. */
  readonly at: number;
  readonly count: number;
}

/** How long all tasks of an instance at once have waited for memory until `at` (real ms UTC). */
export interface Stall {
  readonly at: number;
  readonly stalledSeconds: number;
}

export interface ContainerRun {
  readonly spec: ContainerSpec;
  readonly type: 'container' | 'init' | 'sidecar';
  readonly backoff: Backoff;
  /** What the status says, which is behind the truth by up to a second. */
  state: ContainerState;
  lastTermination: Termination | null;
  /** The newest end, until the next start makes it the last state. `endedVirtual` counts for the back-off. */
  ended: Termination | null;
  endedVirtual: number;
  restartCount: number;
  /** What the pod's spec asks for now. */
  desired: Resources;
  /** What the kubelet admitted, and what the container's cgroup got. */
  allocated: Resources | null;
  applied: Resources | null;
  /** The process that is alive now. */
  instance: Instance | null;
  /** Newest last; the newest may still be alive. */
  instances: Instance[];
  cancelDeath: () => void;
  cancelRestart: () => void;
}

export interface ResizeCondition {
  readonly type: 'PodResizePending' | 'PodResizeInProgress';
  readonly reason?: string;
  readonly message?: string;
}

/** A pod as its kubelet knows it. */
export interface PodRun {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: PodSpec;
  readonly containers: readonly ContainerRun[];
  readonly podIp: string;
  nodeName: string | null;
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  reason: string | null;
  message: string | null;
  /** True once the kubelet has looked at the pod. */
  admitted: boolean;
  sandboxReady: boolean;
  startTime: string | null;
  observedGeneration: number | null;
  resize: ResizeCondition | null;
  /** Pages of a memory-backed volume, which outlive the containers and are charged to the pod. */
  leftBytes: number;
  /** Packets that its network has received; null before the first look. */
  packets: Counter | null;
  /** `status.resources`: what the pod's cgroup really has. */
  podResources: Resources;
  /** Restarts nothing any more. */
  finished: boolean;
  deleting: boolean;
  disrupted: string | null;
  /** Last change of each condition's status, as `status@time`. */
  readonly transitions: Map<string, { readonly status: string; readonly at: string }>;
}

/** Bytes that the container uses at this virtual time; null while nothing runs. */
export function usageOf(container: ContainerRun, virtualNow: number): number | null {
  return container.instance === null
    ? null
    : demandAt(container.instance.program, virtualNow - container.instance.startedVirtual);
}

/** The container's name list that the conditions print. */
export function namesOf(containers: readonly ContainerRun[]): string {
  return `[${containers.map((container) => container.spec.name).join(' ')}]`;
}

/** RFC 3339 with whole seconds, as metav1.Time prints it. */
export function wholeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

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
    instance: null,
    instances: [],
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
    leftBytes: 0,
    packets: null,
    finished: false,
    deleting: false,
    disrupted: null,
    transitions: new Map(),
  };
}
