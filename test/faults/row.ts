import type { Timing } from '../../src/app/config/timing.ts';
import type { SentinelTopology } from '../../scripts/redis/redis-topologies.ts';
import type { ProcessName } from '../../scripts/system.ts';
import type { System, SystemOptions } from '../system.ts';
import type { Plan } from './many-incidents.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/**
 * A whole system each of whose processes reaches Redis and the API server through proxies of its own, so that its way
 * there can be bad.
 */
export interface FaultSystem extends System {
  readonly redisOf: (name: ProcessName) => TcpProxy;
  readonly apiOf: (name: ProcessName) => TcpProxy;
  /** Each process finds the API server's present certificate and token in its kubeconfig from now on. */
  readonly renewKubeconfigs: () => Promise<void>;
  /** Null where Redis is one server. */
  readonly sentinel: SentinelTopology | null;
}

/** What a fault strikes, while incidents happen. */
export interface Stage {
  readonly system: FaultSystem;
  /** [0, 1) from the seed. */
  readonly random: () => number;
  /** How many incidents there will be. */
  readonly incidents: number;
  /** Kills so far. */
  readonly kills: () => number;
  /** Resolves when the last kill has happened. */
  readonly happened: Promise<void>;
  /** Resolves when so much (0 to 1) of the incidents has begun. */
  readonly reached: (share: number) => Promise<void>;
  /** A time that stands for a minute: of few incidents one second, of a thousand the whole minute. Ms. */
  readonly minuteMs: number;
  /**
   * Strikes at random moments of the run, one after the other, more often of many incidents (2 to 40 times). Resolves
   * with how often it did not answer `missed`, when the last one is over; `nth` counts from 0.
   */
  readonly nowAndThen: (strike: (nth: number) => Promise<unknown>) => Promise<number>;
  /** Waits for a moment that may never come: `missed` when all has happened and was told without it. */
  readonly orMissed: (moment: Promise<unknown>) => Promise<'reached' | 'missed'>;
}

/** A workload that was made to be killed. */
export interface Victim {
  readonly namespace: string;
  readonly name: string;
}

/**
 * One row of `npm run faults`: what goes wrong while incidents happen. In a file of its own below `rows`, and in the list
 * of `rows.ts`. The runner makes the incidents, waits until all is told, and counts from the simulators' logs.
 */
export interface FaultRow {
  /** As it is typed after `--fault`. */
  readonly name: string;
  /** One line for the help. */
  readonly about: string;
  /**
   * Strikes, and resolves when the fault is over with how often it really struck: counted where it strikes, so that a
   * fault which missed is 0. Throws where it could not be carried out.
   */
  readonly inject: (stage: Stage) => Promise<number>;
  /** Processes that run beside the usual ones, on a way to Redis that nothing is done to, until the row is over. */
  readonly beside?: readonly ProcessName[];
  /** Variables over those of a system that does everything soon. Rows with the same system share it, in turn. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly timing?: Partial<Timing>;
  readonly world?: SystemOptions['world'];
  /** Redis is a primary with a replica, which the processes find by a sentinel, without a proxy between. */
  readonly behindSentinel?: boolean;
  /** The system is not given to another row afterwards. */
  readonly spoils?: boolean;
  /**
   * What happens, where it is not as many incidents as were asked for, of one to three kills each, twenty a second. One
   * kill each where a second may overwrite it before anybody can see it.
   */
  readonly plan?: (asked: number) => Partial<Pick<Plan, 'incidents' | 'kills' | 'everyMs' | 'speed' | 'namespace'>>;
}

/** What a row prints. */
export interface RowReport {
  readonly fault: string;
  readonly seed: number;
  /** How often the fault struck. */
  readonly injected: number;
  readonly incidents: number;
  /** Incidents of which a kill was not told. */
  readonly lost: number;
  /** Roots, kills and lines of threads that were told more than once, and plans that were carried out more than once. */
  readonly duplicates: number;
  /** Writes to the cluster that were carried out. */
  readonly remediations: number;
  /** From the end of the fault until all that happened before it was told; 0 where it was told by then. */
  readonly recoveredAfterMs: number;
  /** Folder with what the simulators were asked: `slack.ndjson`, `kubernetes.ndjson`, and `kills.ndjson`, the truth. */
  readonly logs: string;
}
