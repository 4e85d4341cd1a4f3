import { isDeepStrictEqual } from 'node:util';

import type { Cluster } from '../kubernetes/cluster/cluster.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { membersOf, specAfter, targetOf } from '../scenario/scenario-workload.ts';

export interface Outcome {
  /** Null while nothing has been changed that the story itself did not change. */
  readonly verified: 'held' | 'failed' | 'bought-time' | null;
  readonly kills: number;
  /** Limits in force of the containers that are there now, bytes. */
  readonly limitsInForce: readonly (number | null)[];
  /** What every container that is there now has otherwise than the story gave it: `limit`, names of variables. */
  readonly changed: readonly string[];
}

/**
 * What became of a fix, read from the pretend cluster itself: held = every container of the workload has another limit,
 * other heap flags or another revision than the story's last rollout gave it, what is in force fits everything that
 * its program will ever need, and no container that is there now was killed under it. What does not fit a leak bought
 * time.
 */
export function observeOutcome(cluster: Cluster, scenario: Scenario): Outcome {
  const targets = membersOf(scenario).map(targetOf);
  const standings = targets.flatMap((target) => cluster.standings(target, scenario.workload.container));
  const kills = targets.flatMap((target) => cluster.kills(target));
  const rollouts = scenario.events.filter((event) => event.do === 'rollout').length;
  const story = specAfter(scenario, rollouts);
  const limitsInForce = standings.map(({ limitInForceBytes }) => limitInForceBytes);
  const names = new Set(standings.flatMap(({ env }) => [...Object.keys(env), ...Object.keys(story.env)]));
  const changed = [
    ...(standings.every(({ askedBytes }) => askedBytes !== story.limit) ? ['limit'] : []),
    ...[...names].filter((name) => standings.every(({ env }) => env[name] !== story.env[name])),
  ];
  const isChanged = standings.every(
    ({ askedBytes, env, revision }) =>
      askedBytes !== story.limit || revision !== rollouts + 1 || !isDeepStrictEqual(env, story.env),
  );
  if (!isChanged || standings.length === 0) return { verified: null, kills: kills.length, limitsInForce, changed };
  const fits = standings.every(
    ({ limitInForceBytes, peakBytes }) => limitInForceBytes === null || limitInForceBytes >= peakBytes,
  );
  const killedUnder = standings.some(({ podUid, limitInForceBytes }) =>
    kills.some((kill) => kill.podUid === podUid && kill.limitInForceBytes === limitInForceBytes),
  );
  // What a leak needs is bounded by no limit that anybody would set.
  const missed = scenario.expect.verdict === 'leak' && !fits ? 'bought-time' : 'failed';
  return { verified: fits && !killedUnder ? 'held' : missed, kills: kills.length, limitsInForce, changed };
}
