import { Cluster } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { redisWarnings } from '../../src/adapters/redis/redis-warnings.ts';
import { closeRedis, connectRedis, redisReady } from '../../src/adapters/redis/connection.ts';
import { createDeadKills } from '../../src/adapters/redis/queues/kills.ts';
import { clusterTag, slackTag } from '../../src/adapters/redis/keys.ts';
import { createPostings } from '../../src/adapters/redis/slack/postings.ts';
import { createStore } from '../../src/adapters/redis/store/store.ts';
import { createStorms } from '../../src/adapters/redis/slack/storms.ts';
import { stormMember } from '../../src/core/incident/storm.ts';
import {
  claim,
  change,
  closing,
  entry,
  idOf,
  ignore,
  keysBelow,
  kill,
  request,
  useRedis,
} from '../flow/store/fixtures.ts';
import { aLoaded } from '../fixtures/incidents.ts';

/*
 * On three nodes a command or a script whose keys lie in more than one slot is refused (CROSSSLOT). The suites of the
 * store and the queues run on them too; here is what only a cluster can show.
 */
const bench = useRedis();

function nodes(): readonly string[] {
  return inject('redisUrl')?.slice('redis+cluster://'.length).split(',') ?? [];
}

async function slotsBelow(prefix: string): Promise<unknown[]> {
  const keys = await keysBelow(bench.redis(), prefix);
  return Promise.all(keys.map((key) => bench.redis().call('CLUSTER', 'KEYSLOT', key)));
}

test('all that a commit touches lies in one slot', async () => {
  const cluster = bench.cluster();
  const redis = bench.redis();
  const store = createStore({ redis, cluster });
  const postings = createPostings({ redis, cluster });

  const id = idOf(await store.admit(kill(cluster, 1), 'act'));
  await store.admit(kill(cluster, 2), 'act');
  await store.recordRequest(request(id, 'R1'));
  await store.keepSuspect(kill(cluster, 3), 'why');
  await store.update(id, (loaded) => change(loaded, { entries: [entry('one')], decided: ['R1'] }));
  await postings.write(id, claim);
  const settled = await postings.settle(id);
  await store.postpone(id, 1);
  await createDeadKills({ redis, cluster }).bury('what?', 'why');
  const closed = await store.update(id, closing);

  expect(settled).toBe(false);
  expect(closed?.tally.count).toBe(2);
  const slots = await slotsBelow(clusterTag(cluster));
  expect(slots.length).toBeGreaterThan(8);
  expect(new Set(slots).size).toBe(1);
});

test('all that a storm touches lies in one slot', async () => {
  const storms = createStorms({ redis: bench.redis() });
  const storm = { id: 'STORM-1', channel: 'C1', openedAt: 1 };

  const opened = await storms.open(storm, null);
  const folded = await storms.fold(storm.id, stormMember(aLoaded(), null));
  await storms.postpone(storm.id, 1);
  const members = await storms.members(storm.id);

  expect([opened, folded, members.length]).toEqual([true, true, 1]);
  expect(await storms.settle(storm.id, 1)).toBe(true);
  expect(new Set(await slotsBelow(`${slackTag}:storm`)).size).toBe(1);
});

test('incidents of several clusters lie on several nodes, and one connection serves them all', async () => {
  const redis = bench.redis();
  const clusters = Array.from({ length: 12 }, () => bench.cluster());

  const ids = await Promise.all(
    clusters.map(async (cluster) => idOf(await createStore({ redis, cluster }).admit(kill(cluster, 1), 'act'))),
  );

  const loaded = await Promise.all(clusters.map((cluster, at) => createStore({ redis, cluster }).load(ids[at] ?? '')));
  expect(loaded.map((one) => one?.incident.id)).toEqual(ids);
  const primaries = redis instanceof Cluster ? redis.nodes('master') : [];
  const filled = await Promise.all(primaries.map(async (node) => (await node.keys('*incident:*')).length > 0));
  expect(filled.filter(Boolean).length).toBeGreaterThan(1);
});

test('every primary is looked at: one that evicts is refused by its name, one without a file is a warning', async () => {
  const [, evicting = ''] = nodes();
  const [host = '', port = ''] = evicting.split(':');
  const admin = connectRedis(`redis://${host}:${port}`, { role: 'store', onError: ignore });
  const check = async () => {
    const redis = connectRedis(bench.url(), { role: 'store', onError: ignore });
    await redisReady(redis, 60_000);
    try {
      return await redisWarnings(redis);
    } finally {
      await closeRedis(redis);
    }
  };
  try {
    await admin.config('SET', 'appendonly', 'yes');
    const warnings = await check();
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const refused = check();

    await expect(refused).rejects.toMatchObject({ code: 'redis-evicts', message: expect.stringContaining(evicting) });
    expect(warnings.map(({ code }) => code)).toEqual(['nothing-on-disk']);
    expect(warnings[0]?.text).not.toContain(evicting);
    expect(nodes().filter((node) => warnings[0]?.text.includes(node))).toEqual(
      nodes().filter((node) => node !== evicting),
    );
  } finally {
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.config('SET', 'appendonly', 'no');
    await closeRedis(admin);
  }
});

test('a cluster that is taken for one server says so', async () => {
  const redis = connectRedis(`redis://${nodes()[0]}`, { role: 'store', onError: ignore });
  const stores = Array.from({ length: 12 }, () => createStore({ redis, cluster: bench.cluster() }));

  const answers = await Promise.allSettled(stores.map((store) => store.pause()));

  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  const reason = expect.objectContaining({ code: 'redis-is-cluster', retry: 'never' });
  expect(refused).toEqual(refused.map(() => ({ status: 'rejected', reason })));
  await closeRedis(redis);
});

test('one node that is away does not keep anybody from finding the others', async () => {
  const [first = '', ...others] = nodes();
  const redis = connectRedis(`redis+cluster://127.0.0.1:1,${[...others, first].join(',')}`, {
    role: 'store',
    onError: ignore,
  });

  await redisReady(redis, 60_000);

  expect(await createStore({ redis, cluster: bench.cluster() }).pause()).toBeNull();
  await closeRedis(redis);
});
