import type { Claims } from './needs.ts';

/** Which change of a cluster's kill switch a channel was told of. */
export interface PauseTold {
  /** Compare-and-set counter: 0 before the first write, one more with each. */
  readonly revision: number;
  readonly claims: Claims;
  /** `KillSwitch.changes` of then. */
  readonly told: number;
}

/** Of one cluster, by channel. Every function may throw a Failure of Redis. */
export interface PausesTold {
  /** At revision 0 if nothing was told there. */
  readonly read: (channel: string) => Promise<PauseTold>;
  /** Null if another process was faster. */
  readonly write: (channel: string, told: PauseTold) => Promise<PauseTold | null>;
}
