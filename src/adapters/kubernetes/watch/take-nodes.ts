import { pressureFingerprint } from '../../../core/kill/fingerprint.ts';
import { nodeAtRisk } from '../../../core/kill/detect/make-kill.ts';
import { readNodePressure } from '../../../core/kill/detect/node-pressure.ts';
import { createRecent } from '../../../core/units/recent.ts';
import type { FollowOptions, Follower } from './follow.ts';
import type { Found } from './outbox.ts';

/** How many shortages of nodes are remembered: many lines repeat the same one. */
const mostShortages = 1_000;

export interface NodesOptions {
  readonly cluster: string;
  readonly lookBackMs: number;
  /** Ours and the API server's, ms UTC. */
  readonly now: () => number;
  readonly serverNow: () => number;
  readonly add: (found: readonly Found[]) => void;
}

/** Finds each shortage of memory once in the lines about nodes; and what such lines contain. */
export function takeNodes({
  cluster,
  lookBackMs,
  now,
  serverNow,
  add,
}: NodesOptions): Pick<Follower, 'take'> & Required<Pick<FollowOptions, 'needles'>> {
  const seen = createRecent<true>(mostShortages);
  return {
    needles: ['"type":"MemoryPressure","status":"True"'],
    take: (_, object) => {
      const pressure = readNodePressure(object);
      if (pressure === null || pressure.sinceMs < serverNow() - lookBackMs) return;
      const fingerprint = pressureFingerprint(cluster, pressure.node, pressure.sinceMs);
      if (seen.get(fingerprint) !== undefined) return;
      seen.set(fingerprint, true);
      add([{ is: 'at-risk', atRisk: nodeAtRisk({ cluster, fingerprint, seenAtMs: now() }, pressure) }]);
    },
  };
}
