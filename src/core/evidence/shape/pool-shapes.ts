import { fading, isBend } from './bend.ts';
import { fewestSamples, isGrowing } from './run-shape.ts';
import type { Shape } from './run-shape.ts';
import { median } from '../statistics.ts';

/** A run has to cover this share of the other's time to show how its growth goes on. */
const coveredShare = 0.6;
/** Growth differs by no more than this factor between runs that are alike. */
const alikeFactor = 1.5;

/**
 * `shape` with what all the runs of `others` that grew like it say together: whether they bend. One run that bends may
 * be noise, or traffic that fell; that most of them do is not. `others` may hold the shape itself.
 */
export function pooledShape(shape: Shape, others: readonly Shape[]): Shape {
  if (!isGrowing(shape)) return shape;
  const like = others.filter(
    (one) => one.spanMs >= shape.spanMs * coveredShare && hasEnough(one, shape) && growAlike(shape, one),
  );
  if (like.length < 2) return shape;
  const measured = { ...shape, bow: median(like.map(({ bow }) => bow)), fade: median(like.map(({ fade }) => fade)) };
  return { ...measured, pattern: isBend(measured) ? 'slowing' : 'steady' };
}

/** A run with fewer samples than the other and than show a bend says nothing about bends. */
function hasEnough({ count }: Shape, shape: Shape): boolean {
  return count >= Math.min(shape.count, fewestSamples);
}

/** Whether both grow, about as fast. */
export function growAlike(a: Shape, b: Shape): boolean {
  if (!isGrowing(a) || !isGrowing(b)) return false;
  const ratio = b.slopeBytesPerSecond / a.slopeBytesPerSecond;
  return ratio > 1 / alikeFactor && ratio < alikeFactor;
}

/** It goes up and its rate falls from part to part, as on the way to a level. */
export function isOnItsWayToALevel({ pattern, fade }: Pick<Shape, 'pattern' | 'fade'>): boolean {
  return pattern === 'slowing' && fade < fading;
}
