import { Queue } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeRedis, connectRedis, redisReady } from '../../../src/adapters/redis/connection.ts';
import { clusterKeys, clusterTag } from '../../../src/adapters/redis/keys.ts';
import {
  runQuestionWorker,
  createQuestions,
  questionJobSchema,
  type Questions,
} from '../../../src/adapters/redis/queues/questions.ts';
import { runQueueWorker, queuePrefix } from '../../../src/adapters/redis/queues/queue.ts';
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts';
import type { WorkerAnswer } from '../../../src/core/talk/question.ts';
import { ignore, keysBelow, useRedis } from './fixtures.ts';
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

function asker(cluster: string, bounds = { questions: 100 }): Questions {
  const questions = createQuestions({ redis: bench.redis(), producer, cluster, bounds });
  closers.push(questions.close);
  return questions;
}

function worker(cluster: string, answer: (question: unknown, leftMs: number) => Promise<WorkerAnswer>): unknown[] {
  const failures: unknown[] = [];
  const running = runQuestionWorker({
    redis: consumer,
    store: bench.redis(),
    cluster,
    version: '9.9.9',
    concurrency: 4,
    onError: (failure) => failures.push(failure),
    answer,
  });
  closers.push(() => running.close());
  return failures;
}

/** A worker of another version, whose answers are not of our types. */
function foreignWorker(cluster: string, answer: unknown): void {
  const running = runQueueWorker({
    redis: consumer,
    queue: 'questions',
    prefix: queuePrefix('questions', cluster),
    concurrency: 1,
    onError: ignore,
    process: async (data) => {
      const { id } = questionJobSchema.parse(data);
      await bench
        .redis()
        .set(clusterKeys(cluster).reply(id), JSON.stringify({ version: '9.9.9', answer }), 'PX', 60_000);
    },
  });
  closers.push(() => running.close());
}

const status: WorkerAnswer = {
  to: 'status',
  mode: 'act',
  startedAt: 1,
  paused: null,
  usage: 'none',
  namespaces: [],
  freezes: [],
};

async function keysOf(cluster: string): Promise<string[]> {
  return (await keysBelow(bench.redis(), clusterTag(cluster))).filter((key) => key.includes(':reply:'));
}

test('a question is answered by its own answer, many at a time, and leaves nothing behind', async () => {
  const cluster = bench.cluster();
  worker(cluster, async (question) => ({ ...status, usage: JSON.stringify(question) }));
  const questions = asker(cluster);

  const replies = await Promise.all([
    questions.ask({ ask: 'status' }),
    questions.ask({ ask: 'status' }),
    questions.ask({ ask: 'status' }),
  ]);

  const reply = { is: 'answered', answer: { ...status, usage: '{"ask":"status"}' } };
  expect(replies).toEqual([reply, reply, reply]);
  await eventually(async () => expect(await keysOf(cluster)).toEqual([]));
});

test('the worker knows how long the asker waits', async () => {
  const cluster = bench.cluster();
  const left: number[] = [];
  worker(cluster, async (_, leftMs) => {
    left.push(leftMs);
    return status;
  });

  await asker(cluster).ask({ ask: 'status' }, 40_000);

  expect(left[0]).toBeGreaterThan(20_000);
  expect(left[0]).toBeLessThanOrEqual(40_000);
});

test('where nobody answers the asker gets that sentence when the time is over', async () => {
  const cluster = bench.cluster();

  const reply = await asker(cluster).ask({ ask: 'status' }, 300);

  expect(reply).toMatchObject({ is: 'no-answer', why: 'nobody' });
});

test('a worker that comes too late drops the question, and the next one is answered', async () => {
  const cluster = bench.cluster();
  const questions = asker(cluster);
  await questions.ask({ ask: 'status' }, 100);
  const asked: unknown[] = [];

  worker(cluster, async (question) => {
    asked.push(question);
    return status;
  });

  expect(await questions.ask({ ask: 'status' })).toMatchObject({ is: 'answered' });
  expect(asked).toEqual([{ ask: 'status' }]);
});

test.each([
  [{ to: 'unknown-question' }, 'unknown-question', 'it runs version 9.9.9'],
  [{ to: 'horoscope', text: 'good' }, 'unknown-answer', 'it runs version 9.9.9'],
  [{ to: 'failed', reason: 'the API server is away' }, 'failed', 'the API server is away'],
])('a worker of another version is told apart (%o)', async (answer, why, words) => {
  const cluster = bench.cluster();
  foreignWorker(cluster, answer);

  const reply = await asker(cluster).ask({ ask: 'status' });

  expect(reply).toMatchObject({ is: 'no-answer', why, sentence: expect.stringContaining(words) });
});

test('a job that is no question at all is reported and stops nobody', async () => {
  const cluster = bench.cluster();
  const queue = new Queue('questions', { connection: producer, prefix: queuePrefix('questions', cluster) });
  closers.push(() => queue.close());
  await queue.add('questions', { what: 'ever' });

  const failures = worker(cluster, async () => status);

  expect(await asker(cluster).ask({ ask: 'status' })).toMatchObject({ is: 'answered' });
  await eventually(() => expect(failures).toHaveLength(1));
});

test('while no worker runs the queue does not grow for ever, and the asker need not wait', async () => {
  const cluster = bench.cluster();
  const questions = asker(cluster, { questions: 2 });
  await Promise.all([questions.ask({ ask: 'status' }, 2_000), questions.ask({ ask: 'status' }, 2_000)]);

  const reply = await questions.ask({ ask: 'status' }, 3_600_000);

  expect(reply).toMatchObject({ is: 'no-answer', why: 'too-many' });
});
