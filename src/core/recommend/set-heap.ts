import type { Facts } from '../diagnose/facts.ts';
import { flagWords, heapThatFits, heapUnder, limitForHeap } from '../diagnose/runtimes/heap.ts';
import type { Heap } from '../diagnose/runtimes/heap.ts';
import { percentageCounts } from '../diagnose/runtimes/jvm.ts';
import { cleanSamples } from '../evidence/clean-samples.ts';
import { fewestSamples } from '../evidence/shape/run-shape.ts';
import type { SpecFacts } from '../evidence/evidence.ts';
import { formatBytes } from '../units/quantity.ts';
import { estimateLimit } from './size/estimate-limit.ts';
import type { Estimate } from './size/estimate-limit.ts';
import { goNote } from './go-note.ts';
import { heapEdit } from './heap-edit.ts';
import type { HeapEdit, HeapTarget } from './heap-edit.ts';
import type { Fix } from './recommendation.ts';
import { setSoftLimit } from './set-soft-limit.ts';
import { roundUp } from './size/round-up.ts';

/*
 * Limit and heap flag go together: raising the limit is useless while the heap is what is full, and a heap flag above
 * the limit makes kills certain. Which of the two changes: the flag if usage shows that the limit is right, the limit
 * if the flag needs only a bounded amount more, and both if the flag was made for another machine.
 */

/** A heap flag above this multiple of the limit was not made for this container. */
const farFlag = 2;
/** No larger step at once, whatever the flag says. */
const largestFactor = 4;
/** How much more heap after the heap was full. */
const afterFullHeap = 1.5;
/**
 * A pod that stayed below this share of the limit for as long as the killed ones lasted shows that the limit is right.
 */
const fitsShare = 0.8;
/** A heap that takes more than this share of a raise leaves too little of it for the rest. */
const largestShareOfRaise = 0.5;
/** Assumptions, not measured: the rule of thumb for what a runtime needs beside its heap is the weak part. */
const HOLDS = { limitForFlag: 0.85, flagForLimit: 0.7, moreHeap: 0.7 };

interface Known {
  readonly heap: Heap;
  readonly spec: SpecFacts;
  readonly limit: number;
  /** The heap that it takes under the present limit, bytes. */
  readonly now: number;
}

/** The fix for a heap flag that does not fit the limit; null if heap or limit are unknown. */
export function setHeap(facts: Facts): Fix | null {
  const soft = setSoftLimit(facts);
  if (soft !== null) return soft;
  const known = knownOf(facts);
  if (!known) return null;
  if (facts.trigger.kind === 'self') return moreHeap(known);
  const { heap, limit, now } = known;
  const fitting = heapThatFits(heap, limit);
  const peak = peakWithin(facts, limit);
  if (peak !== null && fitting > 0 && fitting < now) {
    const why = `A pod of it used at most ${formatBytes(peak)}, so the limit is right and the flag is not.`;
    const fix = changed(known, limit, fitting, HOLDS.flagForLimit, why);
    if (fix) return fix;
  }
  const needed = roundUp(Math.max(limitForHeap(heap, now), limit));
  if (needed <= limit * farFlag) return limitFor(known, needed);
  const estimate = estimateLimit(facts);
  const size = estimate?.limitBytes ?? limit;
  const why = `${flagText(known)} was made for a container of ${formatBytes(needed)} or more; a heap that fits ${formatBytes(size)} ends with OutOfMemoryError instead of a kill if it needs more.`;
  return (
    changed(known, size, heapThatFits(heap, size), estimate?.holds ?? HOLDS.flagForLimit, why) ??
    (needed <= limit * largestFactor
      ? limitFor(known, needed)
      : { kind: 'none', why: byHandWords(known, heapThatFits(heap, limit)) })
  );
}

/**
 * A raise of the limit with what it does to the heap: said where the heap stays or grows with it, and the flag changed
 * in one where the heap would swallow most of the raise, or where the flag stands in its way.
 */
export function raiseWithHeap(facts: Facts, { limitBytes, holds, why }: Estimate): Fix {
  const plain: Fix = { kind: 'raise-limit', limitBytes, requestBytes: limitBytes, holds, why };
  const known = knownOf(facts);
  if (!known) return { ...plain, why: `${why}${goNote(facts, limitBytes)}` };
  const { heap, limit, now } = known;
  const then = heapUnder(heap, limitBytes) ?? now;
  if (heap.flag?.unit === 'bytes') {
    if (limitForHeap(heap, now) > limitBytes && now >= limit) return setHeap(facts) ?? plain;
    return { ...plain, why: `${why} ${flagWords(heap.flag)} stays, so the heap stays at ${formatBytes(now)}.` };
  }
  if (then - now <= (limitBytes - limit) * largestShareOfRaise)
    return then > now
      ? { ...plain, why: `${why} Its heap may then grow from ${formatBytes(now)} to ${formatBytes(then)}.` }
      : plain;
  const kept = changed(
    known,
    limitBytes,
    now,
    holds,
    `${why} At that limit its heap would take ${formatBytes(then)}; it stays at ${formatBytes(now)}.`,
  );
  return (
    kept ?? {
      ...plain,
      why: `${why} Its heap would take ${formatBytes(then - now)} of the raise. ${byHandWords(known, now, limitBytes)}`,
    }
  );
}

