import { isGrowing } from '../evidence/shape/run-shape.ts';
import { roughDuration } from '../units/duration.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Cause, Hypothesis } from './diagnosis.ts';
import type { Experiment, Step } from './experiment.ts';
import type { Facts } from './facts.ts';
import { rateWords } from './rates.ts';
import { startingMs } from './run-times.ts';

interface Reading {
  readonly cause: Cause;
  readonly confidence: number;
  readonly sentence: string;
  readonly said: string;
  readonly against: Partial<Readonly<Record<Cause, number>>>;
}

/**
 * What came of a changed limit, as evidence: it makes one cause likelier and others less likely, and is a cause of its
 * own where nothing else was seen. Usage that was seen not to grow (peaks, a level) is explained by itself.
 */
export function withExperiment(found: readonly Hypothesis[], facts: Facts): readonly Hypothesis[] {
  const { experiment, shape, trigger } = facts;
  if (experiment === null || (trigger.kind !== 'container' && trigger.kind !== 'start')) return found;
  const reading = readingOf(experiment);
  const others = found
    .filter(({ cause }) => cause !== reading.cause)
    .map((one) => {
      const factor = reading.against[one.cause];
      if (factor === undefined) return one;
      return { ...one, confidence: one.confidence * factor, against: [...one.against, reading.said] };
    });
  const own = found.find(({ cause }) => cause === reading.cause);
  if (own !== undefined) {
    const better = own.confidence < reading.confidence ? reading : own;
    const { confidence, sentence } = better;
    return [...others, { ...own, confidence, sentence, for: [...own.for, reading.said] }];
  }
  if (shape !== null && !isGrowing(shape)) return found;
  const { cause, confidence, sentence, said } = reading;
  return [...others, { cause, confidence, sentence, for: [said], against: [...facts.missing] }];
}

/** The growth (bytes per second) that the run times under two limits give, where they tell of a leak; else null. */
export function slopeByExperiment({ experiment }: Facts): number | null {
  return experiment?.is === 'in-proportion' ? experiment.slopeBytesPerSecond : null;
}

/** More than one run under each limit shows that the times are no chance. */
const proportion = { once: 0.68, often: 0.78 };
/** The need is between two limits, one of which was tried for long enough. */
const heldSince = 0.85;
/** What it is that needs so much at once is not known: a step of its start, or work that comes later. */
const atOnce = 0.58;

function readingOf(experiment: Experiment): Reading {
  const { low } = experiment;
  const [at, after] = [formatBytes(low.limitBytes), roughDuration(low.runMs)];
  switch (experiment.is) {
    case 'in-proportion': {
      const { high, slopeBytesPerSecond } = experiment;
      const later = `killed after ${after} at ${at} and after ${roughDuration(high.runMs)} at ${formatBytes(high.limitBytes)}`;
      return {
        cause: 'leak',
        confidence: low.runs > 1 && high.runs > 1 ? proportion.often : proportion.once,
        sentence: `Leak: ${later}, as steady growth of ${rateWords(slopeBytesPerSecond)} would`,
        said: `Its run time grew with its limit: ${later}.`,
        against: { 'limit-too-low': 0.5 },
      };
    }
    case 'as-fast': {
      const { high } = experiment;
      const size = formatBytes(high.limitBytes);
      return {
        cause: 'limit-too-low',
        confidence: atOnce,
        sentence: `The limit of ${size} is too low: it was killed as fast as at ${at}, ${afterWords(high)}, so it needs far more at once`,
        said: `It was killed as fast at ${size} as at ${at}.`,
        against: { leak: 0.4 },
      };
    }
    case 'outlived': {
      const [now, since] = [formatBytes(experiment.limitBytes), roughDuration(experiment.ms)];
      return {
        cause: 'limit-too-low',
        confidence: heldSince,
        sentence: `The limit of ${at} was too low: it was killed ${afterWords(low)} and has been running for ${since} at ${now}`,
        said: `It has been running for ${since} at ${now}, longer than a leak would have taken.`,
        against: { leak: 0.3 },
      };
    }
  }
}

function afterWords({ runMs, runs }: Step): string {
  if (runMs < startingMs) return runs > 1 ? 'within seconds of each start' : 'within seconds of its start';
  return `about ${roughDuration(runMs)} after ${runs > 1 ? 'each start' : 'its start'}`;
}
