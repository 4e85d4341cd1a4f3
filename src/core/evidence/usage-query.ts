import type { Kill } from '../kill/kill.ts';
import type { LoadQuery } from './load-query.ts';

/** What usage is asked for: one container, of one pod and its siblings, in a time window (ms UTC). */
export interface UsageQuery {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Pods of the same workload that are known by name. */
  readonly pods: readonly string[];
  readonly from: number;
  readonly to: number;
  /** Kills of the subject: they tell when runs began and ended. */
  readonly kills: readonly Kill[];
  /** What its load is; absent or null where nobody says so. */
  readonly load?: LoadQuery | null;
}
