import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import {
  bentBow,
  fading,
  nearShare,
  smoothTau,
  startsFromNothing,
  tightLevel,
  wellSeen,
} from '../../evidence/run-shape.ts';
import type { Shape } from '../../evidence/run-shape.ts';
import { formatBytes } from '../../units/quantity.ts';
import { percent } from '../../units/percent.ts';
import { roughDuration } from '../../units/duration.ts';

/*
 * The program needs a bounded amount, and that is more than the limit. It shows as a start that never finishes, a climb
 * that bends towards a level, a level close below the limit, or peaks from a lower level.
 */

/**
 * A run with this many samples may be more than a start: a leak that is sampled five times less often looks the same.
 */
const someSamples = 3;
/** With fewer samples the last step of a leak that grows in stairs looks like a bend. */
const fewForBend = 15;

type Draft = Omit<Hypothesis, 'cause'>;

/** A bounded need above the limit. */
export function limitTooLow(facts: Facts): Hypothesis | null {
  const { limitBytes, trigger, short, shape } = facts;
  if (limitBytes === null || (trigger.kind !== 'container' && trigger.kind !== 'start')) return null;
  const draft =
    trigger.kind === 'start' || short ? atStart(facts, limitBytes) : shape ? byShape(shape, facts, limitBytes) : null;
  return draft ? { cause: 'limit-too-low', ...draft } : null;
}

/** Killed before it could do any work: its start needs more than the limit. */
function atStart({ trigger, lifetimesMs, last, missing, samplesInRun, outlived }: Facts, limit: number): Draft {
  const runs = Math.max(1, lifetimesMs.length);
  const after = roughDuration(lifetimesMs.at(-1) ?? 0);
  const alone = trigger.kind === 'start' ? 0.86 : ([0.7, 0.8, 0.86][Math.min(runs, 3) - 1] ?? 0.7);
  // If another revision starts within the limit, it is not the limit but a change in this revision.
  const sure = outlived.length > 0 ? alone - 0.15 : alone;
  const survivors = outlived.length > 0 ? ['Another revision starts within its limit.'] : [];
  return {
    // NOTE: without samples it is unknown what it did in its few seconds; with a few samples it had time for more than
    // a start.
    confidence: samplesInRun === null ? sure - 0.1 : samplesInRun >= someSamples ? Math.min(sure, 0.68) : sure,
    sentence:
      runs > 1
        ? `The limit of ${formatBytes(limit)} is too low to start: killed within ${after} of each of ${runs} starts`
        : `The limit of ${formatBytes(limit)} is too low to start: killed ${after} after its start`,
    for: [
      trigger.kind === 'start'
        ? 'It was killed while the runtime was still starting it.'
        : `It was killed ${after} after its start.`,
      ...(runs > 1 ? [`${runs} starts ended alike.`] : []),
      ...(last ? [`The last sample showed ${formatBytes(last.bytes)} and rising.`] : []),
    ],
    against: [...survivors, ...missing],
  };
}

function byShape(shape: Shape, facts: Facts, limit: number): Draft | null {
  const level = shape.levelBytes / limit;
  const [now, size, share] = [formatBytes(shape.levelBytes), formatBytes(limit), percent(level)];
  const tooLow = `The limit of ${size} is too low`;
  const unseen = shape.maxBytes < limit * nearShare ? ['No sample came near the limit.'] : [];
  switch (shape.pattern) {
    case 'flat':
      return {
        confidence: level >= nearShare ? 0.9 : level >= tightLevel ? 0.8 : level >= 0.6 ? 0.45 : 0.2,
        sentence: `${tooLow}: usage is flat at ${share} of it between kills`,
        for: [`It lives at ${now}, ${share} of the limit, and does not grow.`, ...alikeWords(facts)],
        against: unseen,
      };
    case 'slowing':
      return {
        confidence: bendConfidence(shape),
        sentence: `${tooLow}: usage climbs more and more slowly towards a level above it`,
        for: [
          `The climb slows down: it was at ${formatBytes(shape.lastBytes)} when it was last seen.`,
          ...alikeWords(facts),
        ],
        against: shape.fade < fading ? [] : ['It slows down unevenly, as a leak in steps or with the load does.'],
      };
    case 'spiky':
      return {
        confidence: shape.maxBytes >= limit * nearShare ? 0.62 : 0.52,
        sentence: `${tooLow} for the peaks: it lives at ${now} and peaks at ${formatBytes(shape.maxBytes)} or more`,
        for: [`Peaks of ${formatBytes(shape.maxBytes)} were seen over a level of ${now}.`],
        against: ['Most of the time it is far below the limit.', ...unseen],
      };
    case 'sudden':
      return {
        confidence: level >= 0.5 ? 0.5 : 0.4,
        sentence: `${tooLow} for a sudden rise: it was flat at ${now} until just before the kill`,
        for: [`It was flat at ${now}, then rose at once.`],
        against: ['Such a rise was seen only once.', ...unseen],
      };
    case 'steady':
      return rampFromStart(shape, tooLow);
    case 'irregular':
      return {
        confidence: shape.maxBytes >= limit * nearShare ? 0.45 : 0.3,
        sentence: `${tooLow}: usage changes irregularly up to ${formatBytes(shape.maxBytes)}`,
        for: [`It reached ${percent(shape.maxBytes / limit)} of the limit.`],
        against: ['The course of its usage has no clear shape.'],
      };
  }
}

/** A bend along the whole climb leads to a level; uneven growth bends too, in both directions. */
function bendConfidence({ fade, tau, bow, count, seenShare }: Shape): number {
  if (fade >= fading) return 0.4;
  const isSmooth = tau >= smoothTau && bow > bentBow;
  return isSmooth && count >= fewForBend && seenShare >= wellSeen ? 0.84 : 0.66;
}

/** One straight line from nothing to the limit: an unfinished start or a leak; the samples do not show which. */
function rampFromStart(shape: Shape, tooLow: string): Draft | null {
  if (shape.ownShare !== null && shape.ownShare < 0.5) return null;
  const fromStart = startsFromNothing(shape);
  return {
    confidence: fromStart ? 0.44 : 0.12,
    sentence: `${tooLow}: it was still filling up in one line from its start when it was killed`,
    for: fromStart ? ['It climbs in one line from its start, as a program that loads its data does.'] : [],
    against: [
      'The climb did not slow down before the kill, so a leak looks alike.',
      ...(fromStart ? [] : ['It began from a level that it works at.']),
    ],
  };
}

function alikeWords({ alike }: Facts): string[] {
  return alike > 1 ? [`${alike} lives went alike.`] : [];
}
