import { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeRedis, connectRedis, redisReady } from '../../src/adapters/redis/connection.ts';
import { clusterKeys } from '../../src/adapters/redis/keys.ts';
import { createDeadKills, createKillQueue, runKillWorker } from '../../src/adapters/redis/queues/kills.ts';
import { queuePrefix } from '../../src/adapters/redis/queues/queue.ts';
import type { RedisClient } from '../../src/adapters/redis/redis-client.ts';
import type { Trigger } from '../../src/core/kill/trigger.ts';
import { sweep } from '../../src/flow/sweep.ts';
import { eventually } from '../eventually.ts';
import { ignore, kill, useRedis } from '../flow/store/fixtures.ts';
import { useWorlds } from '../flow/worker/worker-world.ts';

const bench = useRedis();
const worlds = useWorlds();
let producer: RedisClient;
let consumer: RedisClient;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  producer = connectRedis(bench.url(), { role: 'producer', onError: ignore });
  consumer = connectRedis(bench.url(), { role: 'worker', onError: ignore });
  await redisReady(producer, 5_000);
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  await Promise.all([closeRedis(producer), closeRedis(consumer)]);
});

function closing<T extends { readonly close: () => Promise<unknown> }>(thing: T): T {
  closers.push(() => thing.close());
  return thing;
}

describe('a kill that names another cluster than the queue that it came in', () => {
  it('is put aside by name and counted, and never admitted, not by the next worker either', async () => {
    const cluster = bench.cluster();
    const forged = { ...kill('lenient', 1), fingerprint: 'forged' };
    const own = kill(cluster, 2);
    const jobs = closing(new Queue('kills', { connection: producer, prefix: queuePrefix('kills', cluster) }));
    const handled: string[] = [];
    const failures: string[] = [];
    await jobs.add('kills', { schema: 1, kill: forged }, { attempts: 100, backoff: 10 });
    await closing(createKillQueue({ redis: producer, cluster })).add(own, 5_000);

    closing(
      runKillWorker({
        redis: consumer,
        concurrency: 5,
        cluster,
        onError: ({ code }) => failures.push(code),
        handle: async ({ fingerprint }: Trigger) => void handled.push(fingerprint),
      }),
    );

    const dead = createDeadKills({ redis: bench.redis(), cluster });
    await eventually(async () => expect((await dead.count()).kept).toBe(1));
    await eventually(() => expect(handled).toEqual([own.fingerprint]));
    const [buried] = await dead.list(10);
    expect(buried?.reason).toBe(`A kill of cluster lenient came in the queue of ${cluster}: forged`);
    await eventually(() => expect(failures).toEqual(['other-cluster']));
    expect(await dead.revive(async ({ fingerprint }) => void handled.push(fingerprint))).toBe(0);
    expect(handled).toEqual([own.fingerprint]);
  });

  it('is not admitted on any other way', async () => {
    const world = await worlds.open();
    const forged = await world.kill();
    const subject = { ...forged.subject, cluster: 'lenient' };

    await expect(world.store.admit({ ...forged, subject }, 'act')).rejects.toMatchObject({ code: 'other-cluster' });
  });
});

describe('an incident whose document names another cluster', () => {
  it.each([
    ['its subject', { subject: { cluster: 'lenient' } }],
    ['its trigger', { trigger: { subject: { cluster: 'lenient' } } }],
    ['another incident', { id: 'INC-OTHER' }],
  ])('is never advanced, and named: %s', async (_, changes) => {
    const world = await worlds.open();
    const forged = await world.killed({ workload: 'forged' });
    const honest = await world.killed({ workload: 'honest' });
    await rewrite(world.redis, clusterKeys(world.name).of(forged).incident, changes);
    const said: unknown[] = [];

    await sweep({ ...world.needs, log: (level, ...about) => void (level === 'error' && said.push(about)) });

    expect(await world.redis.hget(clusterKeys(world.name).of(forged).incident, 'version')).toBe('1');
    expect((await world.incident(honest)).explained).not.toBeNull();
    expect(said).toEqual([['advance failed', expect.objectContaining({ incident: forged })]]);
    expect(await world.dueAt(forged)).toBeGreaterThan((await world.now()) + 60_000);
  });
});

async function rewrite(redis: RedisClient, key: string, changes: object): Promise<void> {
  const document: unknown = JSON.parse((await redis.hget(key, 'document')) ?? '');
  await redis.hset(key, 'document', JSON.stringify(merged(document, changes)));
}

/** `changes` in the place of what is there, at any depth. */
function merged(before: unknown, changes: unknown): unknown {
  if (!isObject(before) || !isObject(changes)) return changes;
  const names = [...new Set([...Object.keys(before), ...Object.keys(changes)])];
  return Object.fromEntries(
    names.map((name) => [name, name in changes ? merged(before[name], changes[name]) : before[name]]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
