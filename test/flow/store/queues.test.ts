import { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeRedis, connectRedis, redisReady } from '../../../src/adapters/redis/connection.ts';
import {
  createDeadKills,
  createKillQueue,
  killBackoffMs,
  runKillWorker,
} from '../../../src/adapters/redis/queues/kills.ts';
import { runIncidentWorker, runSlackWorker, createHints } from '../../../src/adapters/redis/queues/hints.ts';
import { queuePrefix } from '../../../src/adapters/redis/queues/queue.ts';
import { ownVersion } from '../../../src/adapters/own-version.ts';
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts';
import { Failure } from '../../../src/core/failure.ts';
import type { Trigger } from '../../../src/core/kill/trigger.ts';
import { createRevival } from '../../../src/flow/revive-dead.ts';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import { ignore, kill, useRedis } from './fixtures.ts';
import { eventually } from '../../eventually.ts';

const bench = useRedis();
let producer: RedisClient;
let consumer: RedisClient;
let closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  producer = connectRedis(bench.url(), { role: 'producer', onError: ignore });
  consumer = connectRedis(bench.url(), { role: 'worker', onError: ignore });
  await redisReady(producer, 60_000);
});

afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
  await Promise.all([closeRedis(producer), closeRedis(consumer)]);
});

function closing<T extends { readonly close: () => Promise<unknown> }>(thing: T): T {
  closers.push(() => thing.close());
  return thing;
}

const usual = () => ({ redis: consumer, concurrency: 5, onError: ignore });

