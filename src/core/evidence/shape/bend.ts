import { median, trendOf } from '../statistics.ts';
import type { Point } from '../statistics.ts';

/** A line that bows more bends. Stairs and load that varies bow a straight climb by up to 0.05 (recorded). */
export const bentBow = 0.07;
/** Half of that, and a rate that has fallen too. */
export const slightBow = bentBow / 2;
/** A rate that has fallen below this, from third to third, goes on falling; in the labelled leaks 0.95 and more is left. */
export const fading = 0.75;

/** A line that bows, or that hardly does because it is killed early on its way, and whose rate has fallen. */
export function isBend({ bow, fade }: { readonly bow: number; readonly fade: number }): boolean {
  return bow > bentBow || (bow > slightBow && fade < fading);
}

/**
 * How far points bow above (+) or below (-) the line between their ends, on the mean, as a share of their rise or of
 * `rise`. Ends are medians of a few samples, so that one wild sample at an end does not bow the whole run.
 */
export function bowOf(points: readonly Point[], rise: number): number {
  const few = Math.max(1, Math.min(3, Math.floor(points.length / 8)));
  const [head, tail] = [middleOf(points.slice(0, few)), middleOf(points.slice(-few))];
  const slope = (tail.y - head.y) / (tail.x - head.x);
  const height = Math.max(Math.abs(tail.y - head.y), Math.abs(rise), 0.02);
  const above = points.map(({ x, y }) => y - head.y - slope * (x - head.x));
  const area = points.slice(1).reduce((sum, { x }, index) => {
    const before = points[index];
    return sum + ((above[index] ?? 0) + (above[index + 1] ?? 0)) * 0.5 * (x - (before?.x ?? x));
  }, 0);
  return area / ((points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0)) / height;
}

/**
 * A bend goes on bending: the last third grows by so much less than the middle one. What bends once and then grows in a
 * line is a start, and growth after it. In the labelled approaches to a level it is 0.22 to 0.7, also with a noise of
 * 2 %; in those leaks that began faster 0.9.
 */
const goesOnFalling = 0.8;
/** Fewer points in a third have no line of their own. */
const fewInThird = 4;
/** Growth that has ended. */
const nothingLeft = 0.05;

/** What is left in the last third of the rate of the first one; 1 where it does not fall from each to the next. */
export function fadeOf(points: readonly Point[]): number {
  const [from, to] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0];
  const [first = 0, middle = 0, last = 0] = [0, 1, 2].map((third) => {
    const [begin = 0, end = 0] = [third, third + 1].map((cut) => from + ((to - from) * cut) / 3);
    const inside = points.filter(({ x }) => x >= begin && x <= end);
    const trend = inside.length < fewInThird ? null : trendOf(inside);
    return trend?.slope ?? (valueAt(end, points) - valueAt(begin, points)) / (end - begin);
  });
  const falls = first > middle && last <= middle * goesOnFalling;
  return falls || (first > 0 && last < first * nothingLeft) ? last / first : 1;
}

/** y at an x between the first and the last point, on the line between those beside it. */
function valueAt(x: number, points: readonly Point[]): number {
  const after = points.find((point) => point.x >= x) ?? points.at(-1);
  const before = points.findLast((point) => point.x < x) ?? after;
  if (!before || !after || after.x === before.x) return after?.y ?? Number.NaN;
  return before.y + ((after.y - before.y) * (x - before.x)) / (after.x - before.x);
}

function middleOf(points: readonly Point[]): Point {
  return { x: median(points.map(({ x }) => x)), y: median(points.map(({ y }) => y)) };
}
