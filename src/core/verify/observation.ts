/** Who last changed something, as its `managedFields` say, and when (ms UTC). */
export interface Change {
  /** Name of the field manager, as a rule a program; null where it left none. */
  readonly by: string | null;
  readonly at: number;
}

/** What the cluster shows of one pod's container. Bytes and ms UTC. */
export interface SeenPod {
  readonly pod: string;
  readonly uid: string;
  readonly running: boolean;
  readonly specLimitBytes: number | null;
  /** `status.containerStatuses[].resources.limits.memory`; null when the server does not report it. */
  readonly containerLimitBytes: number | null;
  /** Pod-level `status.resources.limits.memory`; null where the server has none. */
  readonly podLimitBytes: number | null;
  /**
   * The pod-level limit that follows from the pod's spec: the sum of its containers' limits. Null if a container has
   * none.
   */
  readonly expectedPodLimitBytes: number | null;
  readonly resizeCondition: { readonly type: string; readonly reason: string; readonly message: string } | null;
  /** When the present run began; null when it is not running. */
  readonly startedAt: number | null;
  /** `pod-template-hash` or `controller-revision-hash`. */
  readonly revision: string | null;
  /** Literal values of the variables that the plan changes, as the pod has them; null = not set. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Who last set its memory limit; null where that is not known. */
  readonly limitChange: Change | null;
}

/** What the cluster shows of a plan's objects. */
export interface Observation {
  readonly exists: boolean;
  /** Limit in the pod template; null without a template or a limit. */
  readonly templateLimitBytes: number | null;
  /** The same variables in the pod template. */
  readonly templateEnv: Readonly<Record<string, string | null>>;
  /** Who last changed anything in the pod template; null where that is not known. */
  readonly templateChange: Change | null;
  /**
   * Whether the controller has seen the newest template and every pod is of it. True for workloads without rollouts.
   */
  readonly rolloutDone: boolean;
  /** All pods of the workload that are not being deleted. */
  readonly pods: readonly SeenPod[];
}
