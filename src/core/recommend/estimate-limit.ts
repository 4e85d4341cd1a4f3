import { cleanSamples } from '../evidence/clean-samples.ts';
import type { UsageRun } from '../evidence/evidence.ts';
import type { Facts } from '../diagnose/facts.ts';
import { formatBytes } from '../units/quantity.ts';
import { tightLevel } from '../evidence/run-shape.ts';
import { holdsAt } from './demand.ts';
import type { Demand } from './demand.ts';
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

/**
 * Usage is censored at the limit: a killed container needs at least its limit, and nobody saw how much more. What is
 * known decides how far above: a sibling that survived with more, the level that a bending climb heads for, else the
 * pattern of the usage. `factor` is the proposed multiple of the limit, `excess` the mean of how much more is needed.
 *
 * `excess` is the mean of peak / limit - 1 in the 47 labelled traces that show a kill and a true peak: slowing 0.09 (5
 * traces), spiky 0.17 (10), sudden 0.23 (3), steady 0.28 (10), start 0.39 (11), child 0.60 (8). Those are few and the
 * same ones that the tests run on, so `holds` is not proved on others. `flat`, `irregular` and `unseen` are
 * assumptions: no trace runs close below its limit, and the only flat one jumped at its end.
 */
const BY_PATTERN = {
  flat: { factor: 1.25, excess: 0.1, words: 'it lives close below the limit' },
  slowing: { factor: 1.25, excess: 0.09, words: 'its climb slows down' },
  spiky: { factor: 1.35, excess: 0.17, words: 'its peaks pass the limit' },
  sudden: { factor: 1.4, excess: 0.23, words: 'it rose at once, further than anybody saw' },
  steady: { factor: 1.55, excess: 0.28, words: 'it was killed while it was still climbing' },
  irregular: { factor: 1.5, excess: 0.3, words: 'its usage has no clear course' },
  start: { factor: 1.55, excess: 0.39, words: 'its start does not get through' },
  child: { factor: 2, excess: 0.6, words: 'its process was killed while it was still growing' },
  /** "Observed + 50 %", the start estimate without any history. */
  unseen: { factor: 1.5, excess: 0.3, words: 'its usage was not seen' },
} as const;

/** Killed at a second limit already: such small steps do not help. */
const afterFailedRaise = 2;
/** Above the level that others or the climb itself show. */
const headroom = { survivor: 1.15, level: 1.1 };
/** The largest step at once, whatever the arithmetic says. */
const largestFactor = 4;
/** If rates hardly fall, a line through them may meet zero anywhere; a level beyond this many limits means nothing. */
const farthestLevel = 1.6;

/** The limit that ends the kills if the need is bounded; null without a limit in force. Never below the present one. */
export function estimateLimit(facts: Facts): Estimate | null {
  const { kills, trigger, limitBytes } = facts;
  if (limitBytes === null) return null;
  const limits = [...kills, trigger]
    .flatMap((one) => one.limitInForceBytes ?? one.limitBytes ?? [])
    .filter((bytes) => bytes > 0);
  const killedAt = Math.max(limitBytes, ...limits);
  const survivor = survivorPeak(facts, killedAt);
  if (survivor !== null)
    return sized(survivor * headroom.survivor, killedAt, {
      demand: { is: 'seen', bytes: survivor, headroom: headroom.survivor },
      why: `A pod of it that may use more peaked at ${formatBytes(survivor)}.`,
    });

  const ahead = facts.shape?.pattern === 'slowing' ? levelAhead(facts.shape) : null;
  if (ahead !== null && ahead <= killedAt * farthestLevel) {
    const level = Math.max(ahead, killedAt);
    return sized(level * headroom.level, killedAt, {
      demand: { is: 'seen', bytes: level, headroom: headroom.level },
      why: `It was killed at ${formatBytes(killedAt)}, and its climb bends towards ${formatBytes(level)}.`,
    });
  }
  // A level that far away was not observed: the climb hardly bends at its end.
  const { factor, excess, words } = ahead === null ? byPattern(facts) : BY_PATTERN.steady;
  const failed = new Set(limits.map((bytes) => Math.round(bytes))).size > 1;
  const wanted = failed ? Math.max(afterFailedRaise, factor) : factor;
  return sized(killedAt * wanted, killedAt, {
    demand: { is: 'beyond', bytes: killedAt, excess },
    why: `It needs more than the ${formatBytes(killedAt)} that it was killed at; ${words}.${failed ? ' A smaller raise did not hold.' : ''}`,
  });
}

function byPattern({ short, trigger, shape }: Facts): { factor: number; excess: number; words: string } {
  if (trigger.kind === 'child-process') return BY_PATTERN.child;
  // NOTE: a second failed start at the same limit adds nothing to the first.
  if (trigger.kind === 'start' || short) return BY_PATTERN.start;
  if (!shape) return BY_PATTERN.unseen;
  // Flat with room below the limit: it was killed by a jump that no sample shows.
  const jumped = shape.pattern === 'flat' && shape.levelBytes < shape.limitBytes * tightLevel;
  return BY_PATTERN[jumped ? 'sudden' : shape.pattern];
}

function sized(bytes: number, killedAt: number, known: Pick<Estimate, 'demand' | 'why'>): Estimate {
  const most = killedAt * largestFactor;
  // NOTE: the smallest step above the present limit, for a limit that lies just below a round size.
  const limitBytes = roundUp(Math.max(Math.min(bytes, most), killedAt * 1.05));
  return { ...known, limitBytes, holds: holdsAt(known.demand, limitBytes) };
}

/** The highest peak of a run of the same revision that has a higher limit (or none) and was not killed; bytes. */
function survivorPeak({ findings, trigger, lifetime }: Facts, killedAt: number): number | null {
  if (!findings.usage.found) return null;
  const { runs, siblings } = findings.usage.value;
  const peaks = [...runs, ...siblings]
    .filter((run) => run.killedAt === null && (run.revision === null || run.revision === trigger.revision))
    .filter(({ limitBytes }) => limitBytes !== null && (limitBytes === 0 || limitBytes > killedAt * 1.02))
    .filter((run) => seenMs(run) >= (lifetime?.ms ?? 0))
    .map((run) => Math.max(...cleanSamples(run).map(({ workingSetBytes }) => workingSetBytes)));
  // A peak below the limit that killed this one shows that the pods differ, not what is needed.
  const peak = Math.max(0, ...peaks);
  return peak >= killedAt ? peak : null;
}

function seenMs(run: UsageRun): number {
  const samples = cleanSamples(run);
  return samples.length === 0 ? -1 : (samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0);
}
