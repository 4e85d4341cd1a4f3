import { expect, test } from 'vitest';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import { listClusters, registerCluster } from '../../../src/adapters/redis/store/clusters.ts';
import { createCheckpoints } from '../../../src/adapters/redis/store/checkpoint.ts';
import { clusterKeys, slackKeys } from '../../../src/adapters/redis/keys.ts';
import { createPostings } from '../../../src/adapters/redis/slack/postings.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { change, claim, closing, entry, idOf, kill, shownAs, useRedis } from './fixtures.ts';

const bench = useRedis();

async function withIncident() {
  const cluster = bench.cluster();
  const redis = bench.redis();
  const store = createStore({ redis, cluster });
  const postings = createPostings({ redis, cluster });
  const id = idOf(await store.admit(kill(cluster, 0), 'act'));
  return { cluster, redis, store, postings, id, keys: clusterKeys(cluster), now: await redisNow(redis) };
}

test('one of many bots claims a posting', async () => {
  const { postings, id } = await withIncident();

  const claims = await Promise.all(
    Array.from({ length: 20 }, (_, n) => postings.write(id, { ...claim, channel: `C${n}` })),
  );

  const [written, ...others] = claims.filter((one) => one !== null);
  expect(others).toEqual([]);
  expect(written?.revision).toBe(1);
  expect(await postings.read(id)).toEqual(written);
});

test('a posting is written only over its own revision', async () => {
  const { postings, id } = await withIncident();
  await postings.write(id, claim);
  const read = await postings.read(id);
  if (read === null) throw new Error('no posting');

  const first = await postings.write(id, { ...shownAs(), revision: read.revision });
  const second = await postings.write(id, { ...read, channel: 'C2' });
  const fresh = await postings.write(id, claim);

  expect([first, second, fresh]).toEqual([{ ...shownAs(), revision: 2 }, null, null]);
  expect(await postings.read(id)).toEqual(first);
});

test('an incident without a posting has none', async () => {
  const { postings, id } = await withIncident();

  expect(await postings.read(id)).toBeNull();
});

test('an incident is due for the bot until all that is stored is shown', async () => {
  const { postings, store, id } = await withIncident();
  await store.update(id, (loaded) => change(loaded, { entries: [entry('one'), entry('two')] }));
  const entries = await store.entries(id, '0', 10);

  const unposted = await postings.settle(id);
  await postings.write(id, shownAs({ shownVersion: 2, shownKills: 1, shownEntry: entries[0]?.id ?? '' }));
  const oneEntryShort = await postings.settle(id);
  await postings.write(id, shownAs({ revision: 1, shownVersion: 2, shownKills: 1, shownEntry: entries[1]?.id ?? '' }));
  const due = await postings.due(10);
  const complete = await postings.settle(id);

  expect([unposted, oneEntryShort, complete]).toEqual([false, false, true]);
  expect(due).toEqual([id]);
  expect(await postings.due(10)).toEqual([]);
});

test.each([
  ['a kill', 'kill'],
  ['a change', 'change'],
])('%s that comes after the rendering keeps the incident due', async (_, what) => {
  const { postings, store, id, cluster } = await withIncident();
  await postings.write(id, shownAs({ shownVersion: 1, shownKills: 1 }));
  if (what === 'kill') await store.admit(kill(cluster, 1), 'act');
  else await store.update(id, (loaded) => change(loaded, {}));

  const settled = await postings.settle(id);

  expect(settled).toBe(false);
  expect(await postings.due(10)).toEqual([id]);
});

test('what is claimed and not yet posted stays due', async () => {
  const { postings, id } = await withIncident();
  await postings.write(id, { ...claim, shownVersion: 9, shownKills: 9 });

  const settled = await postings.settle(id);

  expect(settled).toBe(false);
});

test('an incident that has expired is due no more', async () => {
  const { postings, redis, keys, id } = await withIncident();
  await redis.del(keys.of(id).incident);

  const settled = await postings.settle(id);

  expect(settled).toBe(true);
  expect(await postings.due(10)).toEqual([]);
});

test('the bot can put an incident off without touching what is due for the worker', async () => {
  const { postings, store, id, now } = await withIncident();

  await postings.postpone(id, now + 60_000);

  expect(await postings.due(10)).toEqual([]);
  expect(await store.due(10)).toEqual([id]);
});

test('a posting expires with its incident, whether it was written before or after the close', async () => {
  const { postings, store, id, cluster, redis, keys } = await withIncident();
  const other = idOf(await store.admit(kill(cluster, 1, { workload: 'cart' }), 'act'));
  await postings.write(id, claim);
  const whileOpen = await redis.pttl(keys.of(id).posting);
  await store.update(id, closing);
  await store.update(other, closing);

  await postings.write(id, { ...claim, revision: 1, shownVersion: 2 });
  await postings.write(other, claim);

  expect(whileOpen).toBe(-1);
  expect(await redis.pttl(keys.of(id).posting)).toBeGreaterThan(0);
  expect(await redis.pttl(keys.of(other).posting)).toBeGreaterThan(0);
});

test('the bot learns of the clusters that have workers and forgets those long gone', async () => {
  const redis = bench.redis();
  const [here, gone] = [bench.cluster(), bench.cluster()];
  await registerCluster(redis, here);
  await registerCluster(redis, gone);
  await redis.zincrby(slackKeys.clusters, -2_000_000, gone);

  const known = await listClusters(redis, { clusterMs: 1_000_000 });

  expect(known).toContain(here);
  expect(known).not.toContain(gone);
});

test('a checkpoint moves only while the last one is there', async () => {
  const checkpoints = createCheckpoints({ redis: bench.redis(), cluster: bench.cluster() });

  const lost = await checkpoints.move('pods', { resourceVersion: '41', at: 1 });
  const nothing = await checkpoints.read('pods');
  await checkpoints.write('pods', { resourceVersion: '41', at: 1 });
  const moved = await checkpoints.move('pods', { resourceVersion: '42', at: 2 });

  expect([lost, nothing, moved]).toEqual(['lost', null, 'moved']);
  expect(await checkpoints.read('pods')).toEqual({ resourceVersion: '42', at: 2 });
});

test('a watcher finds its checkpoint again, each stream its own', async () => {
  const checkpoints = createCheckpoints({ redis: bench.redis(), cluster: bench.cluster() });
  await checkpoints.write('pods', { resourceVersion: '41', at: 1 });
  await checkpoints.write('pods', { resourceVersion: '42', at: 2 });

  const pods = await checkpoints.read('pods');
  const events = await checkpoints.read('events');

  expect(pods).toEqual({ resourceVersion: '42', at: 2 });
  expect(events).toBeNull();
});
