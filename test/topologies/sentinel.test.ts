import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, inject, test, type TestContext } from 'vitest';
import { z } from 'zod';
import { startRedis } from '../../scripts/redis/redis.mjs';
import { startSentinel } from '../../scripts/redis/redis-topologies.ts';
import { redisWarnings } from '../../src/adapters/redis/redis-warnings.ts';
import { closeRedis, connectRedis, type RedisRole } from '../../src/adapters/redis/connection.ts';
import { clusterTag } from '../../src/adapters/redis/keys.ts';
import { createKillQueue, runKillWorker } from '../../src/adapters/redis/queues/kills.ts';
import type { RedisClient } from '../../src/adapters/redis/redis-client.ts';
import { createPostings } from '../../src/adapters/redis/slack/postings.ts';
import { createStore } from '../../src/adapters/redis/store/store.ts';
import { claim, idOf, ignore, kill } from '../flow/store/fixtures.ts';
import { eventually } from '../eventually.ts';

const cluster = 'c';
const jobSchema = z.object({ kill: z.object({ fingerprint: z.string() }) });

type Ends = Pick<TestContext, 'onTestFinished'>;

function open(
  { onTestFinished }: Ends,
  url: string,
  role: RedisRole,
  onError: (failure: { readonly code: string }) => void = ignore,
): RedisClient {
  const redis = connectRedis(url, { role, onError });
  onTestFinished(() => closeRedis(redis));
  return redis;
}

