import { constants, PerformanceObserver } from 'node:perf_hooks';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createLitterCollector } from '../../../src/app/small-heap.ts';

test('buffers are collected each time that 1 MiB of them was read, however they were cut', () => {
  const readBytes: number[] = [];
  let read = 0;
  const litter = createLitterCollector(() => readBytes.push(read));

  for (const bytes of [1, 2 ** 20 - 2, 1, 2 ** 19, 2 ** 18, 2 ** 18, 5 * 2 ** 20, 1]) {
    read += bytes;
    litter(bytes);
  }

  expect(readBytes).toEqual([2 ** 20, 2 * 2 ** 20, 7 * 2 ** 20]);
});

test('it is the young part of the heap that V8 is told to collect', async () => {
  const told = Promise.withResolvers<unknown>();
  const observer = new PerformanceObserver((list) => {
    const details = list.getEntries().map((entry): unknown => ('detail' in entry ? entry.detail : null));
    const forced = details.find(
      (detail) => collectionSchema.safeParse(detail).data?.flags === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED,
    );
    if (forced !== undefined) told.resolve(forced);
  });
  observer.observe({ entryTypes: ['gc'] });
  onTestFinished(() => observer.disconnect());

  createLitterCollector()(2 ** 20);

  await expect(told.promise).resolves.toMatchObject({ kind: constants.NODE_PERFORMANCE_GC_MINOR });
});

const collectionSchema = z.object({ kind: z.number(), flags: z.number() });
