import { cleanSamples } from '../../evidence/clean-samples.ts';
import type { RolloutFacts, UsageRun } from '../../evidence/evidence.ts';
import { fewestSamples, isGrowing, shapeOf } from '../../evidence/shape/run-shape.ts';
import type { Shape } from '../../evidence/shape/run-shape.ts';
import { samplesBefore } from '../../evidence/samples-before.ts';
import { killedAtMs, runMs } from '../../kill/kill.ts';
import type { Kill } from '../../kill/kill.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { atSameAges } from './same-ages.ts';
import type { SameAges } from './same-ages.ts';
import { median } from '../../evidence/statistics.ts';
import { percent } from '../../units/percent.ts';
import { roughDuration, hourMs, minuteMs } from '../../units/duration.ts';

/*
 * A rollout is to blame if the previous revision kept running where this one is killed. That there was a rollout
 * shortly before proves nothing: most rollouts are harmless. So the old revision's usage decides, and without it the
 * order of events.
 */

/** The first kill comes within this many run lengths of the rollout. */
const firstRuns = 3;
/** Used if the length of a run is unknown. */
const soonMs = hourMs;
/** How many changes a sentence names; the evidence lists them all. */
const mostNamed = 3;
/** Where what was seen of the revisions does not tell them apart. */
const orderOnly = 0.48;
/** Below this share the old revision stayed clear of the limit. */
const clearShare = 0.92;
/** Levels that differ by less count as equal. */
const sameLevel = 0.1;
/** The least tau that counts as growing. */
const growingTau = 0.3;

/** A run that spent a quarter of its time below this share of its later level was still starting. */
const settledShare = 0.5;

interface Before {
  readonly peakBytes: number;
  readonly levelBytes: number;
  readonly limitBytes: number | null;
  /** The longest that one of its runs was observed, ms. */
  readonly seenMs: number;
  readonly shape: Shape | null;
}

/** The last rollout made it need more memory, or gave it less. */
export function badRollout(facts: Facts): Hypothesis | null {
  const { rollout, trigger, kills, limitBytes } = facts;
  if (!rollout || rollout.previousRevision === null || limitBytes === null || trigger.kind === 'ahead') return null;
  // More memory takes nothing away from anybody.
  if (rollout.onlyRaises === true) return null;
  const first = kills.find(({ revision }) => revision === trigger.revision) ?? trigger;
  const sinceMs = killedAtMs(first) - Math.max(rollout.startedAt, changeover(facts, first) ?? 0);
  if (sinceMs < -1000) return null;
  const run = runMs(first);
  const soon = sinceMs <= (run === null ? soonMs : Math.max(firstRuns * run, minuteMs));
  if (kills.some(({ revision }) => revision !== trigger.revision)) return null;
  if (facts.otherRevisions.some(({ killedAt }) => killedAt !== null)) return null;

  const name = `Revision ${rollout.revision}`;
  const order = `${name}${whatChanged(rollout)} was rolled out ${roughDuration(sinceMs)} before its first kill.`;
  const lifeMs = facts.timeToKillMs ?? Infinity;
  const ages = atSameAges(facts.otherRevisions, killedRuns(facts), { limitBytes, lifeMs });
  const before = beforeOf(facts, limitBytes, ages);
  const about = { rollout, limitBytes, order, soon, ages };
  return before ? compared(facts, before, about) : onlyOrder(facts, about);
}

/**
 * When the killed revision took over (ms UTC); null if the previous one was not seen. A ReplicaSet only says when its
 * template was first used, which is long ago if an earlier revision is rolled out again. While there is data of the
 * previous revision, the first samples of this one show it, and so does the pod that was killed first.
 */
function changeover({ findings, trigger, otherRevisions }: Facts, first: Kill): number | null {
  if (!findings.usage.found) return null;
  const { runs, siblings } = findings.usage.value;
  const own = [...runs, ...siblings].filter(({ revision }) => revision !== null && revision === trigger.revision);
  const [before, since] = [firstSample(otherRevisions), firstSample(own)];
  if (before === null) return null;
  // It had taken over when it was killed, however late it was seen.
  const seen = since !== null && before < since && since <= killedAtMs(first) ? [since] : [];
  const created = Date.parse(first.podCreatedAt ?? '');
  const times = [...seen, ...(created > 0 ? [created] : [])];
  return times.length === 0 ? null : Math.max(...times);
}

