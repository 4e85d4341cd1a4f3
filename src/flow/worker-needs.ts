import type { Policy, SourceMapping } from '../core/approve/policy.ts';
import type { Pace } from '../core/incident/next-step.ts';
import type { PacedForge } from './forge/needs.ts';
import type { Wait } from './held-lease.ts';
import type { ClusterReader, ClusterWriter, Hints, Now, Store } from './needs.ts';

/** All ms. */
export interface WorkerPace extends Pace {
  /** A run of a container is settled after so long: what it did before says nothing of how it goes on. */
  readonly runSettledMs: number;
  readonly confirmEveryMs: number;
  readonly confirmTimeoutMs: number;
  readonly verifyAfterMs: number;
  /** How long a merged change may take until it is seen in the cluster. */
  readonly syncTimeoutMs: number;
  /** Between two looks at a pull request that waits to be merged. */
  readonly pollMs: number;
  /** How long an incident waits for a worker that died while it held it. */
  readonly leaseMs: number;
}

/** Constant message and variable fields. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** Everything that the worker's flow needs from outside. */
export interface WorkerNeeds {
  readonly store: Store;
  readonly hints: Hints;
  readonly reader: ClusterReader;
  readonly writer: ClusterWriter;
  readonly now: Now;
  readonly wait: Wait;
  readonly policy: Policy;
  /** Null where no forge is configured. */
  readonly forge: PacedForge | null;
  /** Which workload is made from which file, beside what the workloads' own annotations say. */
  readonly sources: readonly SourceMapping[];
  readonly pace: WorkerPace;
  readonly log: Log;
}
