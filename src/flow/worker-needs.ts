import type { Policy } from '../core/approve/decide.ts';
import type { Pace } from '../core/incident/next-step.ts';
import type { ClusterReader, ClusterWriter, Hints, Now, Store } from './needs.ts';

/** All ms. */
export interface WorkerPace extends Pace {
  readonly confirmEveryMs: number;
  readonly confirmTimeoutMs: number;
  readonly verifyAfterMs: number;
  readonly approvalTtlMs: number;
  /** How long one worker may hold an incident. */
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
  readonly policy: Policy;
  readonly pace: WorkerPace;
  readonly log: Log;
}
