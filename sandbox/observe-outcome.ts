import type { Cluster } from './kubernetes/cluster.ts';
import type { Scenario } from './scenario.ts';
import { targetOf } from './scenario-workload.ts';

export interface Outcome {
  /** Null while nothing about the limit has been changed. */
  readonly verified: 'held' | 'failed' | null;
  readonly kills: number;
  /** Limits in force of the containers that are there now, bytes. */
  readonly limitsInForce: readonly (number | null)[];
}

/**
 * What became of a fix, read from the pretend cluster itself: held = every container of the workload has another limit
 * in force than the scenario gave it, it fits everything that the program will ever need, and no kill came under it.
 */
export function observeOutcome(cluster: Cluster, scenario: Scenario): Outcome {
  const target = targetOf(scenario);
  const standings = cluster.standings(target, scenario.workload.container);
  const kills = cluster.kills(target);
  const original = scenario.workload.limit ?? null;
  const changed = standings.some(({ askedBytes }) => askedBytes !== original);
  const limitsInForce = standings.map(({ limitInForceBytes }) => limitInForceBytes);
  const fits = standings.every(
    ({ limitInForceBytes, peakBytes }) => limitInForceBytes === null || limitInForceBytes >= peakBytes,
  );
  const killedUnder = kills.some(({ limitInForceBytes }) => limitsInForce.includes(limitInForceBytes));
  if (!changed || standings.length === 0) return { verified: null, kills: kills.length, limitsInForce };
  return { verified: fits && !killedUnder ? 'held' : 'failed', kills: kills.length, limitsInForce };
}
