import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { fading, slightBow, smoothTau, someHeadStart, wellSeen } from '../../evidence/run-shape.ts';
import type { Shape } from '../../evidence/run-shape.ts';
import { aboutTime } from '../../talk/words.ts';
import { presentGrowth } from '../next-kill.ts';
import { rateWords } from '../rates.ts';
import { percent } from '../../units/percent.ts';
import { roughDuration, minuteMs } from '../../units/duration.ts';

/*
 * A leak grows in a straight line from the level at which the program works, and goes on to the limit. What speaks for
 * it: the line is straight (a demand that is only larger than the limit bends towards a level), it began from a level
 * that was there at once (a start-up is one line from nothing: `headStart`), and the runs are alike. What speaks
 * against it: the growth is not the processes' own memory, or growth alone would not have reached the limit.
 */

/** The most, if the beginning or the end of the run was not seen, or if it may be about to bend. */
const notForCertain = 0.68;
/** A head start that no start-up has. */
const clearHeadStart = 8;
/** Kills without usage are regular when the median run differs by less than this. */
const regular = 0.15;
/** No start-up takes longer: regular kills after this long are growth. */
const longRunMs = 10 * minuteMs;

/** Steady growth until the kill. */
export function leak(facts: Facts): Hypothesis | null {
  const { shape, trigger } = facts;
  if (trigger.kind !== 'container' && trigger.kind !== 'child-process' && trigger.kind !== 'ahead') return null;
  if (shape === null) return regularKills(facts);
  if (shape.pattern !== 'steady' && shape.pattern !== 'slowing') return null;
  if (shape.ownShare !== null && shape.ownShare < 0.5) return null;

  const hypothesis = { cause: 'leak' as const, sentence: sentenceOf(shape, facts) };
  const grew = `It grows by ${rateWords(shape.slopeBytesPerSecond)} over ${shape.count} samples, ${percent(shape.rise)} of the limit in one life.`;
  if (shape.pattern === 'slowing') {
    const confidence = shape.fade < fading ? 0.12 : 0.42;
    return { ...hypothesis, confidence, for: [grew], against: ['The growth slows down before the kill.'] };
  }
  const reached = reachOf(shape, facts);
  const fromStart = shape.headStart < someHeadStart;
  const alike = facts.alike > 1;
  const base = fromStart ? 0.4 : shape.headStart < clearHeadStart ? 0.74 : 0.84;
  const more = (alike ? 0.06 : 0) + (shape.count >= 40 ? 0.04 : 0);
  return {
    ...hypothesis,
    confidence: Math.min(
      shape.seenShare < wellSeen || bendsALittle(shape) ? notForCertain : 0.95,
      (base + (fromStart ? more / 3 : more)) * (reached < 0.8 ? 0.5 : 1),
    ),
    for: [
      grew,
      ...(fromStart ? [] : ['It began from the level that it works at and grew in a straight line from there.']),
      ...(alike ? [`${facts.alike} lives grew at the same rate.`] : []),
    ],
    against: [
      ...(fromStart
        ? ['It is one straight line from the start: a start that needs more than the limit looks alike.']
        : []),
      ...(shape.seenShare < wellSeen ? [`Only ${percent(shape.seenShare)} of that life shows how it grows.`] : []),
      ...(bendsALittle(shape) ? ['It slows down a little, as on its way to a level above the limit.'] : []),
      ...(reached < 0.8
        ? [`At that rate it would have been at ${percent(reached)} of the limit when it was killed.`]
        : []),
    ],
  };
}

/** Stairs and noise bow a line a little; what goes up smoothly bows because its rate falls. */
function bendsALittle({ bow, tau, fade }: Shape): boolean {
  return fade < fading || (bow > slightBow && tau >= smoothTau);
}

/** The extrapolated usage at the kill, as a share of the limit; 1 if nothing contradicts it. */
function reachOf(shape: Shape, { limitBytes }: Facts): number {
  if (limitBytes === null || shape.run.killedAt === null) return 1;
  const unseen = Math.max(0, shape.run.killedAt - shape.lastAt) / 1000;
  const limit = shape.run.limitBytes ?? limitBytes;
  return (shape.lastBytes + unseen * shape.slopeBytesPerSecond) / Math.max(1, limit);
}

function sentenceOf(shape: Shape, facts: Facts): string {
  if (facts.trigger.kind !== 'ahead')
    return `Leak: grows ${rateWords(shape.slopeBytesPerSecond)}, ${killedWords(facts, shape)}`;
  const growth = presentGrowth(facts);
  const rate = rateWords(growth?.bytesPerSecond ?? shape.slopeBytesPerSecond);
  const isAhead = growth !== null && growth.reachesAt > facts.now;
  return `Leak: grows ${rate}, ${isAhead ? `at its limit at about ${aboutTime(growth.reachesAt, facts.now)}` : 'and goes on growing'}`;
}

function killedWords({ lifetimesMs, lifetime }: Facts, shape: Shape): string {
  const ms = lifetime?.ms ?? shape.spanMs;
  const run = roughDuration(ms);
  return lifetimesMs.length > 1 ? `killed every ${run}` : `killed ${run} after its start`;
}

/** Without samples, only the spacing of the kills is known: long, regular intervals mean growth. */
function regularKills({ lifetimesMs, lifetime, short, missing }: Facts): Hypothesis | null {
  if (lifetime === null || lifetimesMs.length < 3 || short) return null;
  if (lifetime.ms < longRunMs || lifetime.variation > regular) return null;
  return {
    cause: 'leak',
    confidence: lifetimesMs.length >= 5 ? 0.65 : 0.55,
    sentence: `Leak: killed every ${roughDuration(lifetime.ms)}, as regularly as steady growth would`,
    for: [`${lifetimesMs.length} lives lasted alike, ${roughDuration(lifetime.ms)} each.`],
    against: ['No growth was seen.', ...missing],
  };
}
