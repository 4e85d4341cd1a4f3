import { percent } from '../../units/percent.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { besideHeap, flagWords, runtimeSubject } from '../runtimes/heap.ts';
import type { Heap } from '../runtimes/heap.ts';

/*
 * A runtime that ends by itself stopped at its own heap, not at the limit. What the heap did before tells the two cases
 * apart: one that grew in a line to its end leaks, and a larger heap only lasts longer; one that was level, or rose and
 * fell, needed more than its flag allows. A JVM keeps what it once took, so that its memory only ever fills.
 */

/** A runtime that exited below this share of the limit was stopped by its own heap, not by the limit. */
export const roomLeft = 0.6;
/**
 * A heap that was level or moved needs more; without samples, or in a JVM that fills, it may be either; one that grew in
 * a line leaks. Assumed: one such exit was recorded (`node-exit-134`).
 */
const SURE = { level: 0.76, either: 0.62, grew: 0.45 } as const;
/** The limit leaves no room for a larger heap, so the two have to change together: the flag alone is not wrong. */
const noRoom = 0.1;

/** The runtime stopped because its heap was full; the kernel had nothing to do with it. */
export function gaveUp({ last, shape }: Facts, heap: Heap, heapBytes: number, limitBytes: number): Hypothesis | null {
  const room = limitBytes - heapBytes - besideHeap(heap, heapBytes, limitBytes);
  const used = last?.bytes ?? heapBytes;
  if (heap.flag === null && (room <= 0 || used > limitBytes * roomLeft)) return null;
  const course = courseOf(shape, heap);
  const by =
    heap.flag === null
      ? `without a heap flag it takes ${percent(heapBytes / limitBytes)} of the limit`
      : heap.flag.text;
  return {
    cause: 'heap-misconfigured',
    confidence: SURE[course] - (room > 0 ? 0 : noRoom),
    sentence: `${runtimeSubject(heap.runtime).replace(/^the/, 'The')} gave up on its own: its heap of ${formatBytes(heapBytes)} was full (${by}) under a limit of ${formatBytes(limitBytes)}`,
    for: [
      'It ended on its own before the kernel acted.',
      ...(course === 'level' ? ['It did not grow in a line before, as a leak would.'] : []),
      heap.flag?.unit === 'bytes'
        ? `Raising the limit alone is useless: ${flagWords(heap.flag)} stays.`
        : `The heap is ${formatBytes(heapBytes)} of ${formatBytes(limitBytes)}.`,
    ],
    against: [
      course === 'grew'
        ? 'It grew in a line until then, as a leak does.'
        : 'A leak in the heap ends alike, with any size.',
    ],
  };
}

function courseOf(shape: Facts['shape'], { runtime }: Heap): keyof typeof SURE {
  if (shape === null) return 'either';
  if (shape.pattern !== 'steady') return 'level';
  return runtime === 'jvm' ? 'either' : 'grew';
}
