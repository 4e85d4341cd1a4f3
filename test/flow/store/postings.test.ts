import { expect, test } from 'vitest';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import { listClusters, registerCluster } from '../../../src/adapters/redis/store/clusters.ts';
import { createCheckpoints } from '../../../src/adapters/redis/store/checkpoint.ts';
import { clusterKeys, slackKeys } from '../../../src/adapters/redis/keys.ts';
import { createPostings } from '../../../src/adapters/redis/slack/postings.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { change, claim, closing, entry, idOf, kill, useRedis } from './fixtures.ts';

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
    Array.from({ length: 20 }, (_, n) => postings.write(id, null, { ...claim, attempt: n })),
  );

  expect(claims.filter(Boolean)).toHaveLength(1);
  expect(await postings.read(id)).toEqual({ ...claim, revision: 1, attempt: claims.indexOf(true) });
});

test('a posting is written only over the revision that was read, even when its reader passes on all it read', async () => {
  const { postings, id } = await withIncident();
  await postings.write(id, null, claim);
  const read = await postings.read(id);

  const first = await postings.write(id, 1, { ...claim, ...read, state: 'posted', ts: '1.1' });
  const second = await postings.write(id, 1, { ...claim, ts: '2.2' });
  const fresh = await postings.write(id, null, claim);

  expect([first, second, fresh]).toEqual([true, false, false]);
  expect(await postings.read(id)).toEqual({ ...claim, revision: 2, state: 'posted', ts: '1.1' });
});

test('an incident without a posting has none', async () => {
  const { postings, id } = await withIncident();

  expect(await postings.read(id)).toBeNull();
});

test('an incident is due for the bot until all that is stored is shown', async () => {
  const { postings, store, id } = await withIncident();
  await store.update(id, (loaded) => change(loaded, { entries: [entry('one'), entry('two')] }));
  const entries = await store.entries(id, '0', 10);
  const shown = { ...claim, state: 'posted' as const, ts: '1.1', shownVersion: 2, shownKills: 1 };

  const unposted = await postings.settle(id);
  await postings.write(id, null, { ...shown, shownEntry: entries[0]?.id ?? '' });
  const oneEntryShort = await postings.settle(id);
  await postings.write(id, 1, { ...shown, shownEntry: entries[1]?.id ?? '' });
  const due = await postings.due(10);
  const complete = await postings.settle(id);

  expect([unposted, oneEntryShort, complete]).toEqual([false, false, true]);
  expect(due).toEqual([id]);
  expect(await postings.due(10)).toEqual([]);
});

test('what is shown and is to be looked at again is due then, not now, be it closed or not', async () => {
  const { postings, store, id } = await withIncident();
  await store.update(id, closing);
  const [last] = await store.entries(id, '0', 1);
  await postings.write(id, null, {
    ...claim,
    state: 'posted',
    ts: '1.1',
    shownVersion: 2,
    shownKills: 1,
    shownEntry: last?.id ?? '',
  });

  const later = await postings.settle(id, Date.now() + 60_000);
  const due = await postings.due(10);
  await postings.settle(id, 1);

  expect([later, due]).toEqual([true, []]);
  expect(await postings.due(10)).toEqual([id]);
});

test.each([
  ['a kill', 'kill'],
  ['a change', 'change'],
])('%s that comes after the rendering keeps the incident due', async (_, what) => {
  const { postings, store, id, cluster } = await withIncident();
  await postings.write(id, null, { ...claim, state: 'posted', ts: '1.1', shownVersion: 1, shownKills: 1 });
  if (what === 'kill') await store.admit(kill(cluster, 1), 'act');
  else await store.update(id, (loaded) => change(loaded, {}));

  const settled = await postings.settle(id);

  expect(settled).toBe(false);
  expect(await postings.due(10)).toEqual([id]);
});

test('what is claimed and not yet posted stays due', async () => {
  const { postings, id } = await withIncident();
  await postings.write(id, null, { ...claim, shownVersion: 9, shownKills: 9 });

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
  await postings.write(id, null, claim);
  const whileOpen = await redis.pttl(keys.of(id).posting);
  await store.update(id, closing);
  await store.update(other, closing);

  await postings.write(id, 1, { ...claim, shownVersion: 2 });
  await postings.write(other, null, claim);

  expect(whileOpen).toBe(-1);
  expect(await redis.pttl(keys.of(id).posting)).toBeGreaterThan(0);
  expect(await redis.pttl(keys.of(other).posting)).toBeGreaterThan(0);
});

test('one bot sends to a channel at a time, and may go on as long as it says so', async () => {
  const { postings, redis, cluster } = await withIncident();
  const channel = `C-${cluster}`;
  const lane = await postings.lane(channel, 60_000);
  const otherCluster = createPostings({ redis, cluster: bench.cluster() });

  const refused = await otherCluster.lane(channel, 60_000);
  const extended = await lane?.extend();
  await redis.del(slackKeys.lane(channel));
  const taken = await otherCluster.lane(channel, 60_000);
  const lost = await lane?.extend();
  await lane?.release();
  const held = await postings.lane(channel, 60_000);
  await taken?.release();

  expect(refused).toBeNull();
  expect(extended).toBe(true);
  expect(taken).not.toBeNull();
  expect(lost).toBe(false);
  expect(held).toBeNull();
});

test('the bot learns of the clusters that have workers and forgets those long gone', async () => {
  const redis = bench.redis();
  const [here, gone] = [bench.cluster(), bench.cluster()];
  await registerCluster(redis, here);
  await registerCluster(redis, gone);
  await redis.zincrby(slackKeys.clusters, -2_000_000, gone);

  const known = await listClusters(redis, { clusterMs: 1_000_000 });

  const names = known.map(({ name }) => name);
  expect(names).toContain(here);
  expect(names).not.toContain(gone);
  expect(Math.abs((known.find(({ name }) => name === here)?.lastSeenAt ?? 0) - (await redisNow(redis)))).toBeLessThan(
    10_000,
  );
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
