import { afterEach, describe, expect, test } from 'vitest';
import { closeRedis, connectRedis, redisReady } from '../../../src/adapters/redis/connection.ts';
import type { RedisRole } from '../../../src/adapters/redis/connection.ts';
import { runIncidentWorker, createHints } from '../../../src/adapters/redis/queues/hints.ts';
import { createKillQueue } from '../../../src/adapters/redis/queues/kills.ts';
import { createQuestions } from '../../../src/adapters/redis/queues/questions.ts';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import { ignore, kill } from './fixtures.ts';
import { eventually } from '../../eventually.ts';

const usual = { concurrency: 5, onError: ignore };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of open.splice(0).toReversed()) await end();
});

/** A server of the test's own, which can go away and come back at the same address, and connections to it. */
async function ownServer() {
  const start = async (port?: number) => {
    const server = await startRedis({ own: true, log: ignore, ...(port === undefined ? {} : { port }) });
    open.push(() => server.stop());
    return server;
  };
  const server = await start();
  return {
    connect: (role: RedisRole) => {
      const redis = connectRedis(server.url, { role, onError: ignore });
      open.push(() => closeRedis(redis));
      return redis;
    },
    stop: () => server.stop(),
    comeBack: async () => void (await start(Number(new URL(server.url).port))),
  };
}

describe('adding while Redis is away', () => {
  test('fails before its deadline is long over, and works again afterwards', async () => {
    const server = await ownServer();
    const redis = server.connect('producer');
    const queue = createKillQueue({ redis, cluster: 'c' });
    await redisReady(redis, 60_000);
    await queue.add(kill('c', 1), 5_000);
    await server.stop();

    const away = queue.add(kill('c', 2), 300);
    await expect(away).rejects.toMatchObject({ code: 'queue-unreachable', retry: 'backoff' });
    await server.comeBack();
    await redisReady(redis, 60_000);
    await queue.add(kill('c', 3), 5_000);

    expect(await redis.llen('{oomkeeper:c}:kills:wait')).toBe(1);
    await queue.close();
  });

  test('fails too when Redis was never there, and nothing is sent after the deadline', async () => {
    const server = await ownServer();
    await server.stop();
    const redis = server.connect('producer');
    const queue = createKillQueue({ redis, cluster: 'c' });

    const away = [queue.add(kill('c', 1), 100), queue.add(kill('c', 2), 100)];
    await Promise.all(away.map((one) => expect(one).rejects.toMatchObject({ code: 'queue-unreachable' })));
    await server.comeBack();
    await redisReady(redis, 60_000);
    await queue.add(kill('c', 3), 5_000);

    expect(await redis.llen('{oomkeeper:c}:kills:wait')).toBe(1);
    await queue.close();
  });

  test('does not keep a worker from closing', async () => {
    const server = await ownServer();
    const redis = server.connect('worker');
    const worker = runIncidentWorker({ ...usual, redis, cluster: 'c', handle: async () => undefined });
    await eventually(async () => expect(await worker.waiting()).toBe(0));
    await server.stop();

    const waiting = worker.waiting();
    const closed = worker.close(500);

    await expect(waiting).rejects.toMatchObject({ code: 'redis-unreachable' });
    await expect(closed).resolves.toBeUndefined();
  });

  test('loses a hint without a word to its caller and with a word to the log', async () => {
    const server = await ownServer();
    await server.stop();
    const redis = server.connect('producer');
    const lost: string[] = [];
    const hints = createHints({
      redis,
      cluster: 'c',
      deadlineMs: 100,
      onLost: ({ hint, incident, failure }) => lost.push(`${hint} ${incident} ${failure.code}`),
    });

    await Promise.all([hints.advance('INC-1'), hints.show('INC-2')]);

    expect(lost.toSorted()).toEqual(['advance INC-1 queue-unreachable', 'show INC-2 queue-unreachable']);
    await hints.close();
  });
});

test('while Redis is away the asker is told so within the time', async () => {
  const server = await ownServer();
  const redis = server.connect('store');
  const own = server.connect('producer');
  await redisReady(own, 60_000);
  const questions = createQuestions({ redis, producer: own, cluster: 'c' });
  await server.stop();

  const reply = await questions.ask({ ask: 'status' }, 2_000);

  expect(reply).toMatchObject({ is: 'no-answer', why: 'no-redis', sentence: expect.stringContaining('try again') });
  await questions.close();
});
