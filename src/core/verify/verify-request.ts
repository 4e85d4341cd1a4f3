import type { Cause } from '../diagnose/diagnosis.ts';
import type { Remediation } from '../incident/incident.ts';
import type { Kill } from '../kill/kill.ts';
import type { Check, TimePromise } from './check.ts';
import type { Observation } from './observation.ts';

/** What one check of an applied change goes by. */
export interface VerifyRequest {
  readonly remediation: Remediation;
  /** What the cluster shows, or why it cannot be read for so long. */
  readonly observation: Observation | { readonly unseen: string };
  /** Kills that count against it, oldest first, and those that fell into the moment of the change. */
  readonly against: readonly Kill[];
  readonly inTheMoment: readonly Kill[];
  /** The most that it used since the change, bytes; null where that is not measured. */
  readonly mostBytes: number | null;
  /** ms UTC when its present run will reach the limit, as it grows now; null where it is not seen to grow. */
  readonly growsUntil: number | null;
  /** How long a run takes under the new limit by the runs before, ms; null where that is not known. */
  readonly expectedRunMs: number | null;
  /** The verdict that it was made for. */
  readonly cause: Cause | null;
  /** The first check comes so long after the change, ms. */
  readonly leastMs: number;
  /** What is not decided is checked again after this at the latest: a pretended world has no time for hours. ms */
  readonly mostMs: number;
  /** ms UTC */
  readonly now: number;
}

/** What a check found, and what follows: when the next one is, ms UTC (null = none). */
export interface Verified extends Omit<Check, 'at'> {
  readonly promise: TimePromise | null;
  readonly verifyAt: number | null;
}
