import { z } from 'zod';
import type { NodeOom } from './node/node-oom.ts';
import type { SameImage } from './before/same-image.ts';
import type { SeenBefore } from './before/seen-before.ts';
import { growingObject } from '../units/growing-object.ts';

/** A fact with its source and time, or the reason why it is missing. `at` is ms UTC. */
export type Evidence<T> =
  | { readonly found: true; readonly value: T; readonly source: string; readonly at: number }
  | { readonly found: false; readonly reason: string; readonly source: string; readonly at: number };

/** One line of evidence as a person reads it in the thread and as it is kept in the document. */
export const evidenceLineSchema = growingObject({
  label: z.string(),
  text: z.string(),
  source: z.string(),
  at: z.number(),
  missing: z.boolean(),
});
export type EvidenceLine = z.infer<typeof evidenceLineSchema>;

/** What the container asks for and what is in force, read from the live pod and its workload. Bytes. */
export interface SpecFacts {
  readonly limitBytes: number | null;
  readonly requestBytes: number | null;
  readonly podLimitBytes: number | null;
  readonly qosClass: string | null;
  readonly image: string | null;
  /** Literal `value`s of the container's environment; values from secrets or config maps are left out. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that are set but whose values are not seen: from secrets, config maps or fields. */
  readonly hiddenEnv: readonly string[];
  /** Whether more variables come whole from config maps or secrets (`envFrom`): not even their names are known. */
  readonly envFrom: boolean;
  /** The command (where one is given) and its arguments, as one line of words. */
  readonly args: readonly string[];
  readonly memoryVolumes: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly sizeLimitBytes: number | null;
  }[];
}

export interface UsageSample {
  /** ms UTC */
  readonly t: number;
  readonly workingSetBytes: number;
  readonly rssBytes?: number;
  readonly usageBytes?: number;
  /** Pages of files, those of memory-backed volumes (tmpfs) included: `container_memory_cache`. */
  readonly cacheBytes?: number;
  /** For how long all of its tasks have waited for memory since it started (PSI), seconds. */
  readonly stalledSeconds?: number;
  /** Work that was asked of it, in any unit (requests per second, say): only its changes mean anything. */
  readonly load?: number;
}

/** One run of the container: from a start to its end. Samples ascend in time and belong to this run only. */
export interface UsageRun {
  readonly pod: string;
  readonly containerId: string | null;
  readonly revision: string | null;
  /** ms UTC; null when it is not known. */
  readonly startedAt: number | null;
  /** ms UTC of the kill; null while it runs or where it did not end in a memory kill. */
  readonly killedAt: number | null;
  /** Limit in force in that run. */
  readonly limitBytes: number | null;
  readonly samples: readonly UsageSample[];
}

export interface UsageHistory {
  readonly runs: readonly UsageRun[];
  /** Runs of other pods of the same workload that were not killed, in the same window. */
  readonly siblings: readonly UsageRun[];
  /** ms between scrapes, as seen in the samples; null with fewer than two. */
  readonly resolutionMs: number | null;
  /**
   * What each killed pod used as a whole (the pod's own cgroup), across the runs of its containers: the pages of a
   * memory-backed volume are charged to the pod and survive a restart. Absent: not asked for.
   */
  readonly pods?: readonly PodUsage[];
  /** The most that any container of the workload used, by step of the last 14 days, oldest first. Absent: not asked for. */
  readonly peaks?: readonly UsagePeak[];
  /** Where the samples' `load` comes from; absent where they have none. */
  readonly loadFrom?: LoadSource;
  /** What else than working sets was asked for, in PromQL as a person would paste it. Absent: not asked in PromQL. */
  readonly queries?: UsageQueries;
  /** Its kubelet gives it a `memory.high`, above which the kernel slows it down before its limit. Absent: not known. */
  readonly memoryQos?: true;
}

export interface UsageQueries {
  readonly peaks: string;
  /** Time in which it stood still for want of memory. */
  readonly stalled: string;
  /** Null without a load. */
  readonly load: string | null;
}

export interface PodUsage {
  readonly pod: string;
  /** Oldest first. */
  readonly samples: readonly UsageSample[];
}

