import { bareOrNull } from '../../kill/cgroup.ts';
import { killedAtMs } from '../../kill/kill.ts';
import type { Kill, Victim } from '../../kill/kill.ts';
import type { Trigger } from '../../kill/trigger.ts';
import { sameKillMs } from '../../kill/detect/node-kills.ts';
import { clockTime } from '../../talk/words.ts';
import { formatBytes } from '../../units/quantity.ts';
import { limitAt } from '../../kill/limit-at.ts';

/** That the kernel killed for a whole node when a container on it was killed. */
export interface NodeOom {
  readonly node: string;
  /** ms UTC */
  readonly at: number;
  readonly outOf: NonNullable<Kill['outOf']>;
  readonly victim: Victim | null;
  /** The kernel's message names the container; else only node and time agree. */
  readonly isNamed: boolean;
}

/** A share of the limit below which its own limit cannot have been the cause. */
export const farShare = 0.6;

/**
 * Whether a kill may turn out to have been one for the node: its last sample was far below its own limit, and the
 * kernel's message becomes an Event some seconds later.
 */
export function mayBeForNode(trigger: Trigger, lastBytes: number | null): boolean {
  const limit = limitAt(trigger);
  return trigger.kind === 'container' && limit !== null && lastBytes !== null && lastBytes <= limit * farShare;
}

/**
 * Which of a node's own kills hit this container; null if none is close in time, or the close one names another
 * container. The one that names it comes first, then the nearest.
 */
export function nodeOomOf(kill: Kill, nodeKills: readonly Kill[]): NodeOom | null {
  if (kill.node === null || kill.kind !== 'container') return null;
  const killedId = bareOrNull(kill.containerId);
  const at = killedAtMs(kill);
  const distanceMs = (one: Kill): number => Math.abs(killedAtMs(one) - at);
  const [found] = nodeKills
    .filter((one) => one.kind === 'node' && !one.suspect && one.node === kill.node && distanceMs(one) <= sameKillMs)
    .filter(({ containerId }) => containerId === null || containerId === killedId)
    .toSorted(
      (a, b) => Number(a.containerId === null) - Number(b.containerId === null) || distanceMs(a) - distanceMs(b),
    );
  if (found === undefined) return null;
  return {
    node: kill.node,
    at: killedAtMs(found),
    // A watcher of an older version did not distinguish.
    outOf: found.outOf ?? 'machine',
    victim: found.victim ?? null,
    isNamed: found.containerId !== null,
  };
}

/** What the kernel did, as a sentence without its end. */
export function nodeOomWords({ node, at, outOf, victim, isNamed }: NodeOom, today: number): string {
  const what = outOf === 'machine' ? 'all memory of' : 'all that pods may have of';
  const process = victim?.process ?? null;
  const size = victim?.rssBytes ?? null;
  const who = process === null ? '' : `: ${process}${size === null ? '' : `, which held ${formatBytes(size)}`}`;
  const whose = isNamed ? ', of this container' : '';
  return `The kernel killed because ${what} ${node} was used, at ${clockTime(at, today)}${who}${whose}`;
}
