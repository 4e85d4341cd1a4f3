import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { gotThrough, startingMs } from '../run-times.ts';
import { bentBow, fading } from '../../evidence/shape/bend.ts';
import {
  fewestSamples,
  mostSure,
  nearShare,
  smoothTau,
  startsFromNothing,
  tightLevel,
  wellSeen,
} from '../../evidence/shape/run-shape.ts';
import type { Shape } from '../../evidence/shape/run-shape.ts';
import { formatBytes } from '../../units/quantity.ts';
import { percent } from '../../units/percent.ts';
import { hourMs, roughDuration } from '../../units/duration.ts';
import { fewSamplesSay } from '../../evidence/few-samples.ts';
import { heldShare } from '../../evidence/held-files.ts';
import { samplesBefore } from '../../evidence/samples-before.ts';
import { killedAtMs } from '../../kill/kill.ts';
import { triggeredAtMs } from '../../kill/trigger.ts';

/*
 * The program needs a bounded amount, and that is more than the limit. It shows as a start that never finishes, a climb
 * that bends towards a level, a level close below the limit, or peaks from a lower level.
 */

/** By the number of starts that ended alike: one, two, more. A slow start is not told from a fast leak. */
const startConfidence = { quick: [0.8, 0.84, 0.86], slow: [0.45, 0.62, 0.66], byRuntime: 0.86 } as const;
/** The most, where the samples of a slow start look like growth. */
const likeALeak = 0.46;
/** The most, while a rollout or a memory-backed volume that nobody measured may be behind it. */
const perhapsOther = { one: 0.7, more: 0.78 } as const;
/** A rollout that is longer ago is not news; the rule for rollouts counts an hour as soon too. */
const soonAfterRollout = hourMs;
/** Growth that has lost half of its rate; of the labelled approaches to a level none has kept more, and few leaks less. */
const clearFade = 0.5;
/** With fewer samples the last step of a leak that grows in stairs looks like a bend. */
const fewForBend = 15;

/** A SIGKILL of a container that runs steadily near its limit may come from anywhere. */
const onlySuspected = 0.6;

type Draft = Omit<Hypothesis, 'cause'>;

/** A bounded need above the limit. */
export function limitTooLow(facts: Facts): Hypothesis | null {
  const { limitBytes, trigger, short, shape } = facts;
  if (limitBytes === null || (trigger.kind !== 'container' && trigger.kind !== 'start')) return null;
  const draft =
    trigger.kind === 'start' || short ? atStart(facts, limitBytes) : shape ? byShape(shape, facts, limitBytes) : null;
  if (!draft) return null;
  const most = short || shape === null ? 1 : mostSure(shape);
  return { cause: 'limit-too-low', ...draft, confidence: Math.min(draft.confidence, most) };
}

/** Killed before it could do any work: its start needs more than the limit. */
function atStart(facts: Facts, limit: number): Draft {
  const { trigger, runTimes, last, missing, samplesInRun, outlived, held } = facts;
  const starts = Math.max(1, runTimes.alike.length);
  const longest = Math.max(0, ...runTimes.alike);
  const isQuick = trigger.kind === 'start' || longest < startingMs;
  const byNumber = startConfidence[isQuick ? 'quick' : 'slow'][Math.min(starts, 3) - 1] ?? startConfidence.slow[0];
  const alone = trigger.kind === 'start' ? startConfidence.byRuntime : byNumber;
  const before = runTimes.longestBefore ?? 0;
  // If another revision, or an earlier run, starts within the limit, it is not the limit alone.
  const survivors = [
    ...(outlived.length > 0 ? ['Another revision starts within its limit.'] : []),
    ...(before >= gotThrough * Math.max(longest, startingMs)
      ? [`An earlier run lasted ${roughDuration(before)} under the same limit, so its start fits in it.`]
      : []),
  ];
  const others = [...volumeWords(facts, limit), ...rolloutWords(facts)];
  const climbs = !isQuick && climbsToTheKill(facts, limit);
  const open = others.length === 0 ? alone : Math.min(alone, perhapsOther[starts > 1 ? 'more' : 'one']);
  const isFilled = (held?.bytes ?? 0) >= limit * heldShare && memoryVolumes(facts).length > 0;
  const beside = runTimes.longestBeside ?? 0;
  const isCommon = beside >= gotThrough * Math.max(longest, startingMs);
  const sure = Math.min(
    (survivors.length > 0 ? open - 0.15 : open) * (isFilled || isCommon ? 0.5 : 1),
    climbs ? likeALeak : 1,
  );
  const [within, about] = [longest < 1000 ? 'a second' : roughDuration(longest), roughDuration(longest)];
  const when = isQuick ? `killed within ${within} of` : `killed about ${about} after`;
  const tooLow = `The limit of ${formatBytes(limit)} is ${isQuick ? 'too low' : 'probably too low'} to start`;
  return {
    // NOTE: without a usage history nobody knows either whether another revision starts.
    confidence: samplesInRun === null ? sure - 0.1 : sure,
    sentence: `${tooLow}: ${when} ${starts > 1 ? `each of its last ${starts} starts` : 'its start'}`,
    for: [
      trigger.kind === 'start'
        ? 'It was killed while the runtime was still starting it.'
        : `It was killed ${longest < 1000 ? 'less than a second' : about} after its start.`,
      ...(starts > 1 ? [`Its last ${starts} starts ended the same way.`] : []),
      ...(last ? [`The last sample showed ${formatBytes(last.bytes)}.`] : []),
    ],
    against: [
      ...survivors,
      ...(isCommon
        ? [`Another pod that had run for ${roughDuration(beside)} was killed within the same seconds.`]
        : []),
      ...others,
      ...(isQuick ? [] : ['Something that grows as fast after its start would look the same.']),
      ...(climbs ? ['A line through its samples meets the limit when it was killed, as that of a leak does.'] : []),
      ...missing,
    ],
  };
}

