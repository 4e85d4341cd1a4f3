import { describe, expect, test } from 'vitest';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { bounds } from '../../../src/adapters/redis/bounds.ts';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { incidentId } from '../../../src/core/incident/incident-id.ts';
import { closing, idOf, kill, killTime, useRedis } from './fixtures.ts';

const bench = useRedis();

describe('admitting a kill', () => {
  const open = () => {
    const cluster = bench.cluster();
    return { cluster, keys: clusterKeys(cluster), store: createStore({ redis: bench.redis(), cluster }) };
  };

  test('opens an incident with the whole kill in it and makes it due for the worker', async () => {
    const { cluster, store } = open();
    const first = kill(cluster, 1);

    const admission = await store.admit(first, 'act');

    const id = incidentId(first.subject, first.fingerprint);
    expect(admission).toEqual({ is: 'opened', incident: id });
    const loaded = await store.load(id);
    expect(loaded?.incident).toMatchObject({
      id,
      version: 1,
      mode: 'act',
      state: { is: 'open' },
      trigger: first,
      previous: null,
    });
    expect(loaded?.tally).toEqual({ count: 1, firstAt: killTime(1), lastAt: killTime(1), recent: [first] });
    expect(await store.due(10)).toEqual([id]);
  });

  test('counts a known fingerprint once, however often and from wherever it comes', async () => {
    const { cluster, store } = open();
    const id = idOf(await store.admit(kill(cluster, 1), 'act'));

    const again = await Promise.all(Array.from({ length: 20 }, () => store.admit(kill(cluster, 1), 'act')));

    expect(again.filter(({ is }) => is !== 'known')).toEqual([]);
    expect((await store.load(id))?.tally.count).toBe(1);
  });

  test('opens one incident for 50 kills of one subject at the same time and counts them all', async () => {
    const { cluster, store } = open();

    const admissions = await Promise.all(Array.from({ length: 50 }, (_, n) => store.admit(kill(cluster, n), 'act')));

    expect(admissions.filter(({ is }) => is === 'opened')).toHaveLength(1);
    expect(admissions.filter(({ is }) => is === 'joined')).toHaveLength(49);
    const all = await store.open(10);
    expect(all).toHaveLength(1);
    expect(all[0]?.tally).toMatchObject({ count: 50, firstAt: killTime(0), lastAt: killTime(49) });
  });

  test('opens an incident for each subject, each once, when two watchers see the same storm', async () => {
    const { cluster, store } = open();
    const storm = Array.from({ length: 30 }, (_, n) => kill(cluster, n, { workload: `shop-${n}` }));

    await Promise.all([...storm, ...storm].map((one) => store.admit(one, 'act')));

    const all = await store.open(100);
    expect(all).toHaveLength(30);
    expect(all.filter(({ tally }) => tally.count !== 1)).toEqual([]);
  });

  test('counts a kill that arrives late, and keeps first, last and the order by the time of the kill', async () => {
    const { cluster, store } = open();
    const id = idOf(await store.admit(kill(cluster, 5), 'act'));

    await store.admit(kill(cluster, 9), 'act');
    await store.admit(kill(cluster, 2), 'act');

    const tally = (await store.load(id))?.tally;
    expect(tally).toMatchObject({ count: 3, firstAt: killTime(2), lastAt: killTime(9) });
    expect(tally?.recent.map(({ restartCount }) => restartCount)).toEqual([2, 5, 9]);
  });

  test('takes the time when it was seen for a kill whose own time is not known', async () => {
    const { cluster, store } = open();
    const untimed = kill(cluster, 1, { finishedAt: null });

    const id = idOf(await store.admit(untimed, 'act'));

    expect((await store.load(id))?.tally.lastAt).toBe(untimed.seenAt);
  });

  test('opens a new incident after a close and links the one before', async () => {
    const { cluster, store } = open();
    const before = idOf(await store.admit(kill(cluster, 1), 'act'));
    await store.update(before, closing);

    const after = idOf(await store.admit(kill(cluster, 2), 'act'));

    expect(after).not.toBe(before);
    expect((await store.load(after))?.incident.previous).toBe(before);
    expect((await store.load(before))?.tally.count).toBe(1);
    expect((await store.open(10)).map(({ incident }) => incident.id)).toEqual([after]);
  });

  test('never loses a kill between the close of one incident and the next', async () => {
    const { cluster, store } = open();
    idOf(await store.admit(kill(cluster, 0), 'act'));
    const incidents = new Set<string>();

    const killing = Array.from({ length: 40 }, async (_, n) => {
      incidents.add(idOf(await store.admit(kill(cluster, n + 1), 'act')));
    });
    const closingAll = Array.from({ length: 10 }, async () => {
      for (const { incident } of await store.open(10)) {
        incidents.add(incident.id);
        await store.update(incident.id, (loaded) => (loaded.incident.state.is === 'open' ? closing(loaded) : null));
      }
    });
    await Promise.all([...killing, ...closingAll]);

    const counts = await Promise.all([...incidents].map(async (id) => (await store.load(id))?.tally.count ?? 0));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(41);
  });

  test('takes a longer id when the short one belongs to another incident', async () => {
    const { cluster, keys, store } = open();
    const first = kill(cluster, 1);
    const taken = keys.of(incidentId(first.subject, first.fingerprint)).incident;
    await bench.redis().hset(taken, 'version', 1, 'state', 'closed', 'document', '{}');

    const admission = await store.admit(first, 'act');

    expect(admission).toEqual({ is: 'opened', incident: incidentId(first.subject, first.fingerprint, 5) });
  });

  test('opens a new incident when the open one was deleted by hand', async () => {
    const { cluster, keys, store } = open();
    const lost = idOf(await store.admit(kill(cluster, 1), 'act'));
    await bench.redis().del(keys.of(lost).incident);

    const admission = await store.admit(kill(cluster, 2), 'act');

    expect(admission.is).toBe('opened');
    expect(await store.due(10)).toEqual([idOf(admission)]);
  });

  test('keeps the last 20 kills of thousands', async () => {
    const { cluster, store } = open();
    const id = idOf(await store.admit(kill(cluster, 0), 'act'));

    await Promise.all(Array.from({ length: 60 }, (_, n) => store.admit(kill(cluster, n + 1), 'act')));

    const tally = (await store.load(id))?.tally;
    expect(tally?.count).toBe(61);
    expect(tally?.recent.map(({ restartCount }) => restartCount)).toEqual(Array.from({ length: 20 }, (_, n) => 41 + n));
  });

  test('forgets fingerprints that are older than the ledger reaches', async () => {
    const { cluster, keys } = open();
    const redis = bench.redis();
    const store = createStore({ redis, cluster, bounds: { ...bounds, ledgerMs: 60_000 } });
    const now = await redisNow(redis);
    await redis.zadd(keys.ledger, now - 61_000, 'old', now - 30_000, 'young');

    await store.admit(kill(cluster, 1), 'act');

    expect(await redis.zrange(keys.ledger, 0, '-1')).toEqual(['young', kill(cluster, 1).fingerprint]);
  });

  test('lets a subject with awkward characters have a key of its own', async () => {
    const { cluster, store } = open();
    const awkward = kill(cluster, 1, { workload: 'a{b}:c d"e\n' });

    const id = idOf(await store.admit(awkward, 'observe'));

    expect((await store.load(id))?.incident.subject).toEqual(awkward.subject);
  });
});

