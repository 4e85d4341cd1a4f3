import { burstsOf } from '../../evidence/shape/bursts.ts';
import type { Burst, Bursts } from '../../evidence/shape/bursts.ts';
import { stalledBefore, stalledWords } from '../../evidence/stalled.ts';
import type { UsageRun } from '../../evidence/evidence.ts';
import { fewestSamples, isGrowing, mostSure, nearShare, tightLevel } from '../../evidence/shape/run-shape.ts';
import { median } from '../../evidence/statistics.ts';
import { killedAtMs } from '../../kill/kill.ts';
import { clockTime } from '../../talk/words.ts';
import { triggeredAtMs } from '../../kill/trigger.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { killedTogether } from './killed-together.ts';
import { percent } from '../../units/percent.ts';
import { roughDuration, minuteMs } from '../../units/duration.ts';

/*
 * Usage follows the work: calm most of the time, a steep rise, and a fall back once the work is done. Where load was
 * measured it decides, because a job inside the program or its garbage looks alike by usage alone. Otherwise the shape
 * decides: bursts that ended without a kill, in this run, in an earlier one or in a sibling.
 */

/** Load that rises so many times with the bursts makes them traffic; one that rises less is the ordinary up and down. */
const followed = 1.5;
/** A rise from a level that is higher than this leaves no room that could be called calm. */
const calmLevel = tightLevel;
/** Share of the limit that a rise has to be to count. */
const leastRise = 0.12;
/** So much of the time is calm. A sawtooth of garbage is so in 0.4 of it, by how the calm level is taken. */
const mostlyCalm = 0.45;
/** Kills of several pods within this time of each other are one event. */
const togetherMs = 2 * minuteMs;

/** A burst of work that passes the limit. */
export function trafficSpike(facts: Facts): Hypothesis | null {
  const { trigger, limitBytes, short, shape } = facts;
  if (limitBytes === null || trigger.kind !== 'container') return null;
  if (short || shape === null) return killedTogether(facts);
  if (isGrowing(shape)) return null;
  if (shape.ownShare !== null && shape.rise > 0.1 && shape.ownShare < 0.5) return null;
  const own = burstsOf(shape.run, limitBytes * leastRise);
  if (!own || own.calmBytes > limitBytes * calmLevel || own.calmShare < mostlyCalm) return null;

  const all = [own, ...others(facts, shape.run, limitBytes)];
  const over = all.flatMap(({ bursts }) => bursts.filter((burst) => burst.over));
  const last = own.bursts.at(-1);
  const rising = last !== undefined && !last.over ? last : null;
  if (rising === null && over.length === 0) return unseen(facts, own, limitBytes);
  const hypothesis = seen(facts, own, { over, rising, limitBytes });
  return { ...hypothesis, confidence: Math.min(hypothesis.confidence, mostSure(shape)) };
}

function seen(
  facts: Facts,
  { calmBytes }: Bursts,
  { over, rising, limitBytes }: { over: readonly Burst[]; rising: Burst | null; limitBytes: number },
): Hypothesis {
  const bursts = [...over, ...(rising ? [rising] : [])];
  const { usage } = facts.findings;
  const standIn = usage.found && usage.value.loadFrom?.isProxy === true ? usage.value.loadFrom.words : null;
  const load = loadOf(over, rising, standIn !== null);
  const together = podsTogether(facts);
  const most = Math.max(...bursts.map(({ seenBytes }) => seenBytes));
  const base = over.length > 0 ? 0.82 : 0.62;
  const more = (load.is === 'follows' ? 0.1 : 0) + (over.length > 2 ? 0.02 : 0) + (together > 1 ? 0.05 : 0);
  // NOTE: the meter of the load lags the usage, so a last rise that it does not show yet says nothing.
  const confidence =
    load.is === 'stays' ? 0.35 : Math.min(0.95, base + more + (over.length === 0 && more > 0 ? 0.14 : 0));
  const [first] = bursts.toSorted((a, b) => a.from - b.from);
  const since =
    first === undefined || bursts.length < 2 ? '' : `, ${bursts.length} times since ${clockTime(first.from)}`;
  const with_ = load.is === 'follows' ? `; ${standIn ?? 'load'} rose ${timesWords(load.times)} with it` : '';
  return {
    cause: 'traffic-spike',
    confidence,
    sentence: `Traffic spike: usage rises from ${formatBytes(calmBytes)} to ${formatBytes(most)} or more${since}${with_}; the limit is ${formatBytes(limitBytes)}`,
    for: [
      `It is calm at ${formatBytes(calmBytes)}, ${percent(calmBytes / limitBytes)} of the limit, most of the time.`,
      `Its last rise began at ${clockTime((rising ?? bursts.at(-1))?.from ?? triggeredAtMs(facts.trigger))} and was last seen at ${formatBytes((rising ?? bursts.at(-1))?.seenBytes ?? most)}; how far it went is not known.`,
      ...(over.length > 0
        ? [`${over.length === 1 ? 'One rise' : `${over.length} rises`} fell back without a kill.`]
        : []),
      ...(load.is === 'follows' ? [followedWords(load.times, standIn)] : []),
      ...(together > 1 ? [`${together} pods were killed at the same time.`] : []),
    ],
    against: [
      ...(load.is === 'stays'
        ? ['Load stayed as it was while usage rose, so something inside the program did it.']
        : []),
      ...(load.is === 'unknown' ? [standIn === null ? 'Load was not measured.' : unlike(standIn)] : []),
      ...(over.length === 0 ? ['Such a rise was observed only once.'] : []),
    ],
  };
}