/** What a raise to `limitBytes` does to the heap, for a mitigation; '' where nothing is to be said. */
export function heapNote(facts: Facts, limitBytes: number): string {
  const known = knownOf(facts);
  if (known === null) return goNote(facts, limitBytes);
  const { heap, now } = known;
  if (heap.flag?.unit === 'bytes') return ` ${flagWords(heap.flag)} stays, so the heap gets nothing of it.`;
  // Survival is not monotone in the limit (recorded): a JVM may take most of a raise for its heap.
  const then = heapUnder(heap, limitBytes) ?? now;
  return then > now ? ` Its heap may then grow from ${formatBytes(now)} to ${formatBytes(then)}.` : '';
}

function knownOf({ heap, limitBytes, findings }: Facts): Known | null {
  if (heap === null || limitBytes === null || !findings.spec.found) return null;
  const now = heapUnder(heap, limitBytes);
  return now === null ? null : { heap, spec: findings.spec.value, limit: limitBytes, now };
}

/** The flag stays (a percentage comes down so that the heap stays) and the limit is made for it. */
function limitFor(known: Known, needed: number): Fix {
  const { heap, limit, now } = known;
  const size = Math.max(needed, limit);
  if (heap.flag?.unit === 'percent') {
    const why = `A heap of ${formatBytes(now)} and what is needed beside it fit into ${formatBytes(size)}.`;
    return (
      changed(known, size, now, HOLDS.limitForFlag, why) ?? {
        kind: 'none',
        why: byHandWords(known, heapThatFits(heap, limit)),
      }
    );
  }
  return {
    kind: 'set-heap',
    limitBytes: size,
    requestBytes: size,
    env: [],
    heapBytes: now,
    holds: HOLDS.limitForFlag,
    why: `${flagText(known)} stays: a heap of ${formatBytes(now)} and about ${formatBytes(size - now)} beside it fit into ${formatBytes(size)}.`,
  };
}

/** The heap was full and the limit was not: a higher limit alone changes nothing. */
function moreHeap(known: Known): Fix {
  const { heap, limit, now } = known;
  const most = heapThatFits(heap, limit);
  const wanted = now * afterFullHeap;
  const size = most >= wanted ? limit : roundUp(Math.min(limitForHeap(heap, wanted), limit * largestFactor));
  const heapBytes = most >= wanted && heap.flag === null ? most : Math.min(wanted, heapThatFits(heap, size));
  const why = `Its heap of ${formatBytes(now)} was full, and a higher limit alone does not change that. If it leaks, a larger heap only lasts longer.`;
  return (
    changed(known, size, heapBytes, HOLDS.moreHeap, why) ?? {
      kind: 'none',
      why: `${why} ${byHandWords(known, heapBytes, size)}`,
    }
  );
}

/** The fix that gives the heap `heapBytes` under a limit; null where no variable can do that. */
function changed(known: Known, limitBytes: number, heapBytes: number, holds: number, why: string): Fix | null {
  const target = targetOf(known, limitBytes, heapBytes);
  const edit = editOf(known, target);
  if (!('env' in edit) || heapBytes <= 0) return null;
  const after = target.unit === 'percent' ? (limitBytes * Math.floor(target.value)) / 100 : target.value;
  return {
    kind: 'set-heap',
    limitBytes,
    requestBytes: limitBytes,
    env: [...edit.env],
    heapBytes: after,
    holds,
    why,
  };
}

/** A percentage stays one, except where a JVM would ignore it. */
function targetOf({ heap }: Known, limitBytes: number, heapBytes: number): HeapTarget {
  const counts = heap.runtime !== 'jvm' || percentageCounts(heap.flags, limitBytes, heapBytes);
  const isPercent = heap.flag === null ? heap.runtime !== 'node' : heap.flag.unit === 'percent';
  return isPercent && counts
    ? { unit: 'percent', value: (heapBytes / limitBytes) * 100 }
    : { unit: 'bytes', value: heapBytes };
}

function editOf({ heap, spec }: Known, target: HeapTarget): HeapEdit {
  return heapEdit(heap, spec, target);
}

function byHandWords(known: Known, heapBytes: number, limitBytes = known.limit): string {
  const edit = editOf(known, targetOf(known, limitBytes, heapBytes));
  return 'byHand' in edit ? edit.byHand : '';
}

/** The highest usage of a run that stayed well within the limit for as long as the killed ones lasted; null without. */
function peakWithin({ findings, trigger, lifetime }: Facts, limit: number): number | null {
  if (!findings.usage.found) return null;
  const { runs, siblings } = findings.usage.value;
  const peaks = [...runs, ...siblings]
    .filter((run) => run.killedAt === null && run.pod !== trigger.pod)
    .map((run) => cleanSamples(run))
    .filter((samples) => samples.length >= fewestSamples)
    .filter((samples) => (samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0) >= (lifetime?.ms ?? 0) * fitsShare)
    .map((samples) => Math.max(...samples.map(({ workingSetBytes }) => workingSetBytes)));
  const peak = peaks.length === 0 ? null : Math.max(...peaks);
  return peak !== null && peak <= limit * fitsShare ? peak : null;
}

function flagText({ heap }: Known): string {
  return heap.flag === null ? 'The default' : flagWords(heap.flag);
}
