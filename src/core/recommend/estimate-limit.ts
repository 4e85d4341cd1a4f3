import { cleanSamples } from '../evidence/clean-samples.ts';
import type { UsageRun } from '../evidence/evidence.ts';
import type { Facts } from '../diagnose/facts.ts';
import { formatBytes } from '../units/quantity.ts';
import { enoughFor, holdsAt } from './demand.ts';
import type { Demand } from './demand.ts';
import { excessOf } from './excess.ts';
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
 * known decides how far above: a sibling that survived with more, the level that a bending climb heads for, else how
 * far demands went beyond the limit in labelled kills that looked the same (excess.ts).
 */

/**
 * The size is enough for so many of them. Chosen on the 60 labelled traces with a true peak that are to get a size: 0.9
 * leaves 5 of them too small at a mean slack of 23 %, 0.92 leaves 3 (24 %), 0.93 leaves 2 (26 %), 0.95 leaves 2 (28 %).
 */
const enough = 0.93;
/** The interval in which the demand is said to lie: 8 of 10. */
const interval = { low: 0.1, high: 0.9 };
/**
 * Killed at a second limit already: such small steps do not help, and what it needs was underestimated once. Assumed:
 * no labelled trace was raised.
 */
const afterFailedRaise = { factor: 2, excess: 0.5 };
/**
 * Above the level that others or the climb itself show. In the 7 labelled climbs that bend, the extrapolated level was
 * 2 to 5 % above the true peak, and never below it.
 */
const headroom = { survivor: 1.15, level: 1.03 };
/** The largest step at once, whatever the arithmetic says. */
const largestFactor = 4;
/** If rates hardly fall, a line through them may meet zero anywhere; a level beyond this many limits means nothing. */
const farthestLevel = 1.6;

/**
 * The limit that ends the kills if the need is bounded; null without a limit in force. Never below the present one.
 * `as`: what was growing is known from something else than the samples.
 */
export function estimateLimit(facts: Facts, as?: 'files'): Estimate | null {
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

  const ahead = facts.shape?.pattern === 'slowing' && as === undefined ? levelAhead(facts.shape) : null;
  if (ahead !== null && ahead <= killedAt * farthestLevel) {
    const level = Math.max(ahead, killedAt);
    return sized(level * headroom.level, killedAt, {
      demand: { is: 'seen', bytes: level, headroom: headroom.level },
      why: `It was killed at ${formatBytes(killedAt)}, and its climb bends towards ${formatBytes(level)}.`,
    });
  }
  // A level that far away was not observed: the climb hardly bends at its end.
  const { mean, words } = excessOf(facts, as ?? (ahead === null ? undefined : 'steady'));
  const failed = new Set(limits.map((bytes) => Math.round(bytes))).size > 1;
  const excess = failed ? Math.max(afterFailedRaise.excess, mean) : mean;
  const demand = { is: 'beyond', bytes: killedAt, excess } as const;
  const wanted = enoughFor(demand, enough);
  const [low, high] = [interval.low, interval.high].map((share) => formatBytes(roundUp(enoughFor(demand, share))));
  return sized(failed ? Math.max(killedAt * afterFailedRaise.factor, wanted) : wanted, killedAt, {
    demand,
    why: `It was killed at ${formatBytes(killedAt)} ${words}${failed ? ', and a smaller raise did not hold' : ''}. Nobody saw how much more it needs; probably ${low} to ${high} in all.`,
  });
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
