import { expect, test } from 'vitest';
import { createCheckpoints } from '../../../src/adapters/redis/store/checkpoint.ts';
import { readCondition } from '../../../src/adapters/redis/store/cluster-condition.ts';
import { registerCluster } from '../../../src/adapters/redis/store/clusters.ts';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import { slackKeys } from '../../../src/adapters/redis/keys.ts';
import { countKills } from '../../../src/adapters/redis/store/kill-counts.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { subjectKey } from '../../../src/core/kill/kill.ts';
import { closing, kill, useRedis } from './fixtures.ts';

const bench = useRedis();
const hour = 60 * 60_000;
const day = 24 * hour;

/** Kills of one workload that ended so many ms ago, admitted in that order; the open incident and its subject. */
async function killed(cluster: string, workload: string, agoMs: readonly number[], from = 0) {
  const store = createStore({ redis: bench.redis(), cluster });
  const now = await redisNow(bench.redis());
  let id = '';
  for (const [at, ago] of agoMs.entries()) {
    const one = kill(cluster, from + at, { workload, finishedAt: new Date(now - ago).toISOString() });
    const admission = await store.admit(one, 'act');
    if (admission.is !== 'known') id = admission.incident;
  }
  return { store, id, subject: kill(cluster, 0, { workload }).subject };
}

test('kills are counted by day and week, over the open incident and the one before it', async () => {
  const cluster = bench.cluster();
  const before = await killed(cluster, 'checkout', [6 * day, 5 * day]);
  await before.store.update(before.id, closing);
  const { subject } = await killed(cluster, 'checkout', [3 * day, 2 * hour, hour], 10);
  const quiet = kill(cluster, 0, { workload: 'quiet' }).subject;

  const counts = await countKills(bench.redis(), cluster, [subject, quiet]);

  expect([...counts.keys()]).toEqual([subjectKey(subject)]);
  // An incident before the closed one would not have been seen.
  expect(counts.get(subjectKey(subject))).toMatchObject({ day: 2, week: 5, atLeast: true });
});

test('a count is exact where everything about it is known', async () => {
  const cluster = bench.cluster();
  const { subject } = await killed(cluster, 'checkout', [3 * hour, 2 * hour, hour]);

  const count = (await countKills(bench.redis(), cluster, [subject])).get(subjectKey(subject));

  expect(count).toMatchObject({ day: 3, week: 3, atLeast: false });
  expect(Math.abs((await redisNow(bench.redis())) - hour - (count?.lastAt ?? 0))).toBeLessThan(10_000);
});

test('more kills than are kept one by one are counted where the incident is young, and said to be at least so many where it is not', async () => {
  const cluster = bench.cluster();
  const many = Array.from({ length: 30 }, (_, at) => hour - at * 60_000);
  const young = await killed(cluster, 'young', many);
  const old = await killed(cluster, 'old', [2 * day, ...many]);

  const counts = await countKills(bench.redis(), cluster, [young.subject, old.subject]);

  expect(counts.get(subjectKey(young.subject))).toMatchObject({ day: 30, week: 30, atLeast: false });
  expect(counts.get(subjectKey(old.subject))).toMatchObject({ day: 20, week: 31, atLeast: true });
});

test('what was last killed long ago is left out', async () => {
  const cluster = bench.cluster();
  const { subject } = await killed(cluster, 'checkout', [8 * day + hour, 8 * day]);

  expect(await countKills(bench.redis(), cluster, [subject])).toEqual(new Map());
});

test('the condition of a cluster is what Redis knows of it', async () => {
  const cluster = bench.cluster();
  const redis = bench.redis();
  expect(await readCondition(redis, cluster)).toEqual({
    workerSeenAt: null,
    checkpointAt: null,
    open: 0,
    jobs: { kills: 0, incidents: 0 },
    deadKills: 0,
  });

  await killed(cluster, 'checkout', [hour]);
  await registerCluster(redis, cluster);
  const checkpoints = createCheckpoints({ redis, cluster });
  await checkpoints.write('pods', { resourceVersion: '7', at: 7_000 });
  await checkpoints.write('events', { resourceVersion: '5', at: 5_000 });

  const condition = await readCondition(redis, cluster);
  await redis.zrem(slackKeys.clusters, cluster);

  expect(condition).toMatchObject({ checkpointAt: 5_000, open: 1 });
  expect(Math.abs((condition.workerSeenAt ?? 0) - (await redisNow(redis)))).toBeLessThan(10_000);
});
