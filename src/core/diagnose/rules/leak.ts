import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { fading, slightBow } from '../../evidence/shape/bend.ts';
import { isOnItsWayToALevel } from '../../evidence/shape/pool-shapes.ts';
import { isGrowing, mostSure, smoothTau, startsFromNothing, wellSeen } from '../../evidence/shape/run-shape.ts';
import type { Shape } from '../../evidence/shape/run-shape.ts';
import { aboutTime } from '../../talk/words.ts';
import { presentGrowth } from '../next-kill.ts';
import { rateWords } from '../rates.ts';
import { runtimeNames } from '../runtimes/heap.ts';
import { percent } from '../../units/percent.ts';
import { roughDuration, minuteMs } from '../../units/duration.ts';

/*
 * A leak grows in a straight line from the level at which the program works, and goes on to the limit. What speaks for
 * it: the line is straight (a demand that is only larger than the limit bends towards a level), it began from a level
 * that was there at once (a start-up is one line from next to nothing), the runs are alike, and the growth comes from
 * the work: it goes on for longer than any start, follows the load, comes in steps or unevenly, or stays away in a
 * replica that has nothing to do. What speaks against it: the growth is not the processes' own memory, or growth alone
 * would not have reached the limit.
 */

/** The most, if the beginning or the end of the run was not seen, or if it may be about to bend. */
const notForCertain = 0.68;
/** The most, while a program that loads its data at an even pace, longer than it was let live, would look the same. */
const likeALoad = { fromAbove: 0.78, fromBelow: 0.6 } as const;
/** Share of the limit from which on a level is hardly one that a program only starts from: loads began from up to 0.28. */
const clearBase = 0.32;
/** The most, if it bent first and then grew in a line: perhaps the start, and a leak after it. */
const afterABend = 0.58;
/**
 * Distance from the line, as a share of the rise. In the labelled traces programs that load their data and leaks that
 * go by the clock have up to 0.004; leaks with noise, in steps or by the request have 0.0085 and more.
 */
const someUnevenness = 0.006;
/** Kills without usage are regular when the median run differs by less than this. */
const regular = 0.15;
/** No start-up takes longer: regular kills after this long are growth. */
const longRunMs = 10 * minuteMs;

/** What a leak can end in; a runtime may give up by itself before the kernel acts. */
const grows: readonly Facts['trigger']['kind'][] = ['container', 'child-process', 'ahead', 'self'];

/** Steady growth until the kill. */
export function leak(facts: Facts): Hypothesis | null {
  const { shape, trigger } = facts;
  if (!grows.includes(trigger.kind)) return null;
  if (shape === null) return regularKills(facts);
  // Nothing leaks that much within the seconds of a start.
  if (facts.short && trigger.kind === 'container') return null;
  if (!isGrowing(shape)) return null;
  if (shape.ownShare !== null && shape.ownShare < 0.5) return null;

  const hypothesis = { cause: 'leak' as const, sentence: sentenceOf(shape, facts) };
  const by = shape.withLoad ? 'in step with its load' : 'with time';
  const grew = `It grows by ${rateWords(shape.slopeBytesPerSecond)} over ${shape.count} samples, ${percent(shape.rise)} of the limit in one run.`;
  if (isOnItsWayToALevel(shape))
    return { ...hypothesis, confidence: 0.12, for: [grew], against: ['The growth slows down before the kill.'] };
  const reached = reachOf(shape, facts);
  const isStart = startsFromNothing(shape);
  const work = workWords(shape, facts);
  const against = [
    ...(isStart ? ['It is one straight line from the start: a start that needs more than the limit looks alike.'] : []),
    ...(!isStart && work.length === 0
      ? ['A program that loads its data at an even pace until the kill would look the same.']
      : []),
    ...(shape.seenShare < wellSeen ? [`Only ${percent(shape.seenShare)} of that run shows how it grows.`] : []),
    ...(shape.pattern === 'slowing' ? ['It grew faster at first.'] : []),
    ...(shape.isStairs && facts.runtime !== null
      ? [`A ${runtimeNames[facts.runtime]} heap grows in steps, so what it needed between them is not known.`]
      : []),
    ...(bendsALittle(shape) ? ['It slows down a little, as on its way to a level above the limit.'] : []),
    ...(reached < 0.8
      ? [`At that rate it would have been at ${percent(reached)} of the limit when it was killed.`]
      : []),
  ];
  const volume = unmeasuredVolume(shape, facts);
  if (volume !== null) against.push(`How much its memory-backed volume ${volume} holds was not measured.`);
  const alike = facts.alike > 1;
  const more = (alike ? 0.06 : 0) + (shape.count >= 40 ? 0.04 : 0);
  const base = isStart ? 0.4 + more / 3 : (work.length > 0 ? 0.84 : 0.76) + more;
  const most = Math.min(
    shape.seenShare < wellSeen || bendsALittle(shape) ? notForCertain : 0.95,
    mostSure(shape),
    work.length > 0 ? 0.95 : likeALoad[shape.baseShare >= clearBase ? 'fromAbove' : 'fromBelow'],
    shape.isStairs && facts.runtime !== null ? notForCertain : 0.95,
    shape.pattern === 'slowing' ? afterABend : 0.95,
    volume === null ? 0.95 : notForCertain,
  );
  return {
    ...hypothesis,
    confidence: Math.min(most, base * (reached < 0.8 ? 0.5 : 1)),
    for: [
      grew,
      ...(isStart ? [] : [`It began at ${percent(shape.baseShare)} of the limit and grew ${by} in a straight line.`]),
      ...(isStart ? [] : work),
      ...(alike ? [`${facts.alike} runs grew at the same rate.`] : []),
    ],
    against,
  };
}

