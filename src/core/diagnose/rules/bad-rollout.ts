import { cleanSamples } from '../../evidence/clean-samples.ts';
import type { RolloutFacts } from '../../evidence/evidence.ts';
import { fewestSamples, shapeOf } from '../../evidence/life-shape.ts';
import type { Shape } from '../../evidence/life-shape.ts';
import { killedAtMs } from '../../kill/kill.ts';
import { percent, roughDuration } from '../../talk/words.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';

/*
 * A rollout is to blame when the revision before it lived where this one dies. That a rollout was near is no reason by
 * itself: most rollouts are innocent. So the old revision's usage decides, and without it only the order of events.
 */

/** The first kill comes within so many lives of the rollout. */
const firstLives = 3;
/** Where nobody knows how long a life was. */
const soonMs = 60 * 60_000;
/** The old revision stayed clear of the limit. */
const clearShare = 0.92;

interface Before {
  readonly peakBytes: number;
  readonly levelBytes: number;
  readonly limitBytes: number | null;
  /** The longest of its lives that was seen, ms. */
  readonly seenMs: number;
  readonly shape: Shape | null;
}

/** What the last rollout changed needs more than before, or got less. */
export function badRollout(facts: Facts): Hypothesis | null {
  const { rollout, kill, kills, limitBytes } = facts;
  if (!rollout || rollout.previousRevision === null || limitBytes === null) return null;
  const first = kills.find(({ revision }) => revision === kill.revision) ?? kill;
  const sinceMs = killedAtMs(first) - rollout.startedAt;
  if (sinceMs < -1000) return null;
  const life = Date.parse(first.finishedAt ?? '') - Date.parse(first.startedAt ?? '');
  const soon = sinceMs <= (life >= 0 ? Math.max(firstLives * life, 60_000) : soonMs);
  if (kills.some(({ revision }) => revision !== kill.revision)) return null;

  const what = rollout.changed.length === 0 ? '' : ` (${rollout.changed.slice(0, 3).join(', ')})`;
  const order = `Revision ${rollout.revision}${what} was rolled out ${roughDuration(sinceMs)} before its first kill.`;
  const before = beforeOf(facts, limitBytes);
  if (!before) return onlyOrder(facts, rollout, { order, soon });
  return compared(facts, before, { rollout, limitBytes, order, soon });
}

function onlyOrder(
  { short, missing }: Facts,
  rollout: RolloutFacts,
  { order, soon }: { order: string; soon: boolean },
): Hypothesis | null {
  if (!soon || rollout.changed.length === 0) return null;
  return {
    cause: 'bad-rollout',
    confidence: short ? 0.74 : 0.48,
    sentence: `Revision ${rollout.revision} changed ${rollout.changed.slice(0, 3).join(', ')} and is killed since; no kill of the revision before is known`,
    for: [order, 'No kill of the revision before is known.'],
    against: ['What the revision before used was not seen.', ...missing],
  };
}

function compared(
  { shape, lifetime }: Facts,
  before: Before,
  { rollout, limitBytes, order, soon }: { rollout: RolloutFacts; limitBytes: number; order: string; soon: boolean },
): Hypothesis | null {
  const used = formatBytes(before.peakBytes);
  const [name, limit] = [`Revision ${rollout.revision}`, formatBytes(limitBytes)];
  const lived = `The revision before used at most ${used} in ${roughDuration(before.seenMs)} and was not killed.`;
  const lowered = before.limitBytes !== null && before.limitBytes > limitBytes * 1.02;
  if (lowered && before.peakBytes >= limitBytes * clearShare) {
    return {
      cause: 'bad-rollout',
      confidence: 0.92,
      sentence: `${name} lowered the limit from ${formatBytes(before.limitBytes ?? 0)} to ${limit}, but ${used} was used before`,
      for: [order, lived],
      against: [],
    };
  }
  const against = [
    ...(same(before, shape) ? ['The revision before went the same way.'] : []),
    ...(before.seenMs < (lifetime?.ms ?? 0) * 0.8
      ? ['The revision before was not seen for as long as this one lives.']
      : []),
    ...(before.peakBytes > limitBytes * clearShare
      ? [`The revision before used up to ${percent(before.peakBytes / limitBytes)} of the limit too.`]
      : []),
  ];
  const confidence = against.length > 0 ? 0.2 : soon ? 0.9 : 0.55;
  return {
    cause: 'bad-rollout',
    confidence,
    sentence: `${name} needs more than the limit of ${limit}; the revision before needed at most ${used}`,
    for: [order, lived],
    against,
  };
}

/** The old revision goes the same way: the same growth, or peaks from the same level. */
function same({ shape: old, levelBytes }: Before, shape: Shape | null): boolean {
  if (!shape) return false;
  const growing = shape.course === 'steady' || shape.course === 'slowing';
  if (growing) return old?.course === shape.course && old.slopeBytesPerSecond > shape.slopeBytesPerSecond / 2;
  return Math.abs(levelBytes / shape.levelBytes - 1) < 0.1;
}

function beforeOf({ otherRevisions }: Facts, limitBytes: number): Before | null {
  const seen = otherRevisions.filter((life) => life.killedAt === null && cleanSamples(life).length >= fewestSamples);
  const shapes = seen.flatMap((life) => shapeOf(life, limitBytes) ?? []);
  const longest = shapes.toSorted((a, b) => b.spanMs - a.spanMs)[0];
  if (!longest) return null;
  return {
    peakBytes: Math.max(...shapes.map(({ maxBytes }) => maxBytes)),
    levelBytes: longest.levelBytes,
    limitBytes: longest.life.limitBytes,
    seenMs: longest.spanMs,
    shape: longest,
  };
}
