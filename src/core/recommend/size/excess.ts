import type { Facts } from '../../diagnose/facts.ts';
import { burstsOf } from '../../evidence/shape/bursts.ts';
import { shapeOf, tightLevel } from '../../evidence/shape/run-shape.ts';
import type { Shape } from '../../evidence/shape/run-shape.ts';
import { excessTable } from './excess-table.ts';

/** How far a demand goes beyond the limit that it was killed at, by what was seen of it before the kill. */
export interface Excess {
  /** On average, as a share of that limit. */
  readonly mean: number;
  readonly group: ExcessGroup;
  /** What was seen, as a sentence goes on: `It was killed at 64Mi …`. */
  readonly words: string;
}

/** By what was seen before the kill. */
const WORDS = {
  start: 'before its start was done',
  child: 'while a process of it was still growing',
  files: 'while its files in memory were still growing',
  /** Peaks below the limit before the one that was too high, the last of them not the highest. */
  peaks: 'by one of many peaks, and they do not grow',
  /** Too few peaks for that, or each is higher than the one before. */
  growingPeaks: 'by a peak',
  sudden: 'by a rise of which nobody saw the end',
  slowing: 'by a climb that slows down',
  steady: 'while it was still climbing',
  flat: 'from a flat level close below it',
  irregular: 'with no clear pattern',
  unseen: 'and nobody saw how it got there',
} as const;
export type ExcessGroup = keyof typeof WORDS;

/** Labelled traces of a group, and the mean of peak / limit - 1 in them. */
export type ExcessTable = Partial<Readonly<Record<ExcessGroup, { readonly traces: number; readonly mean: number }>>>;

/**
 * Each group counts one more trace with the mean of all groups, because a few traces say little about others; a group
 * without traces has that mean. docs/accuracy.md shows what the sizes are worth if the kind of a trace is left out.
 */
const ofAll = 1;
/** How high above the calm level a rise is a peak, as a share of the limit. */
const leastPeak = 0.15;

/** `as`: a group that is known from something else than the samples. */
export function excessOf(facts: Facts, as?: 'files' | 'steady', table: ExcessTable = excessTable): Excess {
  const group = as ?? groupOf(facts);
  return { mean: meanOf(table, group), group, words: WORDS[group] };
}

function meanOf(table: ExcessTable, group: ExcessGroup): number {
  const all = Object.values(table);
  const meanOfAll = all.reduce((sum, { mean }) => sum + mean, 0) / Math.max(1, all.length);
  // Assumed, for want of traces: what moves a flat line over its limit is as small as the difference between even peaks.
  const { traces, mean } = table[group === 'flat' ? 'peaks' : group] ?? { traces: 0, mean: 0 };
  return (traces * mean + ofAll * meanOfAll) / (traces + ofAll);
}

/** What was seen of the demand before the kill. */
export function groupOf(facts: Facts): ExcessGroup {
  const { short, trigger } = facts;
  if (trigger.kind === 'child-process') return 'child';
  const shape = facts.shape ?? shapeOfOthers(facts);
  // NOTE: a second failed start at the same limit adds nothing to the first. A short run after others that worked for
  // long ended by what those ended by: load does not stop at a restart or a rollout.
  if (trigger.kind === 'start' || (short && !isOfWork(shape))) return 'start';
  if (!shape) return 'unseen';
  if (shape.pattern === 'spiky') return hasEvenPeaks(shape) ? 'peaks' : 'growingPeaks';
  // Flat with room below the limit: it was killed by a jump that no sample shows.
  return shape.pattern === 'flat' && shape.levelBytes < shape.limitBytes * tightLevel ? 'sudden' : shape.pattern;
}

/** It had a level and left it, so it had long been through its start. */
function isOfWork(shape: Shape | null): boolean {
  return shape !== null && ['spiky', 'sudden', 'flat'].includes(shape.pattern);
}

/** Of the longest run of another revision that was killed at the same limit. */
function shapeOfOthers({ otherRevisions, limitBytes }: Facts): Shape | null {
  if (limitBytes === null) return null;
  return otherRevisions
    .filter((run) => run.killedAt !== null && (run.limitBytes ?? limitBytes) === limitBytes)
    .flatMap((run) => shapeOf(run, limitBytes) ?? [])
    .reduce<Shape | null>((longest, one) => (longest && longest.spanMs > one.spanMs ? longest : one), null);
}

/** Several peaks came and went below the limit, and the last of them was not the highest. */
function hasEvenPeaks({ run, limitBytes }: Shape): boolean {
  const over = burstsOf(run, limitBytes * leastPeak)?.bursts.filter((burst) => burst.over) ?? [];
  const last = over.at(-1);
  return last !== undefined && over.some(({ seenBytes }) => seenBytes > last.seenBytes);
}
