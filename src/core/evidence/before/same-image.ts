import type { FormerIncident, FormerRaise } from './seen-before.ts';

/** What is known of kills of another workload whose container has the same image, its latest incident first. */
export interface ImageTwin {
  /** Its workload, where it is in the same namespace; null elsewhere: who reads this may not know that one's names. */
  readonly workload: string | null;
  readonly latest: FormerIncident;
  /** Of all its incidents that are known, oldest first. */
  readonly raises: readonly FormerRaise[];
}

/** Kills of other workloads of the cluster that run the same image. */
export interface SameImage {
  /** Without tag and digest. */
  readonly repository: string;
  /** Those of which something was learned come first. Never empty. */
  readonly twins: readonly ImageTwin[];
}