/** ms UTC and bytes. */
export interface UsagePeak {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** `words`: "packets received by the pod"; a proxy is a stand-in for the requests themselves. */
export interface LoadSource {
  readonly words: string;
  readonly isProxy: boolean;
}

export interface RolloutFacts {
  readonly revision: string;
  /** ms UTC when the revision that was killed began. */
  readonly startedAt: number;
  readonly previousRevision: string | null;
  /** What the pod template changed, as short words a person understands: `image shop:1.4 -> shop:1.5`, `env CACHE_MB`. */
  readonly changed: readonly string[];
  /** The memory limit of the container in both revisions, bytes (null = none), where the rollout changed it. */
  readonly limit: { readonly fromBytes: number | null; readonly toBytes: number | null } | null;
  /** Its heap flags in both revisions, as they are written (`-Xmx512m`, '' = none), where the rollout changed them. */
  readonly heapFlags: { readonly from: string; readonly to: string } | null;
  /** It raised memory limits or requests and changed nothing else. */
  readonly onlyRaises?: boolean;
}

export interface RestartFacts {
  readonly restartCount: number;
  /** Ends of the runs that are known, newest last. */
  readonly ends: readonly {
    readonly startedAt: number | null;
    readonly finishedAt: number | null;
    readonly exitCode: number | null;
    readonly reason: string | null;
  }[];
  /** The run that goes on: since when (ms UTC), and the limit in force in it (bytes). Absent or null where none does. */
  readonly running?: { readonly startedAt: number; readonly limitBytes: number | null } | null;
}

export interface LogFacts {
  /** Last lines of the killed run, oldest first, at most 50 lines. */
  readonly lines: readonly string[];
}

/** The containers of one pod that has a limit as a whole, beside each other. Bytes. */
export interface PodFacts {
  readonly containers: readonly {
    readonly container: string;
    /** Its own limit; null without one. */
    readonly limitBytes: number | null;
    /** What it uses now; null where it does not run or nobody measured. */
    readonly usedBytes: number | null;
  }[];
}

/** What scales a workload by its memory, or sets it. */
export interface ScalingFacts {
  /**
   * What sets the number of pods. `share`: on memory as a share of the request, so that a higher request means fewer
   * pods. KEDA makes an HPA of each ScaledObject, and whoever changes that one changes the ScaledObject.
   */
  readonly scaler: {
    readonly kind: 'HPA' | 'ScaledObject';
    readonly name: string;
    readonly onMemory: 'share' | 'value' | 'no';
  } | null;
  /** `mode`: the updateMode as it is written. */
  readonly vpa: { readonly name: string; readonly mode: string } | null;
}

/** What a namespace lets its containers have. Bytes. */
export interface NamespaceFacts {
  readonly namespace: string;
  /** Quotas on memory that count this pod, as far as the namespace has any. */
  readonly quotas: readonly {
    readonly name: string;
    readonly of: 'limits.memory' | 'requests.memory';
    readonly hardBytes: number;
    readonly usedBytes: number;
  }[];
  /** Of LimitRanges, what they say about each container. */
  readonly ranges: readonly {
    readonly name: string;
    readonly maxBytes: number | null;
    /** The limit that a container gets which has none of its own. */
    readonly defaultBytes: number | null;
  }[];
  /** Whether the pod says that a LimitRange gave the container its memory limit. */
  readonly limitIsDefault: boolean;
  /** How many pods the workload is to have. */
  readonly pods: number;
}

/** A container or pod that used more than it asked for: those are evicted or killed first. Bytes. */
export interface Exceeding {
  /** `namespace/pod`. */
  readonly pod: string;
  readonly usedBytes: number;
  readonly requestBytes: number;
  /** Of its PriorityClass, where it has one: among those above their request the lower one goes first. */
  readonly priorityClass?: string;
}

/** A pod of the node with a recent kill or eviction for memory. */
export interface NodeVictim {
  readonly pod: string;
  /** Null for an eviction. */
  readonly container: string | null;
  /** ms UTC */
  readonly at: number;
}

/** A node that was short of memory, and who is on it. Bytes; null = not said or not measured. */
export interface NodeFacts {
  readonly node: string;
  readonly allocatableBytes: number | null;
  /** All memory of the machine; what pods may not have of it is kept for the system and the kubelet. */
  readonly capacityBytes?: number;
  /** With swap, Burstable pods get slow where they would be killed without. */
  readonly swapBytes?: number;
  readonly requestedBytes: number;
  /** Sum of the limits, as far as there are any. */
  readonly limitBytes: number;
  /** Pods with at least one container without a limit. */
  readonly unlimitedPods: number;
  /** Sum of the working sets; null where nobody measured. */
  readonly usedBytes: number | null;
  /** ms UTC since when the node itself says that it is short of memory. */
  readonly pressureSince: number | null;
  /** ms UTC since when it says that it is not; null where it says neither, as one whose kubelet no longer answers. */
  readonly enoughSince: number | null;
  /** The largest excess first. */
  readonly exceeding: readonly Exceeding[];
  /** The latest first. */
  readonly victims: readonly NodeVictim[];
}

/** All that is known about an incident when it is diagnosed: the input of diagnosis and sizing. */
export interface Findings {
  readonly spec: Evidence<SpecFacts>;
  readonly restarts: Evidence<RestartFacts>;
  readonly usage: Evidence<UsageHistory>;
  readonly log: Evidence<LogFacts>;
  readonly rollout: Evidence<RolloutFacts>;
  /** Only where something scales the workload. */
  readonly scaling?: Evidence<ScalingFacts>;
  /** Only where a quota or a LimitRange of its namespace says something of memory. */
  readonly namespace?: Evidence<NamespaceFacts>;
  /** Only where the pod as a whole has a limit (`spec.resources`) and more than one container. */
  readonly pod?: Evidence<PodFacts>;
  /** Only where a node was short of memory or may have been: a kill of a node or for one, an eviction. */
  readonly node?: Evidence<NodeFacts>;
  /** Only where the kernel killed for the whole node when this container was killed. */
  readonly nodeOom?: Evidence<NodeOom>;
  /** Only where something was done before, or the workload had an incident before. */
  readonly before?: Evidence<SeenBefore>;
  /** Only where other workloads of the cluster with the same image were killed. */
  readonly sameImage?: Evidence<SameImage>;
}
