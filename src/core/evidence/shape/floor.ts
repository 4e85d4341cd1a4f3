import { trendOf } from '../statistics.ts';
import type { Point } from '../statistics.ts';
import { bentBow, bowOf, fadeOf, fading } from './bend.ts';

/** Parts of the run, each with its lowest sample; of fewer nothing is told. */
const parts = 8;
const fewestParts = 5;
/** Hardly any part lies lower than one before it, */
const risingTau = 0.85;
/** and over the run they rise by so much of the limit, */
const leastRise = 0.15;

/** It falls by so much of what it has grown in all, at least. */
const leastFall = 0.3;

/** Whether it goes up and down, and does not only grow in steps. */
export function comesDown(points: readonly Point[]): boolean {
  const grown = (points.at(-1)?.y ?? 0) - (points[0]?.y ?? 0);
  const fallen = points.slice(1).reduce((sum, { y }, index) => sum + Math.max(0, (points[index]?.y ?? y) - y), 0);
  return fallen >= leastFall * grown;
}

/**
 * The lowest usage in each part of a run that goes up and down (points in time order, shares of the limit), where that
 * rises in a line: a leak under load that comes in jobs, or under a collector, never comes down as far as before. Null
 * where it stays, as with bursts and healthy garbage, or bends towards a level.
 */
export function risingFloor(points: readonly Point[]): readonly Point[] | null {
  const [from, to] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0];
  const many = Math.min(parts, points.length >> 1);
  if (many < fewestParts || to <= from) return null;
  const cut = Map.groupBy(points, ({ x }) => Math.min(many - 1, Math.floor(((x - from) / (to - from)) * many)));
  const floor = [...cut.values()].flatMap((within) => within.toSorted((a, b) => a.y - b.y)[0] ?? []);
  const trend = floor.length < fewestParts ? null : trendOf(floor);
  if (trend === null || trend.tau < risingTau || trend.slope * (to - from) < leastRise) return null;
  // In a line, with as little bow and as much of the first rate at the end as in steady growth.
  return bowOf(floor, 0) <= bentBow && fadeOf(floor) >= fading ? floor : null;
}