/** The few samples of the killed run lie on one line to the limit. */
function climbsToTheKill({ findings, trigger }: Facts, limit: number): boolean {
  const samples = samplesBefore(findings, trigger);
  return samples.length > 1 && fewSamplesSay(samples, triggeredAtMs(trigger), limit) === 'may-grow';
}

/** What fills a memory-backed volume at each start, or outlives a restart in it, kills a start as well. */
function volumeWords(facts: Facts, limit: number): string[] {
  const [volume] = memoryVolumes(facts);
  const { held, findings, trigger } = facts;
  if (volume === undefined) return [];
  if (held !== null && held.bytes >= limit * heldShare)
    return [`Its pod still held ${formatBytes(held.bytes)} when it was started again.`];
  const ownBytes = samplesBefore(findings, trigger).at(-1)?.rssBytes ?? 0;
  return held !== null || ownBytes >= limit * heldShare
    ? []
    : [`How much its memory-backed volume ${volume.name} holds was not measured.`];
}

function memoryVolumes({ findings }: Facts): readonly { readonly name: string }[] {
  return findings.spec.found ? findings.spec.value.memoryVolumes : [];
}

/** A rollout before the first kill, unless the revision before was killed as well. */
function rolloutWords({ rollout, otherRevisions, kills }: Facts): string[] {
  const [first] = kills;
  const isSame = otherRevisions.some(({ killedAt }) => killedAt !== null);
  if (rollout === null || rollout.previousRevision === null || isSame || !first) return [];
  const isSoon = killedAtMs(first) - rollout.startedAt < soonAfterRollout;
  return isSoon ? [`Revision ${rollout.revision} had just been rolled out.`] : [];
}

function byShape(shape: Shape, facts: Facts, limit: number): Draft | null {
  const level = shape.levelBytes / limit;
  const [now, size, share] = [formatBytes(shape.levelBytes), formatBytes(limit), percent(level)];
  const tooLow = `The limit of ${size} is too low`;
  const unseen = shape.maxBytes < limit * nearShare ? ['No sample came near the limit.'] : [];
  const isCalledSo = facts.trigger.kind !== 'container' || facts.trigger.reason === 'OOMKilled';
  switch (shape.pattern) {
    case 'flat':
      return {
        confidence: Math.min(
          level >= nearShare ? 0.9 : level >= tightLevel ? 0.72 : level >= 0.6 ? 0.45 : 0.2,
          isCalledSo ? 1 : onlySuspected,
        ),
        sentence: `${tooLow}: usage is flat at ${share} of it between kills`,
        for: [`It runs at ${now}, ${share} of the limit, and does not grow.`, ...alikeWords(facts)],
        against: [...unseen, ...(isCalledSo ? [] : ['The runtime does not call it a memory kill.'])],
      };
    case 'slowing':
      return {
        confidence: bendConfidence(shape),
        sentence: `${tooLow}: usage climbs more and more slowly towards a level above it`,
        for: [`The climb slows down: the last sample showed ${formatBytes(shape.lastBytes)}.`, ...alikeWords(facts)],
        against: shape.fade < fading ? [] : ['It slows down unevenly, as a leak in steps or with the load does.'],
      };
    case 'spiky':
      return {
        confidence: shape.maxBytes >= limit * nearShare ? 0.62 : 0.52,
        sentence: `${tooLow} for the peaks: it normally runs at ${now} and peaks at ${formatBytes(shape.maxBytes)} or more`,
        for: [`It peaked at ${formatBytes(shape.maxBytes)} over a level of ${now}.`],
        against: ['Most of the time it is far below the limit.', ...unseen],
      };
    case 'sudden':
      return {
        confidence: level >= 0.5 ? 0.5 : 0.4,
        sentence: `${tooLow} for a sudden rise: it was flat at ${now} until just before the kill`,
        for: [`It was flat at ${now}, then rose at once.`],
        against: ['It rose like that only once.', ...unseen],
      };
    case 'steady':
      return rampFromStart(shape, tooLow);
    case 'irregular':
      return {
        confidence: shape.maxBytes >= limit * nearShare ? 0.45 : 0.3,
        sentence: `${tooLow}: usage changes irregularly up to ${formatBytes(shape.maxBytes)}`,
        for: [`It reached ${percent(shape.maxBytes / limit)} of the limit.`],
        against: ['Its usage follows no clear pattern.'],
      };
  }
}

/** A bend along the whole climb leads to a level; uneven growth bends too, in both directions. */
function bendConfidence({ fade, tau, bow, count, seenShare, isStairs }: Shape): number {
  if (fade >= fading) return 0.4;
  const isSmooth = tau >= smoothTau && bow > bentBow && fade < clearFade;
  const isClear = count >= fewForBend || (count >= fewestSamples && bow > 2 * bentBow);
  return isSmooth && isClear && !isStairs && seenShare >= wellSeen ? 0.84 : 0.66;
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
  return alike > 1 ? [`The last ${alike} runs looked the same.`] : [];
}
