import type { Point } from '../statistics.ts';

/**
 * Steps between which usage stands still for so much of the time: of the labelled traces and of runs of Node.js 24,
 * OpenJDK 17 and CPython 3.11, growth that is only noisy or slow has up to 0.29 and growth in steps 0.33 and more.
 */
const standingStill = 0.33;
/** It stands still while it grows by less than this share of its mean rate. */
const hardlyGrows = 0.2;
/** A step that is so much of all growth: heaps that grow with a leak take up to 0.43 at once, bursts that a heap keeps 0.46 and more. */
const oneJump = 0.45;
/** And it is so much of the limit: two or three steps of a leak are each as much of what was seen to grow, but smaller. */
const farJump = 0.25;

/** Fewer points show no steps. */
const fewest = 6;

/** Whether the highest step is most of all growth; null where it does not grow in steps. */
export function stairsOf(points: readonly Point[], smallRise: number): { readonly isOneJump: boolean } | null {
  const rises = points.slice(1).map(({ y }, index) => y - (points[index]?.y ?? y));
  const grown = (points.at(-1)?.y ?? 0) - (points[0]?.y ?? 0);
  if (points.length < fewest || grown < smallRise) return null;
  const standing = rises.filter((rise) => rise < (hardlyGrows * grown) / rises.length).length / rises.length;
  const highest = Math.max(...rises);
  return standing < standingStill ? null : { isOneJump: highest >= Math.max(farJump, oneJump * grown) };
}

/** A rise of less than this share of the limit is no step. */
const leastStep = 0.004;
/** Growth that has paused for so many times as long as it ever did before has ended. */
const longPause = 1.5;

/**
 * The points at which usage was higher than ever before. A runtime takes memory in steps, far apart and then all at
 * once, and what it needs meanwhile is not seen: only the steps show how its need grows, and the pause after the last
 * one shows nothing, unless it is longer than those before.
 */
export function stepsOf(points: readonly Point[]): readonly Point[] {
  let highest = -Infinity;
  const steps = points.filter(({ y }) => {
    if (y < highest + leastStep) return false;
    highest = y;
    return true;
  });
  const last = points.at(-1);
  const top = steps.at(-1);
  if (last === undefined || top === undefined) return points;
  // Where the pause before the first step began is not known.
  if (steps.length > 2) steps.shift();
  const longest = Math.max(0, ...steps.slice(1).map(({ x }, index) => x - (steps[index]?.x ?? x)));
  return last.x - top.x > longPause * longest ? [...steps, { x: last.x, y: Math.max(last.y, top.y) }] : steps;
}
