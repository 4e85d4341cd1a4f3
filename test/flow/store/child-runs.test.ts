import { expect, test } from 'vitest';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { useRedis } from './fixtures.ts';

const bench = useRedis();

test('kills of a run are numbered in the order in which they come, each once, and every run for itself', async () => {
  const { childRuns } = createStore({ redis: bench.redis(), cluster: bench.cluster() });

  const numbers: number[] = [];
  for (const fingerprint of ['a', 'b', 'a', 'c', 'b']) numbers.push(await childRuns.numberOf('run', fingerprint));
  const together = await Promise.all(['d', 'e', 'f'].map((fingerprint) => childRuns.numberOf('run', fingerprint)));

  expect(numbers).toEqual([1, 2, 1, 3, 2]);
  expect(new Set(together)).toEqual(new Set([4, 5, 6]));
  expect(await childRuns.numberOf('other', 'b')).toBe(1);
});

test('what is kept of a run is bounded, while its numbers go on, and is forgotten in the end', async () => {
  const cluster = bench.cluster();
  const { childRuns } = createStore({ redis: bench.redis(), cluster });
  const key = clusterKeys(cluster).childRun('run');

  for (let at = 1; at <= 250; at += 1) await childRuns.numberOf('run', `kill ${at}`);

  expect(await childRuns.numberOf('run', 'next')).toBe(251);
  expect(await bench.redis().zcard(key)).toBe(200);
  expect(await bench.redis().pttl(key)).toBeGreaterThan(0);
});

test('how far a counter was reported is kept by run', async () => {
  const { childRuns } = createStore({ redis: bench.redis(), cluster: bench.cluster() });

  await childRuns.keepCounted('run', { last: 2, total: 5 });

  expect(await childRuns.counted(['other', 'run'])).toEqual([null, { last: 2, total: 5 }]);
});
