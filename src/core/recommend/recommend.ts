import type { Diagnosis } from '../diagnose/diagnosis.ts';
import { factsOf } from '../diagnose/facts.ts';
import { podLimitReached } from '../diagnose/pod-limit-reached.ts';
import type { PodLimitReached } from '../diagnose/pod-limit-reached.ts';
import type { Facts } from '../diagnose/facts.ts';
import { rateWords } from '../diagnose/rates.ts';
import type { Findings } from '../evidence/evidence.ts';
import { fewSamplesSay } from '../evidence/few-samples.ts';
import { samplesBefore } from '../evidence/samples-before.ts';
import type { Kill } from '../kill/kill.ts';
import { triggeredAtMs } from '../kill/trigger.ts';
import type { Trigger } from '../kill/trigger.ts';
import { scalingNote } from '../evidence/scaling.ts';
import { holdsAt } from './size/demand.ts';
import { isLikeAStart } from './like-a-start.ts';
import { enoughToTry, estimateLimit } from './size/estimate-limit.ts';
import { nightMs, withHistory, withOutgrown, withSameImage } from './history.ts';
import type { Fix, Mitigation, Recommendation } from './recommendation.ts';
import { roundUp } from './size/round-up.ts';
import { raiseThenLook } from './raise-then-look.ts';
import { countedByScheduler, requestOfMost } from './request-fix.ts';
import { recycleNote, workerNote } from './worker-note.ts';
import { heapNote, raiseWithHeap, setHeap } from './set-heap.ts';
import { sureOf } from './sure-of.ts';
import { isTest } from '../test-kill/test-words.ts';
import { roughDuration, secondMs } from '../units/duration.ts';

/** As for a level close below the limit: the files need no more than was charged already. */
const modestFactor = 1.25;
/** A leak's mitigation is meant to last a night at the present slope, but is never larger or smaller than this. */
const leakFactor = { least: 1.25, most: 2 };

/**
 * What fixes it, and what buys time tonight. Memory request = limit (R1). Raising the limit is never the fix for a
 * leak. Pure; bytes and ms.
 */
export function recommend(
  diagnosis: Diagnosis,
  findings: Findings,
  trigger: Trigger,
  recent: readonly Kill[],
): Recommendation {
  if (isTest(trigger)) return { fix: none('This was a test. There is nothing to fix.'), mitigation: null };
  const facts = factsOf(findings, trigger, recent, triggeredAtMs(trigger));
  const reached = podLimitReached(facts);
  const { fix, mitigation } =
    reached === null ? forVerdict(diagnosis, facts) : ofPod(forVerdict(diagnosis, inPod(facts, reached)));
  const honest = 'holds' in fix ? { ...fix, holds: twoDigits(fix.holds * sureOf(diagnosis)) } : fix;
  const told = withSameImage(withScaling({ fix: honest, mitigation }, findings), findings, facts.limitBytes);
  return withOutgrown(withHistory(told, findings, diagnosis.slopeBytesPerSecond, facts.now), facts);
}

/** The pod as a whole is what has to fit: a flat level of one container is one of all of them. */
function inPod(facts: Facts, { limitBytes, use }: PodLimitReached): Facts {
  const { shape } = facts;
  const levelBytes = use.totalBytes;
  return shape === null || levelBytes === null
    ? { ...facts, limitBytes }
    : { ...facts, limitBytes, shape: { ...shape, levelBytes, limitBytes } };
}

/** An autoscaler that goes by the request, or sets it, meets each change of memory. */
function withScaling({ fix, mitigation }: Recommendation, { scaling }: Findings): Recommendation {
  const note = scaling?.found === true ? scalingNote(scaling.value) : '';
  return {
    fix: 'requestBytes' in fix ? { ...fix, why: `${fix.why}${note}` } : fix,
    mitigation: mitigation && { ...mitigation, why: `${mitigation.why}${note}` },
  };
}

function twoDigits(share: number): number {
  return Math.round(share * 100) / 100;
}

function forVerdict(diagnosis: Diagnosis, facts: Facts): Recommendation {
  const [verdict] = diagnosis.hypotheses;
  switch (verdict?.cause) {
    case 'limit-too-low':
    case 'traffic-spike':
    case 'child-process':
    case 'pod-limit':
      return { fix: raise(facts) ?? none('There is no limit in force that could be raised.'), mitigation: null };
    case 'heap-misconfigured':
      return { fix: setHeap(facts) ?? none('Its heap or its limit is not known.'), mitigation: null };
    case 'leak':
      return {
        fix: {
          kind: 'fix-leak',
          why: `A higher limit won't fix this leak; it only delays the next kill.${recycleNote(facts)}`,
        },
        mitigation: untilTomorrow(facts, diagnosis.slopeBytesPerSecond),
      };
    case 'bad-rollout':
      return {
        fix: {
          kind: 'roll-back',
          toRevision: facts.rollout?.previousRevision ?? null,
          why: 'The revision before lived within its limit.',
        },
        mitigation: raised(facts, 'If it cannot be rolled back now, a higher limit may carry the new revision.'),
      };
    case 'tmpfs':
      return {
        fix: moveVolume(facts),
        mitigation: raised(facts, 'Until then a higher limit lets the files grow further.', 'files'),
      };
    case 'page-cache':
      if (facts.trigger.kind === 'ahead')
        return {
          fix: none('A limit that is full of files is healthy as long as nothing is killed.'),
          mitigation: null,
        };
      return { fix: roomForFiles(facts) ?? none('There is no limit in force that could be raised.'), mitigation: null };
    case 'overcommit':
      return { fix: requestOfMost(facts), mitigation: null };
    case 'node-pressure':
    case 'no-limit':
      return { fix: countedByScheduler(facts), mitigation: null };
    case 'not-memory':
      return { fix: none('It was not killed for memory, so no memory setting would help.'), mitigation: null };
    case 'inconclusive':
    case undefined:
      return whenOpen(facts, diagnosis);
  }
}