/** Calm until the last sample: the burst that killed it came between two samples. */
function unseen(
  { last, shape, findings, missing, trigger }: Facts,
  { calmBytes }: Bursts,
  limitBytes: number,
): Hypothesis | null {
  if (shape?.pattern !== 'flat' || shape.count < fewestSamples) return null;
  if (last === null || last.bytes >= limitBytes * nearShare) return null;
  const resolution = findings.usage.found ? findings.usage.value.resolutionMs : null;
  const level = calmBytes / limitBytes;
  const stalled = stalledBefore(findings, trigger);
  return {
    cause: 'traffic-spike',
    confidence: level < 0.6 ? 0.3 : last.bytes > (trigger.requestBytes ?? 0) ? 0.45 : 0.56,
    sentence: `Probably a spike: usage was calm at ${formatBytes(calmBytes)}, ${percent(level)} of the limit, and rose past it between two samples`,
    for: [`The last sample, ${roughDuration(last.beforeKillMs)} before the kill, showed ${formatBytes(last.bytes)}.`],
    against: [
      `The rise itself was not seen${resolution === null ? '' : `: samples are ${roughDuration(resolution)} apart`}.`,
      ...(stalled === null ? [] : [`It was ${stalledWords(stalled)}, so memory was short before any burst.`]),
      ...(last.bytes > (trigger.requestBytes ?? 0)
        ? ['It used more than its request, so the kernel may have killed it for its node.']
        : []),
      ...missing,
    ],
  };
}

/** Bursts of the other runs of the same revision, siblings included. */
function others({ findings, trigger }: Facts, own: UsageRun, limitBytes: number): Bursts[] {
  if (!findings.usage.found) return [];
  const { runs, siblings } = findings.usage.value;
  return [...runs, ...siblings]
    .filter((run) => run !== own && (run.revision === null || run.revision === trigger.revision))
    .flatMap((run) => burstsOf(run, limitBytes * leastRise) ?? []);
}

type Load = { readonly is: 'follows'; readonly times: number } | { readonly is: 'stays' | 'unknown' };

function followedWords(times: number, standIn: string | null): string {
  if (standIn === null) return `Load rose ${timesWords(times)} with usage.`;
  return `${standIn.charAt(0).toUpperCase()}${standIn.slice(1)} rose ${timesWords(times)} with usage, used here in place of load.`;
}

function unlike(standIn: string): string {
  return `Load itself was not measured, and ${standIn} did not rise with usage.`;
}

/**
 * Bursts that are over decide: their load had time to show. A stand-in that does not rise says nothing: one large request
 * is few packets.
 */
function loadOf(over: readonly Burst[], rising: Burst | null, isProxy: boolean): Load {
  const measured = over.flatMap(({ loadTimes }) => loadTimes ?? []);
  if (measured.length > 0) {
    const times = median(measured);
    return times >= followed ? { is: 'follows', times } : { is: isProxy ? 'unknown' : 'stays' };
  }
  const times = rising?.loadTimes ?? null;
  return times !== null && times >= followed ? { is: 'follows', times } : { is: 'unknown' };
}

function podsTogether({ kills, trigger }: Facts): number {
  const at = triggeredAtMs(trigger);
  return new Set(kills.filter((one) => Math.abs(killedAtMs(one) - at) <= togetherMs).map(({ pod }) => pod)).size;
}

function timesWords(times: number): string {
  return `${times < 10 ? Math.round(times * 10) / 10 : Math.round(times)}-fold`;
}
