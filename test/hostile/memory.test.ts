import { getHeapStatistics } from 'node:v8';
import { expect, it } from 'vitest';

it('runs the attacks in a heap that is as small as that of the processes', () => {
  expect(getHeapStatistics().heap_size_limit).toBeLessThan(768 * 2 ** 20);
});
