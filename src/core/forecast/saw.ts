import { trendOf } from '../evidence/statistics.ts';
import type { Point } from '../evidence/statistics.ts';
import type { UsagePoint } from '../evidence/usage-now.ts';

/*
 * A leak under a garbage collector goes up and down as it grows. It shows in the edges of this saw: both the level
 * after each collection and the level before it rise, equally fast and without an end. In a healthy saw neither rises;
 * bursts leave the lower edge where it was, and a warm-up bends both.
 */

/** How the edges of a saw rise: the upper one now (bytes), and bytes per second. */
export interface RisingSaw {
  readonly highBytes: number;
  readonly bytesPerSecond: number;
}

/** Parts of the look, each of which has to have teeth. */
const parts = 8;
/** Height of the teeth in each part, and rise of each edge over the look, at least: shares of the limit. */
const leastTooth = 0.05;
const leastRise = 0.1;
/** Each edge rises from part to part nearly always, both as fast within this factor. */
const risingTau = 0.8;
const alikeFactor = 2;
/** The second half of each edge rises at this share of the whole's rate, at least, */
const goesOn = 0.85;
/** and the edge bows above the line between its ends by no more than this share of its rise, on average. */
const mostBow = 0.03;

/** The saw whose edges rise in a line all through these points (time order); null where there is none. Pure. */
export function risingSaw(points: readonly UsagePoint[], limitBytes: number): RisingSaw | null {
  const [from, to] = [points[0]?.t ?? 0, points.at(-1)?.t ?? 0];
  const partMs = (to - from) / parts;
  if (partMs <= 0) return null;
  const cut = Map.groupBy(points, ({ t }) => Math.min(parts - 1, Math.floor((t - from) / partMs)));
  const edges = [...cut].map(([part, within]) => {
    const sizes = within.map(({ bytes }) => bytes);
    return { x: (part * partMs) / 1000, low: Math.min(...sizes), high: Math.max(...sizes) };
  });
  if (edges.length < parts || edges.some(({ low, high }) => high - low < leastTooth * limitBytes)) return null;
  const lower = edgeRate(edges.map(({ x, low }) => ({ x, y: low })));
  const upper = edgeRate(edges.map(({ x, high }) => ({ x, y: high })));
  if (lower === null || upper === null) return null;
  const seconds = (to - from) / 1000;
  if (Math.min(lower, upper) * seconds < leastRise * limitBytes) return null;
  if (Math.max(lower, upper) > Math.min(lower, upper) * alikeFactor) return null;
  return { highBytes: edges.at(-1)?.high ?? 0, bytesPerSecond: upper };
}

/** Bytes per second of an edge that rises in a line and goes on; null for any other. */
function edgeRate(edge: readonly Point[]): number | null {
  const [whole, half] = [trendOf(edge), trendOf(edge.slice(edge.length >> 1))];
  const [first, last] = [edge[0], edge.at(-1)];
  if (whole === null || half === null || !first || !last || whole.tau < risingTau) return null;
  const chord = (last.y - first.y) / (last.x - first.x);
  const above = edge.reduce((sum, { x, y }) => sum + y - first.y - chord * (x - first.x), 0) / edge.length;
  const bow = above / (whole.slope * (last.x - first.x));
  return half.slope >= whole.slope * goesOn && bow <= mostBow ? whole.slope : null;
}