/** From this confidence on a leak is in question. */
const leakInQuestion = 0.2;

/**
 * What to do while the cause is open. A raise is a try, and the fix only where samples of the killed run were taken and
 * growth does not explain the kill, or is that of a start; else it buys time at most.
 */
function whenOpen(facts: Facts, { hypotheses }: Diagnosis): Recommendation {
  const unknown = none('The evidence does not decide what ends it.');
  if (!mayHelp(facts)) return { fix: unknown, mitigation: null };
  const { findings, trigger } = facts;
  const mayLeak =
    hypotheses.some(({ cause, confidence }) => cause === 'leak' && confidence >= leakInQuestion) ||
    fewSamplesSay(samplesBefore(findings, trigger), triggeredAtMs(trigger), facts.limitBytes ?? 0) !== 'no-growth';
  // After too small a step a start is killed again in proportion to its limit, which would be taken for a leak.
  const ofStart = isLikeAStart(facts) ? estimateLimit(facts) : null;
  const estimate = ofStart ?? (mayLeak ? null : estimateLimit(facts, { share: enoughToTry }));
  const words = (limitBytes: number): string => raiseThenLook(facts, limitBytes);
  if (estimate === null) return { fix: unknown, mitigation: raised(facts, words) };
  const fix = raiseWithHeap(facts, estimate);
  return { fix: { ...fix, why: `${words(estimate.limitBytes)} ${fix.why}` }, mitigation: null };
}

function none(why: string): Fix {
  return { kind: 'none', why };
}

/** On disk the files no longer count against the limit, but they are only as fast as the node's disk. */
function moveVolume({ findings }: Facts): Fix {
  const [volume] = findings.spec.found ? findings.spec.value.memoryVolumes : [];
  if (!volume) return none('Which volume it is could not be read.');
  return {
    kind: 'move-volume',
    volume: volume.name,
    mountPath: volume.mountPath,
    why: `With emptyDir.medium "" instead of Memory, and a sizeLimit, ${volume.name} lies on the node's disk and no longer counts against the limit.`,
  };
}

/** What the working set needs is there already; a little more room lets pages wait until they are written. */
function roomForFiles(facts: Facts): Fix | null {
  const estimate = estimateLimit(facts);
  if (!estimate || facts.limitBytes === null) return null;
  const limitBytes = Math.min(estimate.limitBytes, roundUp(facts.limitBytes * modestFactor));
  return {
    kind: 'raise-limit',
    limitBytes,
    requestBytes: limitBytes,
    holds: holdsAt(estimate.demand, limitBytes),
    why: 'It is no leak: a little more room lets files wait until they are written. If that does not hold, write less at once (sync more often, smaller batches) rather than raise it again.',
  };
}

/** The raise is one of the pod's limit: its containers' own limits were not what was reached. */
function ofPod({ fix, mitigation }: Recommendation): Recommendation {
  return {
    fix: fix.kind === 'raise-limit' ? { ...fix, whose: 'pod' } : fix,
    mitigation: mitigation && { ...mitigation, whose: 'pod' },
  };
}

/** Whether it may have hit its own limit; not if it was far below it without growth. */
function mayHelp({ trigger, limitBytes, shape, last }: Facts): boolean {
  const noRaise: readonly Trigger['kind'][] = ['eviction', 'node', 'self', 'ahead'];
  if (limitBytes === null || noRaise.includes(trigger.kind)) return false;
  return !(shape?.pattern === 'flat' && last !== null && last.bytes < limitBytes * 0.6);
}

function raise(facts: Facts): Fix | null {
  const estimate = estimateLimit(facts);
  return estimate && raiseWithHeap(facts, { ...estimate, why: `${estimate.why}${workerNote(facts)}` });
}

function raised(facts: Facts, why: string | ((limitBytes: number) => string), as?: 'files'): Mitigation | null {
  const estimate = estimateLimit(facts, as === undefined ? {} : { as });
  if (!estimate) return null;
  const { limitBytes } = estimate;
  return {
    kind: 'raise-limit',
    limitBytes,
    requestBytes: limitBytes,
    buysMs: null,
    why: `${typeof why === 'string' ? why : why(limitBytes)}${heapNote(facts, limitBytes)}`,
  };
}

function untilTomorrow(facts: Facts, slope: number | null): Mitigation | null {
  const { limitBytes, trigger, heap } = facts;
  if (limitBytes === null) return null;
  const gaveUp = trigger.kind === 'self';
  // Its own heap stopped it, and only one that follows the limit grows with it.
  if (gaveUp && (heap === null || heap.flag?.unit === 'bytes')) return null;
  const wanted = slope === null ? limitBytes * 1.5 : limitBytes + (slope * nightMs) / secondMs;
  const { least, most } = leakFactor;
  const limit = roundUp(Math.min(Math.max(wanted, limitBytes * least), limitBytes * most));
  const buysMs = gaveUp || slope === null || slope <= 0 ? null : Math.round(((limit - limitBytes) / slope) * 1000);
  const why =
    buysMs === null || slope === null
      ? 'It only delays the next kill; for how long is not known without usage.'
      : `At ${rateWords(slope)} each run lasts ${roughDuration(buysMs)} longer.`;
  return {
    kind: 'raise-limit',
    limitBytes: limit,
    requestBytes: limit,
    buysMs,
    why: `${why}${heapNote(facts, limit)}`,
  };
}
