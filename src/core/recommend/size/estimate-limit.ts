import { limitAt } from '../../kill/limit-at.ts';
import { cleanSamples } from '../../evidence/clean-samples.ts';
import type { UsagePeak, UsageRun } from '../../evidence/evidence.ts';
import type { FormerRaise } from '../../evidence/before/seen-before.ts';
import type { Facts } from '../../diagnose/facts.ts';
import { dayMs, roughDuration } from '../../units/duration.ts';
import { formatBytes } from '../../units/quantity.ts';
import { enoughFor, holdsAt } from './demand.ts';
import type { Demand } from './demand.ts';
import { exceptionWords } from './exception-words.ts';
import { excessTable } from './excess-table.ts';
import { excessOf } from './excess.ts';
import type { ExcessTable } from './excess.ts';
import { learnedExcess } from './learned-excess.ts';
import { levelAhead } from './level-ahead.ts';
import { roundUp } from './round-up.ts';

export interface Estimate {
  readonly limitBytes: number;
  /** Probability that the size holds, 0..1. */
  readonly holds: number;
  readonly why: string;
  /** From this the probability of any other size follows. */
  readonly demand: Demand;
}

/*
 * Usage is censored at the limit: a killed container needs at least its limit, and nobody saw how much more. What is
 * known decides how far above: a sibling that survived with more, a higher limit at which it was not killed before, what
 * it used in the last fortnight while it was allowed to, the level that a bending climb heads for, else how far demands
 * went beyond the limit in labelled kills that looked the same (excess.ts).
 */

/**
 * The size is enough for so many of them. Chosen on the 51 labelled traces that get one: 0.9 leaves 5 of them too small at
 * a mean slack of 23 %, 0.92 leaves 3 (24 %), 0.93 leaves 2 (26 %), 0.95 leaves 2 (28 %).
 */
const enough = 0.93;
/**
 * While it cannot start nothing of it works, so a size that is too small costs more than one that is too large. 0.97
 * leaves one of the 21 labelled starts too small, 0.93 leaves two; the start of the recorded cluster, which no table
 * was made with, needs 1.79 times its limit: the former gives 1.88 times, the latter 1.75.
 */
const enoughToStart = 0.97;
/** A raise that is a try takes a cheaper step: enough for three of five. */
export const enoughToTry = 0.6;
/** The interval in which the demand is said to lie: 8 of 10. */
const interval = { low: 0.1, high: 0.9 };
/**
 * Killed at a second limit already: such small steps do not help, and what it needs was underestimated once, so twice
 * the limit is enough in little more than half of the cases. Assumed: no labelled trace was raised.
 */
const afterFailedRaise = { factor: 2, excess: 1 };
/**
 * Above the level that others or the climb itself show. In the 7 labelled climbs that bend, the extrapolated level was
 * 2 to 5 % above the true peak, and never below it.
 */
export const headroom = { survivor: 1.15, level: 1.03, held: 1.03 };
/** A raise that was not followed by a kill for so long shows what is enough. */
export const heldMs = dayMs;
/** The largest step at once, whatever the arithmetic says. */
const largestFactor = 4;
/** More than what rounding makes of one limit. */
const clearlyMore = 1.02;
/** If rates hardly fall, a line through them may meet zero anywhere; a level beyond this many limits means nothing. */
const farthestLevel = 1.6;

export interface EstimateOptions {
  /** What was growing, where that is known from something else than the samples. */
  readonly as?: 'files';
  /** How many of such demands it is to be enough for, 0..1. */
  readonly share?: number;
  readonly table?: ExcessTable;
}

/**
 * The limit that ends the kills if the need is bounded; null without a limit in force. Never below the present one.
 */