async function jobsLeft(name: 'kills' | 'incidents', cluster: string): Promise<number> {
  const queue = new Queue(name, { connection: producer, prefix: queuePrefix(name, cluster) });
  const counts = await queue.getJobCounts();
  await queue.close();
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe('kills', () => {
  test('arrive as they were sent, the same one as often as it was sent, and leave nothing behind', async () => {
    const cluster = bench.cluster();
    const queue = closing(createKillQueue({ redis: producer, cluster }));
    const arrived: Trigger[] = [];
    await queue.add(kill(cluster, 1), 5_000);
    await queue.add(kill(cluster, 1), 5_000);

    const worker = closing(runKillWorker({ ...usual(), cluster, handle: async (one) => void arrived.push(one) }));

    await eventually(() => expect(arrived).toEqual([kill(cluster, 1), kill(cluster, 1)]));
    await eventually(async () => expect(await jobsLeft('kills', cluster)).toBe(0));
    expect(await worker.waiting()).toBe(0);
  });

  test('are tried again until they are admitted, and each failure is heard of', async () => {
    const cluster = bench.cluster();
    const queue = closing(createKillQueue({ redis: producer, cluster }));
    const failures: Failure[] = [];
    let attempts = 0;
    await queue.add(kill(cluster, 1), 5_000);

    closing(
      runKillWorker({
        ...usual(),
        cluster,
        onError: (failure) => failures.push(failure),
        handle: async () => {
          attempts += 1;
          if (attempts < 3) throw new Failure('redis-unreachable', 'gone for a moment', { retry: 'backoff' });
        },
      }),
    );

    await eventually(() => expect(attempts).toBe(3));
    await eventually(() =>
      expect(failures.map(({ code }) => code)).toEqual(['redis-unreachable', 'redis-unreachable']),
    );
  });

  test.each([
    ['of an older schema', { schema: 0, kill: { pod: 'p' } }],
    ['that are no kill', 'what?'],
  ])('%s go to the dead letters with the reason, counted, and are not tried again', async (_, data) => {
    const cluster = bench.cluster();
    const queue = new Queue('kills', { connection: producer, prefix: queuePrefix('kills', cluster) });
    closing(queue);
    const failures: string[] = [];
    const handled: Trigger[] = [];
    await queue.add('kills', data, { attempts: 100, backoff: 10 });
    await closing(createKillQueue({ redis: producer, cluster })).add(kill(cluster, 1), 5_000);

    closing(
      runKillWorker({
        ...usual(),
        cluster,
        onError: ({ code }) => failures.push(code),
        handle: async (one) => void handled.push(one),
      }),
    );

    const dead = createDeadKills({ redis: bench.redis(), cluster });
    await eventually(async () => expect((await dead.count()).kept).toBe(1));
    await eventually(async () => expect(await jobsLeft('kills', cluster)).toBe(0));
    expect(await dead.list(10)).toEqual([{ at: expect.any(Number), reason: expect.stringMatching(/\S/), data }]);
    expect(handled).toHaveLength(1);
    await eventually(() => expect(failures).toEqual(['unreadable-job']));
  });

  test('that are unreadable say which version wrote them, and which one could not read them', async () => {
    const cluster = bench.cluster();
    const queue = new Queue('kills', { connection: producer, prefix: queuePrefix('kills', cluster) });
    closing(queue);
    const said: string[] = [];
    await queue.add('kills', { schema: 99, writtenBy: '9.1.0' });

    closing(
      runKillWorker({
        ...usual(),
        cluster,
        onError: ({ message }) => said.push(message),
        handle: async () => undefined,
      }),
    );

    await eventually(() =>
      expect(said).toEqual([
        expect.stringContaining(
          `A kill job of version 9.1.0 cannot be read by this version, ${ownVersion}; it is kept until a worker can`,
        ),
      ]),
    );
  });

  test('that are dead are kept in bounded number and all counted', async () => {
    const cluster = bench.cluster();
    const dead = createDeadKills({ redis: bench.redis(), cluster, bounds: { deadKills: 3 } });

    for (let n = 0; n < 5; n += 1) await dead.bury({ n }, 'why');

    expect(await dead.count()).toEqual({ kept: 3, ever: 5 });
    expect((await dead.list(10)).map(({ data }) => data)).toEqual([{ n: 4 }, { n: 3 }, { n: 2 }]);
  });

  test('of a newer watcher are taken and passed on with what this version does not know', async () => {
    const cluster = bench.cluster();
    const queue = new Queue('kills', { connection: producer, prefix: queuePrefix('kills', cluster) });
    closing(queue);
    const handled: unknown[] = [];
    const victim = { process: 'java', pid: 7, rssBytes: 1, oomScoreAdj: 900 };
    const newer = { ...kill(cluster, 1), victim, away: { from: null, until: 5, why: 'drained' }, swapBytes: 5 };
    await queue.add('kills', { schema: 1, kill: newer, trace: 'abc' });

    closing(runKillWorker({ ...usual(), cluster, handle: async (one) => void handled.push(one) }));

    await eventually(() => expect(handled).toEqual([newer]));
  });

  test('that are dead are handed over by the version that can read them, once', async () => {
    const cluster = bench.cluster();
    const dead = createDeadKills({ redis: bench.redis(), cluster });
    const readable = [1, 2, 3].map((n) => kill(cluster, n));
    for (const one of readable) await dead.bury({ schema: 1, kill: one }, 'unknown field');
    await dead.bury({ schema: 99 }, 'from the future');
    const taken: string[] = [];
    const take = async ({ fingerprint }: Trigger): Promise<void> => void taken.push(fingerprint);
    const refuse = async (one: Trigger): Promise<void> => {
      if (one.fingerprint === readable[1]?.fingerprint)
        throw new Failure('redis-unreachable', 'gone for a moment', { retry: 'backoff' });
      await take(one);
    };

    await expect(dead.revive(refuse)).rejects.toThrow('gone for a moment');
    expect(taken).toEqual([readable[0]?.fingerprint, readable[2]?.fingerprint]);
    expect(await dead.revive(take)).toBe(1);
    expect(await dead.revive(take)).toBe(0);

    expect(taken).toEqual([0, 2, 1].map((n) => readable[n]?.fingerprint));
    expect((await dead.list(10)).map(({ reason }) => reason)).toEqual(['from the future']);
  });

  test('that are dead are admitted at the start, after a failure, and when another one was put aside', async () => {
    const cluster = bench.cluster();
    const dead = createDeadKills({ redis: bench.redis(), cluster });
    const taken: string[] = [];
    const kept: number[] = [];
    let isDown = true;
    const { round } = createRevival({
      dead,
      take: async ({ fingerprint }) => {
        if (isDown) throw new Failure('redis-unreachable', 'gone for a moment', { retry: 'backoff' });
        taken.push(fingerprint);
      },
      onKept: (count) => kept.push(count),
      onTaken: () => undefined,
    });
    const [first, second] = [kill(cluster, 1), kill(cluster, 2)];
    await dead.bury({ schema: 99 }, 'from the future');
    await dead.bury({ schema: 1, kill: first }, 'unknown field');

    await expect(round()).rejects.toThrow('gone for a moment');
    isDown = false;
    await round();
    await round();
    await dead.bury({ schema: 1, kill: second }, 'an older worker took it');
    await round();

    expect(taken).toEqual([first.fingerprint, second.fingerprint]);
    expect(kept).toEqual([2, 2, 1, 1, 2, 1]);
  });

  test('wait longer after each attempt, up to a minute and a quarter', () => {
    const waits = [1, 2, 3, 10, 1_000_000].map((attempts) => [killBackoffMs(attempts, 0), killBackoffMs(attempts, 1)]);

    expect(waits).toEqual([
      [375, 625],
      [750, 1_250],
      [1_500, 2_500],
      [45_000, 75_000],
      [45_000, 75_000],
    ]);
  });

  test('of a worker that has gone are taken by another one', async () => {
    const cluster = bench.cluster();
    const fast = { ...usual(), cluster, lockDuration: 2_000, stalledInterval: 100 };
    const queue = closing(createKillQueue({ redis: producer, cluster }));
    const stuck = Promise.withResolvers<void>();
    const gone = connectRedis(bench.url(), { role: 'worker', onError: ignore });
    let taken = 0;
    const first = runKillWorker({
      ...fast,
      redis: gone,
      handle: () => {
        taken += 1;
        return stuck.promise;
      },
    });
    await queue.add(kill(cluster, 1), 5_000);
    await eventually(() => expect(taken).toBe(1));
    await first.close(1);
    gone.disconnect();

    closing(runKillWorker({ ...fast, handle: async () => void (taken += 1) }));

    await eventually(() => expect(taken).toBe(2));
    await eventually(async () => expect(await jobsLeft('kills', cluster)).toBe(0));
    stuck.resolve();
  });
});

describe('hints', () => {
  const makeHints = (cluster: string) =>
    closing(createHints({ redis: producer, cluster, deadlineMs: 60_000, onLost: ignore }));

  test('to advance reach the cluster’s worker, and only that one', async () => {
    const [here, there] = [bench.cluster(), bench.cluster()];
    const advanced: string[] = [];
    const elsewhere: string[] = [];
    closing(runIncidentWorker({ ...usual(), cluster: here, handle: async (id) => void advanced.push(id) }));
    closing(runIncidentWorker({ ...usual(), cluster: there, handle: async (id) => void elsewhere.push(id) }));

    await makeHints(here).advance('INC-1');

    await eventually(() => expect(advanced).toEqual(['INC-1']));
    expect(elsewhere).toEqual([]);
  });

  test('to show reach the one bot with the name of their cluster', async () => {
    // All clusters of a Redis share the bot's queue: on a shared one other tests would take these jobs.
    const server = await startRedis({ own: true, log: ignore });
    const redis = connectRedis(server.url, { role: 'worker', onError: ignore });
    const shown: string[] = [];
    const worker = runSlackWorker({
      ...usual(),
      redis,
      handle: async (cluster, id) => void shown.push(`${cluster} ${id}`),
    });
    const hints = ['east', 'west'].map((cluster) =>
      createHints({ redis, cluster, deadlineMs: 60_000, onLost: ignore }),
    );

    for (const { show } of hints) await show('INC-1');

    await eventually(() => expect(shown.toSorted()).toEqual(['east INC-1', 'west INC-1']));
    await Promise.all([worker.close(), ...hints.map((one) => one.close())]);
    await closeRedis(redis);
    await server.stop();
  });

  test('that wait for the same incident are one', async () => {
    const cluster = bench.cluster();
    const hints = makeHints(cluster);
    for (let n = 0; n < 10; n += 1) await hints.advance('INC-1');
    await hints.advance('INC-2');

    const advanced: string[] = [];
    closing(runIncidentWorker({ ...usual(), cluster, handle: async (id) => void advanced.push(id) }));

    await eventually(() => expect(advanced).toHaveLength(2));
    await eventually(async () => expect(await jobsLeft('incidents', cluster)).toBe(0));
    expect(advanced.toSorted()).toEqual(['INC-1', 'INC-2']);
  });

  test.each([
    ['done', false],
    ['failed', true],
  ])('that come while their incident is looked at are followed after that is %s', async (_, fails) => {
    const cluster = bench.cluster();
    const hints = makeHints(cluster);
    const first = Promise.withResolvers<void>();
    let looks = 0;
    closing(
      runIncidentWorker({
        ...usual(),
        cluster,
        handle: async () => {
          looks += 1;
          if (looks === 1) await first.promise;
        },
      }),
    );
    await hints.advance('INC-1');
    await eventually(() => expect(looks).toBe(1));

    await hints.advance('INC-1');
    await hints.advance('INC-1');
    if (fails) first.reject(new Failure('chat-unreachable', 'away', { retry: 'backoff' }));
    else first.resolve();

    await eventually(() => expect(looks).toBe(2));
    await eventually(async () => expect(await jobsLeft('incidents', cluster)).toBe(0));
    await hints.advance('INC-1');
    await eventually(() => expect(looks).toBe(3));
  });

  test('of a worker that has gone are followed by another one, and so are later ones', async () => {
    const cluster = bench.cluster();
    const fast = { ...usual(), cluster, lockDuration: 2_000, stalledInterval: 100 };
    const hints = makeHints(cluster);
    const gone = connectRedis(bench.url(), { role: 'worker', onError: ignore });
    const stuck = Promise.withResolvers<void>();
    let looks = 0;
    const look = () => (looks += 1);
    const first = runIncidentWorker({
      ...fast,
      redis: gone,
      handle: () => {
        look();
        return stuck.promise;
      },
    });
    await hints.advance('INC-1');
    await eventually(() => expect(looks).toBe(1));
    await first.close(1);
    gone.disconnect();

    closing(runIncidentWorker({ ...fast, handle: async () => void look() }));
    await eventually(() => expect(looks).toBe(2));
    await eventually(async () => expect(await jobsLeft('incidents', cluster)).toBe(0));
    await hints.advance('INC-1');

    await eventually(() => expect(looks).toBe(3));
    stuck.resolve();
  });

  test('of a newer version are followed, whatever else they say', async () => {
    const cluster = bench.cluster();
    const queue = new Queue('incidents', { connection: producer, prefix: queuePrefix('incidents', cluster) });
    closing(queue);
    const handled: string[] = [];
    await queue.add('incidents', { incident: 'INC-1', because: 'a full moon' });

    closing(runIncidentWorker({ ...usual(), cluster, handle: async (id) => void handled.push(id) }));

    await eventually(() => expect(handled).toEqual(['INC-1']));
  });

  test('that cannot be read are told of and dropped', async () => {
    const cluster = bench.cluster();
    const queue = new Queue('incidents', { connection: producer, prefix: queuePrefix('incidents', cluster) });
    closing(queue);
    const failures: string[] = [];
    await queue.add('incidents', { nothing: true }, { removeOnFail: true });

    closing(
      runIncidentWorker({
        ...usual(),
        cluster,
        onError: ({ message }) => failures.push(message),
        handle: async () => undefined,
      }),
    );

    await eventually(() => expect(failures).toEqual([expect.stringContaining('cannot be read')]));
    await eventually(async () => expect(await jobsLeft('incidents', cluster)).toBe(0));
  });

  test('tell when the worker last did something', async () => {
    const cluster = bench.cluster();
    const worker = closing(runIncidentWorker({ ...usual(), cluster, handle: async () => undefined }));
    const before = worker.lastActivityAt();
    await eventually(() => expect(Date.now()).toBeGreaterThan(before));

    await makeHints(cluster).advance('INC-1');

    await eventually(() => expect(worker.lastActivityAt()).toBeGreaterThan(before));
  });
});