/** The name of a volume whose files may be what grows: neither they nor the processes' own memory were measured. */
function unmeasuredVolume({ ownShare }: Shape, { findings, held }: Facts): string | null {
  const [volume] = findings.spec.found ? findings.spec.value.memoryVolumes : [];
  return ownShare === null && held === null ? (volume?.name ?? null) : null;
}

/** What shows that the growth comes from the work of a program that has started; none where nothing does. */
export function workWords(shape: Shape, facts: Facts): readonly string[] {
  return [
    ...(shape.withLoad ? ['It grows faster when there is more load, and slower when there is less.'] : []),
    // The heap of a runtime grows unevenly whatever it is filled with.
    ...(shape.unevenness >= someUnevenness && facts.runtime === null ? ['It grows unevenly, as work comes in.'] : []),
    ...(shape.spanMs >= facts.settledMs
      ? [`It grew for ${roughDuration(shape.spanMs)}, longer than a start takes.`]
      : []),
    ...(shape.risesBetweenPeaks ? ['After each peak it came down less far than before.'] : []),
    ...(facts.idle ? ['Another replica that ran as long did not grow.'] : []),
  ];
}

/** Stairs and noise bow a line a little; what goes up smoothly bows because its rate falls. */
function bendsALittle({ bow, tau, fade, pattern }: Shape): boolean {
  if (pattern === 'slowing') return false;
  return fade < fading || (bow > slightBow && tau >= smoothTau);
}

/** The extrapolated usage at the kill, as a share of the limit; 1 if nothing contradicts it. */
function reachOf(shape: Shape, { limitBytes, trigger }: Facts): number {
  // A runtime that gives up stops at its own heap.
  if (limitBytes === null || shape.run.killedAt === null || trigger.kind === 'self') return 1;
  const unseen = Math.max(0, shape.run.killedAt - shape.lastAt) / 1000;
  const limit = shape.run.limitBytes ?? limitBytes;
  // Where it goes up and down, the next peak is what reaches the limit.
  const lastBytes = shape.risesBetweenPeaks ? shape.maxBytes : shape.lastBytes;
  return (lastBytes + unseen * shape.slopeBytesPerSecond) / Math.max(1, limit);
}

function sentenceOf(shape: Shape, facts: Facts): string {
  if (facts.trigger.kind !== 'ahead')
    return `Leak: grows ${rateWords(shape.slopeBytesPerSecond)}, ${killedWords(facts, shape)}`;
  const growth = presentGrowth(facts);
  const rate = rateWords(growth?.bytesPerSecond ?? shape.slopeBytesPerSecond);
  const isAhead = growth !== null && growth.reachesAt > facts.now;
  return `Leak: grows ${rate}, ${isAhead ? `at its limit at about ${aboutTime(growth.reachesAt, facts.now)}` : 'and goes on growing'}`;
}

function killedWords({ lifetimesMs, lifetime, trigger }: Facts, shape: Shape): string {
  const ms = lifetime?.ms ?? shape.spanMs;
  const run = roughDuration(ms);
  const ended = trigger.kind === 'self' ? 'gave up' : 'killed';
  return lifetimesMs.length > 1 ? `${ended} every ${run}` : `${ended} ${run} after its start`;
}

/** Without samples, only the spacing of the kills is known: long, regular intervals mean growth. */
function regularKills({ lifetimesMs, lifetime, short, missing }: Facts): Hypothesis | null {
  if (lifetime === null || lifetimesMs.length < 3 || short) return null;
  if (lifetime.ms < longRunMs || lifetime.variation > regular) return null;
  return {
    cause: 'leak',
    confidence: lifetimesMs.length >= 5 ? 0.65 : 0.55,
    sentence: `Leak: killed every ${roughDuration(lifetime.ms)}, as regularly as steady growth would`,
    for: [`${lifetimesMs.length} runs lasted alike, ${roughDuration(lifetime.ms)} each.`],
    against: ['No growth was observed.', ...missing],
  };
}