export function estimateLimit(facts: Facts, { as, share, table = excessTable }: EstimateOptions = {}): Estimate | null {
  const { kills, trigger, limitBytes } = facts;
  if (limitBytes === null) return null;
  const limits = [...kills, trigger].flatMap((one) => limitAt(one) ?? []).filter((bytes) => bytes > 0);
  const raises = facts.findings.before?.found === true ? facts.findings.before.value.raises : [];
  const inVain = raises.filter(({ outcome }) => outcome === 'killed-again').map(({ toBytes }) => toBytes);
  const killedAt = Math.max(limitBytes, ...limits, ...inVain);
  const seen = levelSeen(facts, killedAt) ?? heldBefore(raises, killedAt);
  if (seen !== null) {
    const { bytes, above, why } = seen;
    return sized(bytes * above, killedAt, { demand: { is: 'seen', bytes, headroom: above }, why });
  }

  const ahead = facts.shape?.pattern === 'slowing' && as === undefined ? levelAhead(facts.shape) : null;
  if (ahead !== null && ahead <= killedAt * farthestLevel) {
    const level = Math.max(ahead, killedAt);
    return sized(level * headroom.level, killedAt, {
      demand: { is: 'seen', bytes: level, headroom: headroom.level },
      why: `It was killed at ${formatBytes(killedAt)}, and its climb bends towards ${formatBytes(level)}.`,
    });
  }
  // A level that far away was not observed: the climb hardly bends at its end.
  const { mean: usual, group, words } = excessOf(facts, as ?? (ahead === null ? undefined : 'steady'), table);
  const { mean, words: learned } = learnedExcess(usual, raises);
  const failed = new Set([...limits, ...inVain].map((bytes) => Math.round(bytes))).size > 1;
  const excess = failed ? Math.max(afterFailedRaise.excess, mean) : mean;
  const demand = { is: 'beyond', bytes: killedAt, excess } as const;
  const wanted = failed
    ? killedAt * afterFailedRaise.factor
    : enoughFor(demand, share ?? (group === 'start' ? enoughToStart : enough));
  const [low, high] = [interval.low, interval.high].map((part) => formatBytes(roundUp(enoughFor(demand, part))));
  return sized(wanted, killedAt, {
    demand,
    why: [
      `It was killed at ${formatBytes(killedAt)} ${words}${failed ? ', and a smaller raise did not hold' : ''}.`,
      `Nobody saw how much more it needs; probably ${low} to ${high} in all.`,
      learned,
      exceptionWords(peaksOf(facts), killedAt),
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
  });
}

function sized(bytes: number, killedAt: number, known: Pick<Estimate, 'demand' | 'why'>): Estimate {
  const most = killedAt * largestFactor;
  // NOTE: the smallest step above the present limit, for a limit that lies just below a round size.
  const limitBytes = roundUp(Math.max(Math.min(bytes, most), killedAt * 1.05));
  return { ...known, limitBytes, holds: holdsAt(known.demand, limitBytes) };
}

interface Seen {
  readonly bytes: number;
  readonly above: number;
  readonly why: string;
}

/** What a pod of it used that may use more, or all of them together on an earlier day. */
function levelSeen(facts: Facts, killedAt: number): Seen | null {
  const survivor = survivorPeak(facts, killedAt);
  if (survivor !== null)
    return {
      bytes: survivor,
      above: headroom.survivor,
      why: `A pod of it that may use more peaked at ${formatBytes(survivor)}.`,
    };
  const most = peaksOf(facts).reduce((high, { bytes }) => Math.max(high, bytes), 0);
  if (most <= killedAt * clearlyMore) return null;
  return {
    bytes: most,
    above: headroom.survivor,
    why: `It used up to ${formatBytes(most)} in the last 14 days, under a higher limit.`,
  };
}

/** A limit above the one that it was killed at under which it ran long enough before somebody lowered it again. */
function heldBefore(raises: readonly FormerRaise[], killedAt: number): Seen | null {
  const held = raises.findLast(
    ({ outcome, toBytes, lastedMs }) => outcome === 'held' && lastedMs >= heldMs && toBytes > killedAt * clearlyMore,
  );
  if (held === undefined) return null;
  const { toBytes, lastedMs, incident, mostBytes } = held;
  const was = `With ${formatBytes(toBytes)} it was not killed for ${roughDuration(lastedMs)}`;
  // The size of then is enough, but a smaller one may be too.
  if (mostBytes !== null && mostBytes > killedAt && mostBytes * headroom.survivor < toBytes)
    return {
      bytes: mostBytes,
      above: headroom.survivor,
      why: `${was} and used at most ${formatBytes(mostBytes)} (${incident}).`,
    };
  return { bytes: toBytes / headroom.held, above: headroom.held, why: `${was} (${incident}).` };
}

function peaksOf({ findings }: Facts): readonly UsagePeak[] {
  return findings.usage.found ? (findings.usage.value.peaks ?? []) : [];
}

/**
 * The highest peak of a run that has a higher limit (or none) and was not killed; bytes. Of the same revision, or of one
 * that differs in nothing but memory settings: a limit that was lowered is no other program.
 */
function survivorPeak({ findings, trigger, lifetime, rollout }: Facts, killedAt: number): number | null {
  if (!findings.usage.found) return null;
  const { runs, siblings } = findings.usage.value;
  const isSame = rollout !== null && rollout.limit !== null && rollout.changed.every(isOfMemory);
  const peaks = [...runs, ...siblings]
    .filter((run) => run.killedAt === null && (isSame || run.revision === null || run.revision === trigger.revision))
    .filter(({ limitBytes }) => limitBytes !== null && (limitBytes === 0 || limitBytes > killedAt * clearlyMore))
    .filter((run) => seenMs(run) >= (lifetime?.ms ?? 0))
    .map((run) => Math.max(...cleanSamples(run).map(({ workingSetBytes }) => workingSetBytes)));
  // A peak below the limit that killed this one shows that the pods differ, not what is needed.
  const peak = Math.max(0, ...peaks);
  return peak >= killedAt ? peak : null;
}

function isOfMemory(change: string): boolean {
  return /^(?:limit|request|resources) of /.test(change);
}

function seenMs(run: UsageRun): number {
  const samples = cleanSamples(run);
  return samples.length === 0 ? -1 : (samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0);
}
