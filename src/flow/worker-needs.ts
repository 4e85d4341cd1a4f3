import type { Policy, SourceMapping } from '../core/approve/policy.ts';
import type { Pace } from '../core/incident/next-step.ts';
import type { NotifyPolicy } from '../core/notify/notify-policy.ts';
import type { PacedForge } from './forge/needs.ts';
import type { Wait } from './held-lease.ts';
import type { ClusterReader, ClusterWriter, Hints, Now, Store } from './needs.ts';
import type { Trace } from '../core/trace.ts';

/** All ms. */
export interface WorkerPace extends Pace {
  /** After how long a run counts as settled: earlier samples do not show how it will go on. */
  readonly runSettledMs: number;
  readonly confirmEveryMs: number;
  readonly confirmTimeoutMs: number;
  /** The first check of a change, and the shortest time after which it is said to have held. */
  readonly verifyAfterMs: number;
  /** Nothing is watched for longer; where the evidence asks for more, as in a pretended world, the results say so. */
  readonly watchAtMostMs: number;
  /** How long a merged change may take until it is seen in the cluster. */
  readonly syncTimeoutMs: number;
  /** Between two checks of a pull request that waits to be merged. */
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
  readonly notify: NotifyPolicy;
  /** The address of an incident's thread; null while it has none. May throw. */
  readonly threadUrl: (incident: string) => Promise<string | null>;
  /** Null where no forge is configured. */
  readonly forge: PacedForge | null;
  /** Source files of workloads, in addition to the workloads' own annotations. */
  readonly sources: readonly SourceMapping[];
  readonly pace: WorkerPace;
  readonly log: Log;
  readonly trace: Trace;
  /** An incident was set aside. */
  readonly onSetAside: () => void;
}