describe('suspects', () => {
  test('are bounded, the newest last, and each is there once', async () => {
    const cluster = bench.cluster();
    const store = createStore({ redis: bench.redis(), cluster, bounds: { ...bounds, suspects: 5 } });

    for (let n = 0; n < 8; n += 1) await store.keepSuspect(kill(cluster, n, { suspect: true }), `why ${n}`);
    await store.keepSuspect(kill(cluster, 6, { suspect: true }), 'why 6, seen again');

    const whys = (await store.suspects()).map(({ why }) => why);
    expect(whys).toEqual(['why 3', 'why 4', 'why 5', 'why 6, seen again', 'why 7']);
  });

  test('still count as a kill with the same fingerprint, and are suspects no more', async () => {
    const cluster = bench.cluster();
    const store = createStore({ redis: bench.redis(), cluster });
    await store.keepSuspect(kill(cluster, 1, { suspect: true }), 'no Event explains it');

    const admission = await store.admit(kill(cluster, 1), 'act');
    await store.keepSuspect(kill(cluster, 1, { suspect: true }), 'a second watcher is late');

    expect(admission.is).toBe('opened');
    expect(await store.suspects()).toEqual([]);
  });
});

test('in which incidents an image was killed is known by its repository, of closed ones too, bounded, the one killed last first', async () => {
  const cluster = bench.cluster();
  const store = createStore({ redis: bench.redis(), cluster, bounds: { ...bounds, imageKills: 2 } });
  const admit = async (n: number, workload: string, image: string | null): Promise<string> =>
    idOf(await store.admit(kill(cluster, n, { workload, image }), 'act'));
  const [first, second] = [
    await admit(1, 'checkout', 'hub:5000/shop:1.4'),
    await admit(2, 'cart', 'hub:5000/shop@sha256:6a1f'),
  ];
  await admit(3, 'checkout', 'hub:5000/shop:1.4');
  await admit(4, 'search', 'hub:5000/other:1');
  await admit(5, 'batch', null);
  await store.update(first, closing);

  const before = await store.killedImages('hub:5000/shop');
  const third = await admit(6, 'pay', 'hub:5000/shop');

  expect(before).toEqual([
    { incident: first, subject: `${cluster}/shop/Deployment/checkout/app` },
    { incident: second, subject: `${cluster}/shop/Deployment/cart/app` },
  ]);
  expect((await store.killedImages('hub:5000/shop')).map(({ incident }) => incident)).toEqual([third, first]);
  const left = await bench.redis().pttl(clusterKeys(cluster).image('hub:5000/shop'));
  expect([left > 0, left <= bounds.closedMs]).toEqual([true, true]);
});

