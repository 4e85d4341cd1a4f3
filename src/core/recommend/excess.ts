import type { Facts } from '../diagnose/facts.ts';
import { burstsOf } from '../evidence/bursts.ts';
import { shapeOf, tightLevel } from '../evidence/run-shape.ts';
import type { Shape } from '../evidence/run-shape.ts';

/** How far a demand goes beyond the limit that it was killed at, by what was seen of it before the kill. */
export interface Excess {
  /** On average, as a share of that limit. */
  readonly mean: number;
  /** What was seen, as a sentence goes on: `It was killed at 64Mi …`. */
  readonly words: string;
}

interface Group {
  /** Labelled traces, and the mean of peak / limit - 1 in them. */
  readonly traces: number;
  readonly mean: number;
  readonly words: string;
}

/**
 * By what was seen before the kill. `traces` and `mean` are measured on the labelled traces of both sets (kills and
 * fair) that have a true peak; without any, the mean of all groups stands.
 */
const GROUPS = {
  start: { traces: 22, mean: 0.372, words: 'before its start was done' },
  child: { traces: 13, mean: 0.487, words: 'while a process of it was still growing' },
  files: { traces: 11, mean: 0.577, words: 'while its files in memory were still growing' },
  /** Peaks below the limit before the one that was too high, the last of them not the highest. */
  peaks: { traces: 4, mean: 0.084, words: 'by one of many peaks, and they do not grow' },
  /** Too few peaks for that, or each is higher than the one before. */
  growingPeaks: { traces: 11, mean: 0.172, words: 'by a peak' },
  sudden: { traces: 7, mean: 0.281, words: 'by a rise of which nobody saw the end' },
  slowing: { traces: 7, mean: 0.067, words: 'by a climb that slows down' },
  steady: { traces: 13, mean: 0.292, words: 'while it was still climbing' },
  /** Assumed, not measured: what moves a flat line over its limit is as small as the difference between even peaks. */
  flat: { traces: 4, mean: 0.084, words: 'from a flat level close below it' },
  irregular: { traces: 0, mean: 0, words: 'with no clear pattern' },
  unseen: { traces: 0, mean: 0, words: 'and nobody saw how it got there' },
} as const satisfies Record<string, Group>;

/**
 * Each group counts one more trace with the mean of all groups, because a few traces say little about others. With the
 * kind of a trace left out of the means, 8 of 60 sizes were too small (mean slack 27 %); with 0.5 it was 9, with 4 it
 * was 5, at 2 % more slack in the traces that were measured.
 */
const ofAll = 1;
/** The mean of the groups that were measured. */
const meanOfAll = 0.29;
/** How high above the calm level a rise is a peak, as a share of the limit. */
const leastPeak = 0.15;

/** `as`: a group that is known from something else than the samples. */
export function excessOf(facts: Facts, as?: 'files' | 'steady'): Excess {
  const group: Group = GROUPS[as ?? groupOf(facts)];
  return { mean: meanOf(group), words: group.words };
}

function meanOf({ traces, mean }: Group): number {
  return (traces * mean + ofAll * meanOfAll) / (traces + ofAll);
}

function groupOf(facts: Facts): keyof typeof GROUPS {
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
