import type { Hints, Store } from '../../../flow/needs.ts';
import type { Log } from '../slack-logger.ts';

/** A cluster that the bot speaks for. */
export interface Cluster {
  readonly name: string;
  readonly store: Pick<Store, 'load' | 'open' | 'suspects' | 'recordRequest'>;
  readonly hints: Pick<Hints, 'advance'>;
}

export interface ListenerDeps {
  readonly clusters: () => Promise<readonly Cluster[]>;
  /** ms UTC */
  readonly now: () => number;
  readonly log: Log;
}