test('which incidents pods were killed in is known of closed ones too, bounded, the one killed last comes last', async () => {
  const cluster = bench.cluster();
  const store = createStore({ redis: bench.redis(), cluster, bounds: { ...bounds, killedPods: 3 } });
  const now = await redisNow(bench.redis());
  const at = (ms: number) => ({ finishedAt: new Date(ms).toISOString() });
  const id = idOf(await store.admit(kill(cluster, 1, { pod: 'a', ...at(now - 5_000) }), 'act'));
  await store.admit(kill(cluster, 2, { pod: 'b', ...at(now - 4_000) }), 'act');
  await store.admit(kill(cluster, 3, { pod: 'a', ...at(now - 3_000) }), 'act');
  await store.admit(kill(cluster, 4, { pod: 'old', ...at(now - bounds.closedMs - 1_000) }), 'act');
  await store.update(id, closing);

  const after = await store.killedPods();
  await store.admit(kill(cluster, 5, { pod: 'c', workload: 'cart', ...at(now) }), 'act');
  await store.admit(kill(cluster, 6, { pod: 'd', workload: 'cart', ...at(now) }), 'act');

  expect(after.map(({ pod, incident, namespace, workload }) => [pod, incident, namespace, workload])).toEqual([
    ['b', id, 'shop', 'checkout'],
    ['a', id, 'shop', 'checkout'],
  ]);
  expect((await store.killedPods()).map(({ pod }) => pod)).toEqual(['a', 'c', 'd']);
});
