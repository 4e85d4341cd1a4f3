import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { besideHeap, flagWords, heapUnder, runtimeSubject } from '../runtimes/heap.ts';
import { gaveUp, roomLeft } from './gave-up.ts';
import { goSoftLimitMissing } from './go-soft-limit.ts';
import { percent } from '../../units/percent.ts';

/*
 * The heap flag and the limit do not fit each other. Two ways: the flag allows a heap that the limit cannot hold, so
 * the kernel kills before the runtime cleans up; or the runtime gives up at its own heap while the limit has room, so
 * raising the limit is useless. A runtime without a flag uses its default, which is made to fit: that alone is no
 * mistake.
 */

/** Shares of the limit that the flag allows the heap, and how sure that makes it. */
const SURE = [
  { share: 1, confidence: 0.92 },
  { share: 0.85, confidence: 0.86 },
  { share: 0.76, confidence: 0.8 },
] as const;
/** By the rule of thumb there is too little room beside the heap, and nothing more is known. */
const tightOnly = 0.5;
/** The variable is only read by start scripts, if at all. */
const ifRead = 0.7;

/** A heap flag that does not fit the limit. */
export function heapMisconfigured(facts: Facts): Hypothesis | null {
  const { heap, limitBytes, trigger, shape, last } = facts;
  const noSoftLimit = goSoftLimitMissing(facts);
  if (noSoftLimit !== null) return noSoftLimit;
  if (heap === null || limitBytes === null) return null;
  const heapBytes = heapUnder(heap, limitBytes);
  if (heapBytes === null) return null;
  if (trigger.kind === 'self') return gaveUp(facts, heap, heapBytes, limitBytes);
  if (trigger.kind !== 'container' || heap.flag === null) return null;
  const beside = besideHeap(heap, heapBytes, limitBytes);
  if (heapBytes + beside <= limitBytes) return null;

  const share = heapBytes / limitBytes;
  const far = shape?.pattern === 'flat' && last !== null && last.bytes < limitBytes * roomLeft;
  const certain = heap.flag.place.in === 'args' || heap.flag.place.certain;
  const base = SURE.find((step) => share >= step.share)?.confidence ?? tightOnly;
  const [size, limit] = [formatBytes(heapBytes), formatBytes(limitBytes)];
  return {
    cause: 'heap-misconfigured',
    confidence: base * (certain ? 1 : ifRead) * (far ? 0.3 : 1),
    sentence:
      share >= 1
        ? `Wrong heap flag: ${heap.flag.text} lets the heap grow to ${size}, and the limit is ${limit}`
        : `Wrong heap flag: ${heap.flag.text} lets the heap take ${size} of the limit of ${limit}, and ${runtimeSubject(heap.runtime)} needs about ${formatBytes(beside)} beside it`,
    for: [
      `${flagWords(heap.flag)}: a heap of up to ${size}, ${percent(share)} of the limit.`,
      ...(share >= 1 ? ['A heap flag above the limit makes kills certain once the heap fills.'] : []),
    ],
    against: [
      ...(certain ? [] : ['Whether its start script reads that variable is not seen.']),
      ...(far ? ['It lived far below the limit, so its heap was not full.'] : []),
      ...(base === tightOnly ? ['What it needs beside the heap is a rule of thumb.'] : []),
    ],
  };
}