function firstSample(runs: readonly UsageRun[]): number | null {
  const times = runs.flatMap((run) => cleanSamples(run)[0]?.t ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

interface About {
  readonly rollout: RolloutFacts;
  readonly limitBytes: number;
  readonly order: string;
  readonly soon: boolean;
  readonly ages: SameAges;
}

/** Runs of the killed revision that were killed, up to their first kill. */
function killedRuns({ findings, trigger, kills }: Facts): readonly UsageRun[] {
  if (!findings.usage.found) return [];
  const { runs, siblings } = findings.usage.value;
  return [...runs, ...siblings].flatMap((run) => {
    if (run.revision !== null && run.revision !== trigger.revision) return [];
    if (run.killedAt !== null) return [run];
    const own = kills.filter((kill) => kill.pod === run.pod && kill.containerId === run.containerId);
    const ends = own.map(killedAtMs);
    return ends.length === 0 ? [] : [{ ...run, killedAt: Math.min(...ends) }];
  });
}

/** Without usage of the previous revision, a change that takes memory away or needs more of it says most. */
function onlyOrder(facts: Facts, { rollout, order, soon, limitBytes }: About): Hypothesis | null {
  if (!soon || rollout.changed.length === 0 || gaveMore(rollout)) return null;
  const { short, missing, otherRevisions, outlived } = facts;
  const memory = memoryChange(rollout, limitBytes);
  // If the previous revision was observed, it must have survived what this one is killed by.
  const clear = short && (otherRevisions.length === 0 || outlived.length > 0);
  return {
    cause: 'bad-rollout',
    confidence: clear ? 0.74 : memory === null ? orderOnly : 0.7,
    sentence: `Revision ${rollout.revision} ${memory ?? `changed ${rollout.changed.slice(0, mostNamed).join(', ')}`} and is killed since; no kill of the revision before is known`,
    for: [order, 'No kill of the revision before is known.'],
    against: ['What the revision before used was not seen.', ...missing],
  };
}

function compared(facts: Facts, before: Before, { rollout, limitBytes, order, soon, ages }: About): Hypothesis | null {
  const { beforeKill, timeToKillMs } = facts;
  const used = formatBytes(before.peakBytes);
  const [name, limit] = [`Revision ${rollout.revision}`, formatBytes(limitBytes)];
  const lived = `The revision before used at most ${used} in ${roughDuration(before.seenMs)} and was not killed.`;
  const limitBefore = rollout.limit?.fromBytes ?? before.limitBytes;
  const lowered = limitBefore !== null && limitBefore > limitBytes * 1.02;
  if (lowered && before.peakBytes >= limitBytes * clearShare) {
    return {
      cause: 'bad-rollout',
      confidence: 0.92,
      sentence: `${name} lowered the limit from ${formatBytes(limitBefore)} to ${limit}, but ${used} was used before`,
      for: [order, lived],
      against: [],
    };
  }
  const against = [
    ...(ages === 'same' || same(before, beforeKill) ? ['The revision before went the same way.'] : []),
    ...(ages !== 'higher' && before.seenMs < (timeToKillMs ?? 0) * 0.8
      ? ['The revision before was not observed for as long as this one has been running.']
      : []),
    ...(before.peakBytes > limitBytes * clearShare
      ? [`The revision before used up to ${percent(before.peakBytes / limitBytes)} of the limit too.`]
      : []),
  ];
  const memory = memoryChange(rollout, limitBytes);
  const confidence = against.length > 0 ? 0.2 : !isUnlike(before, facts) ? orderOnly : soon ? 0.9 : 0.55;
  return {
    cause: 'bad-rollout',
    confidence,
    sentence:
      memory === null
        ? `${name}${whatChanged(rollout)} needs more than the limit of ${limit}; the revision before needed at most ${used}`
        : `${name} ${memory} and needs more than the limit of ${limit}; the revision before needed at most ${used}`,
    for: [order, lived],
    against,
  };
}

/** Whoever raised the limit had a reason: the revision before had trouble too, or this one was known to need more. */
function gaveMore({ limit }: RolloutFacts): boolean {
  return limit !== null && limit.fromBytes !== null && limit.fromBytes < (limit.toBytes ?? Infinity);
}

/** What the rollout changed about the memory settings, as words; null if nothing. */
function memoryChange({ limit, heapFlags }: RolloutFacts, limitBytes: number): string | null {
  if (heapFlags !== null)
    return heapFlags.from === ''
      ? `set the heap flag ${heapFlags.to}`
      : `changed the heap flag from ${heapFlags.from} to ${heapFlags.to === '' ? 'none' : heapFlags.to}`;
  if (limit === null || limit.toBytes === null) return null;
  if (limit.fromBytes === null) return `set a limit of ${formatBytes(limitBytes)}`;
  if (limit.fromBytes <= limit.toBytes) return null;
  return `lowered the limit from ${formatBytes(limit.fromBytes)} to ${formatBytes(limitBytes)}`;
}

function whatChanged({ changed }: RolloutFacts): string {
  return changed.length === 0 ? '' : ` (${changed.slice(0, mostNamed).join(', ')})`;
}

/**
 * The old revision behaves the same: it grows as fast, or peaks from the same level. A leak that grows in steps or with
 * the load has another pattern when observed for a shorter time, and the level of a bursting container depends on how
 * many bursts were seen.
 */
function same({ shape: old, levelBytes }: Before, shape: Shape | null): boolean {
  if (!shape || !old) return false;
  const growing = isGrowing(shape);
  if (growing) return old.tau >= growingTau && old.slopeBytesPerSecond > shape.slopeBytesPerSecond / 2;
  // What was still on its way up had no level yet.
  if (calmOf(shape) < shape.levelBytes * settledShare) return false;
  const calm = calmOf(old) / calmOf(shape);
  return Math.abs(levelBytes / shape.levelBytes - 1) < sameLevel || Math.abs(calm - 1) < sameLevel;
}

/**
 * Enough of this revision was seen to say that it went another way: a shape, a start that the one before got through, or
 * more than that one used. What a few samples show to be the same may have gone the same way.
 */
function isUnlike({ peakBytes }: Before, { beforeKill, short, findings, trigger }: Facts): boolean {
  if (beforeKill !== null || short || trigger.kind === 'start') return true;
  const sizes = samplesBefore(findings, trigger).map(({ workingSetBytes }) => workingSetBytes);
  return sizes.length === 0 || Math.max(...sizes) > peakBytes;
}

/** What a quarter of the samples stay below. */
function calmOf({ run }: Shape): number {
  const sizes = cleanSamples(run)
    .map(({ workingSetBytes }) => workingSetBytes)
    .toSorted((a, b) => a - b);
  return sizes[sizes.length >> 2] ?? Number.NaN;
}

/** What the revision before used; null if too little was seen of it to say what it needed. */
function beforeOf({ otherRevisions }: Facts, limitBytes: number, ages: SameAges): Before | null {
  const seen = otherRevisions.filter((run) => run.killedAt === null && cleanSamples(run).length >= fewestSamples);
  const shapes = seen.flatMap((run) => shapeOf(run, limitBytes) ?? []);
  const longest = shapes.toSorted((a, b) => b.spanMs - a.spanMs)[0];
  if (!longest) return ages === 'higher' ? fewOf(otherRevisions) : null;
  return {
    peakBytes: Math.max(...shapes.map(({ maxBytes }) => maxBytes)),
    levelBytes: longest.levelBytes,
    limitBytes: longest.run.limitBytes,
    seenMs: longest.spanMs,
    shape: longest,
  };
}

/** A few samples are enough to say that this revision used more at the same age. */
function fewOf(runs: readonly UsageRun[]): Before | null {
  const seen = runs.map((run) => ({ run, samples: cleanSamples(run) })).filter(({ samples }) => samples.length > 1);
  const spanOf = ({ samples }: (typeof seen)[number]): number => (samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0);
  const longest = seen.toSorted((a, b) => spanOf(b) - spanOf(a))[0];
  if (!longest) return null;
  const sizes = seen.flatMap(({ samples }) => samples.map(({ workingSetBytes }) => workingSetBytes));
  return {
    peakBytes: Math.max(...sizes),
    levelBytes: median(sizes),
    limitBytes: longest.run.limitBytes,
    seenMs: spanOf(longest),
    shape: null,
  };
}
