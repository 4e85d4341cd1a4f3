import type { SandboxClock } from '../../clock.ts';
import type { EventRecorder } from './events.ts';
import type { ContainerRun, Ending, PodRun } from './run.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { MemoryProgram } from './program.ts';

/**
 * What took the memory away: the limit from the container or from one of its children, the node, the kubelet, or a
 * runtime from itself.
 */
export type KillCause = 'limit' | 'child' | 'node' | 'eviction' | 'self';

/** The process that the kernel chose. */
export interface Victim {
  readonly process: string;
  readonly pid: number;
  /** Anonymous memory, bytes. */
  readonly rssBytes: number;
}

/** One memory kill as the kernel or the kubelet did it: the truth that the API only shows later, or never. */
export interface MemoryKill {
  readonly cause: KillCause;
  /** Real ms UTC. */
  readonly at: number;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  readonly containerId: string;
  /** 0 where no limit had a part in it. */
  readonly limitInForceBytes: number;
  /** Null where the kernel killed nobody. */
  readonly victim: Victim | null;
}

/** What a pod's kubelet needs around it. */
export interface NodeContext {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  /** [0, 1) */
  readonly random: () => number;
  /** Virtual ms; only differences mean something. */
  readonly virtualNow: () => number;
  readonly eventsOf: (node: string) => EventRecorder;
  readonly hostIpOf: (node: string) => string;
  /** Memory that the node can give to pods, bytes. */
  readonly allocatableOf: (node: string) => number;
  readonly programFor: (run: PodRun, container: string) => MemoryProgram;
  /** False for a workload whose story is over: what is down stays down, and nothing more is killed. */
  readonly mayRestart: (run: PodRun) => boolean;
  /** A container was started for the first time; it may be given a past here. */
  readonly firstInstance: (run: PodRun, container: ContainerRun) => void;
  readonly killed: (kill: MemoryKill) => void;
  /** A node is short of something and takes it back from now on; the story's own clock says for how long. */
  readonly reclaim: (node: string, resource: StarvedResource, clock: SandboxClock) => void;
}

/** What a kubelet evicts for. */
export type StarvedResource = 'memory' | 'ephemeral-storage';

/** The inside of one pod's worker, for the parts that are files of their own (stop, resize). */
export interface WorkerTools {
  readonly node: NodeContext;
  readonly run: PodRun;
  /** Calls back after so many virtual ms unless the pod is gone by then. */
  readonly later: (virtualMs: number, fn: () => void) => () => void;
  readonly publish: () => void;
  readonly event: (
    container: ContainerRun | null,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    annotations?: Record<string, string>,
  ) => void;
  readonly die: (container: ContainerRun, ending: Ending) => void;
  /** It ends without the kubelet, who finds it dead within a second. The code is that of `exited`. */
  readonly endByItself: (container: ContainerRun, ending: Ending, exitCode?: number) => void;
  readonly startAgain: (container: ContainerRun) => void;
  readonly scheduleDeath: (container: ContainerRun) => void;
}