describe.concurrent('with Sentinel', () => {
  test('a fail-over that Sentinel began by itself is followed by another', async (ends) => {
    const topology = await startSentinel();
    ends.onTestFinished(topology.stop);
    const store = createStore({ redis: open(ends, topology.url, 'store'), cluster });
    const before = idOf(await eventually(() => store.admit(kill(cluster, 1, { workload: 'before' }), 'act')));
    await topology.inSync();

    await topology.changeAbout();
    await topology.inSync();
    await topology.failOver();

    expect(await eventually(() => store.load(before))).not.toBeNull();
  });

  test('after a fail-over store and queue go on with the new primary, and nothing that both had is lost', async (ends) => {
    const topology = await startSentinel();
    ends.onTestFinished(topology.stop);
    const store = createStore({ redis: open(ends, topology.url, 'store'), cluster });
    const queue = createKillQueue({ redis: open(ends, topology.url, 'producer'), cluster });
    ends.onTestFinished(queue.close);
    const before = idOf(await eventually(() => store.admit(kill(cluster, 1, { workload: 'before' }), 'act')));
    const admitted = new Set<string>();
    const worker = runKillWorker({
      redis: open(ends, topology.url, 'worker'),
      cluster,
      concurrency: 5,
      lockDuration: 2_000,
      stalledInterval: 1_000,
      onError: ignore,
      handle: async (one) => {
        if (one.kind !== 'ahead') await store.admit(one, 'act');
        admitted.add(one.fingerprint);
      },
    });
    ends.onTestFinished(() => worker.close());
    const sent: string[] = [];
    // As the watcher does: each kill again until the queue has taken it.
    const send = async (n: number) => {
      const one = kill(cluster, n);
      await eventually(() => queue.add(one, 2_000));
      sent.push(one.fingerprint);
    };
    for (let n = 0; n < 20; n += 1) await send(n);
    await eventually(() => expect(admitted.size).toBe(20));
    await topology.inSync();

    topology.losePrimary('SIGKILL');
    for (let n = 20; n < 40; n += 1) await send(n);

    await eventually(() => expect([...admitted].toSorted()).toEqual(sent.toSorted()));
    expect((await store.load(before))?.tally.count).toBe(1);
    const incidents = await store.open(10);
    expect(new Set(incidents.map(({ tally }) => tally.count))).toEqual(new Set([1, 40]));
    // A kill that was added or taken a second time is known already, and waits for a moment all the same.
    await eventually(async () => expect(await worker.waiting()).toBe(0));
  });

  test('a kill counts as queued, and a message as claimed, only when the replica has it; without one it goes on', async (ends) => {
    const topology = await startSentinel();
    ends.onTestFinished(topology.stop);
    const redis = open(ends, topology.url, 'store');
    const producer = open(ends, topology.url, 'producer');
    const queue = createKillQueue({ redis: producer, cluster });
    ends.onTestFinished(queue.close);
    const postings = createPostings({ redis, cluster });
    const store = createStore({ redis, cluster });
    const newIncident = async (workload: string) => idOf(await store.admit(kill(cluster, 1, { workload }), 'act'));
    const timesOfTry = async (nth: number) => {
      // On a busy machine the replica may have been late before, and is doubted until it has answered in time.
      const [before, id] = [await newIncident(`before-${nth}`), await newIncident(`shop-${nth}`)];
      await queue.add(kill(cluster, 100 * nth), 2_000);
      await postings.write(before, claim);
      await topology.inSync();
      const times: string[] = [];
      const timed = (what: string) => () => void times.push(what);
      topology.signalReplica('SIGSTOP');
      const both = Promise.all([
        queue.add(kill(cluster, 100 * nth + 1), 2_000).then(timed('queued')),
        postings.write(id, claim).then(timed('claimed')),
      ]);
      await delay(100);
      times.push('replica');
      topology.signalReplica('SIGCONT');
      await both;
      return times;
    };

    let tries = 0;
    await eventually(async () => {
      tries += 1;
      const [first, ...others] = await timesOfTry(tries);
      expect(first).toBe('replica');
      expect(others.toSorted()).toEqual(['claimed', 'queued']);
    });
    const waits: number[] = [];
    if (!(producer instanceof Redis)) throw new Error('behind Sentinel there is one Redis');
    const monitor = producer.duplicate({ monitor: true, lazyConnect: false });
    ends.onTestFinished(() => monitor.disconnect());
    // What comes in one piece with the answer to MONITOR is an error to ioredis 6.0, which goes on all the same.
    monitor.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      monitor.once('monitoring', resolve);
    });
    monitor.on('monitor', (_at: string, [command, , ms]: string[]) => {
      if (command?.toLowerCase() === 'wait') waits.push(Number(ms));
    });
    // A try on a busy machine may have left the replica doubted, until it has answered once.
    let asked = 0;
    await eventually(async () => {
      await topology.inSync();
      asked += 1;
      await queue.add(kill(cluster, 1_000 + asked), 2_000);
      // What the monitor tells comes later.
      await eventually(() => expect(waits).toHaveLength(asked));
      expect(waits.at(-1)).toBeGreaterThan(10);
    });
    topology.signalReplica('SIGSTOP');
    for (let n = 3; n < 13; n += 1) await queue.add(kill(cluster, n), 2_000);
    await eventually(() => expect(waits).toHaveLength(asked + 10));
    const [patient = 0, ...impatient] = waits.slice(asked);
    monitor.disconnect();
    topology.signalReplica('SIGCONT');
    // As soon as it answers it is waited for as before: it is the next that takes over.
    await topology.inSync();
    await eventually(async () => {
      await queue.add(kill(cluster, 13), 2_000);
      topology.signalReplica('SIGSTOP');
      const again = performance.now();
      await queue.add(kill(cluster, 14), 2_000);
      topology.signalReplica('SIGCONT');
      expect(performance.now() - again).toBeGreaterThan(150);
    });

    // Long for the first of ten, not for each.
    expect(patient).toBeGreaterThan(10 * Math.max(...impatient));
  });

  // A worker that counts as running and takes nothing is what BullMQ's issue 4378 tells of.
  test('a worker goes on when for some seconds neither the primary nor a sentinel is there', async (ends) => {
    const topology = await startSentinel();
    ends.onTestFinished(topology.stop);
    const queue = createKillQueue({ redis: open(ends, topology.url, 'producer'), cluster });
    ends.onTestFinished(queue.close);
    const taken = new Set<string>();
    const worker = runKillWorker({
      redis: open(ends, topology.url, 'worker'),
      cluster,
      concurrency: 5,
      onError: ignore,
      handle: async ({ fingerprint }) => void taken.add(fingerprint),
    });
    ends.onTestFinished(() => worker.close());
    await eventually(() => queue.add(kill(cluster, 1), 2_000));
    await eventually(() => expect(taken.size).toBe(1));
    await topology.inSync();

    topology.losePrimary('SIGKILL');
    await topology.restartSentinel(2_000);
    await eventually(() => queue.add(kill(cluster, 2), 2_000));

    await eventually(() => expect(taken.size).toBe(2));
  });

  test('a primary that hangs with its connections open is left for the new one', async (ends) => {
    const topology = await startSentinel();
    ends.onTestFinished(topology.stop);
    const queue = createKillQueue({ redis: open(ends, topology.url, 'producer'), cluster });
    ends.onTestFinished(queue.close);
    await eventually(() => queue.add(kill(cluster, 1), 2_000));
    await topology.inSync();

    topology.losePrimary('SIGSTOP');

    await eventually(() => queue.add(kill(cluster, 2), 2_000));
    const store = open(ends, topology.url, 'store');
    const queued = `${clusterTag(cluster)}:kills`;
    await eventually(async () => {
      const ids = await store.lrange(`${queued}:wait`, 0, -1);
      const jobs = await Promise.all(ids.map((id) => store.hget(`${queued}:${id}`, 'data')));
      const found = jobs.map((json) => jobSchema.parse(JSON.parse(json ?? '')).kill.fingerprint);
      // Not how many: whoever was not answered in time adds the same kill again.
      expect(new Set(found)).toEqual(new Set([1, 2].map((n) => kill(cluster, n).fingerprint)));
    });
  });

  test('a name that the sentinels do not know is told', async (ends) => {
    const url = String(inject('redisUrl'));
    const failures: string[] = [];

    open(ends, url.replace(/[^/]+$/, 'nobody'), 'store', ({ code }) => failures.push(code));

    await eventually(() => expect(failures).toContain('redis-unknown-primary'));
  });

  test('a sentinel that is taken for the server says so', async (ends) => {
    const sentinel = /,([\d.:]+)\//.exec(String(inject('redisUrl')))?.[1];
    const redis = open(ends, `redis://${sentinel}`, 'store');

    await expect(redisWarnings(redis)).rejects.toMatchObject({ code: 'redis-is-sentinel' });
  });

  test.for([
    ['redis+sentinel', '/mymaster', 'redis-no-sentinel'],
    ['redis+cluster', '', 'redis-no-cluster'],
  ])('one server that is taken for %s says so', async ([protocol, end, code], ends) => {
    const server = await startRedis({ own: true, log: ignore });
    ends.onTestFinished(() => server.stop());
    const failures: string[] = [];

    open(ends, `${protocol}://${new URL(server.url).host}${end}`, 'store', (failure) => failures.push(failure.code));

    await eventually(() => expect(failures).toContain(code));
  });
});
