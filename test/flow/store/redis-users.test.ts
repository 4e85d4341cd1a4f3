import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type RunningRedis } from '../../../scripts/redis/redis.mjs';
import { redisWarnings } from '../../../src/adapters/redis/redis-warnings.ts';
import { createCheckpoints } from '../../../src/adapters/redis/store/checkpoint.ts';
import { listClusters, registerCluster } from '../../../src/adapters/redis/store/clusters.ts';
import { closeRedis, connectRedis, redisReady, type RedisRole } from '../../../src/adapters/redis/connection.ts';
import { runIncidentWorker, runSlackWorker, createHints } from '../../../src/adapters/redis/queues/hints.ts';
import { createIgnored } from '../../../src/adapters/redis/store/ignored.ts';
import { createKillQueue, runKillWorker } from '../../../src/adapters/redis/queues/kills.ts';
import { createPostings } from '../../../src/adapters/redis/slack/postings.ts';
import { runQuestionWorker, createQuestions } from '../../../src/adapters/redis/queues/questions.ts';
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts';
import { keepNamespaces, knownNamespaces } from '../../../src/adapters/redis/store/namespaces.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { ignoredOf } from '../../../src/core/kill/ignored.ts';
import type { WorkerAnswer } from '../../../src/core/talk/question.ts';
import { idOf, ignore, kill, request } from './fixtures.ts';

/*
 * The users of docs/security.md, as they stand there: each process can do its work, and the watcher can decide nothing.
 */
const cluster = 'prod';
const page = join(import.meta.dirname, '../../../docs/security.md');

let server: RunningRedis;
let open: RedisClient[] = [];

beforeAll(async () => {
  server = await startRedis({ own: true, log: ignore });
  const admin = new Redis(server.url);
  const lines = (await readFile(page, 'utf8')).split('\n').filter((line) => line.startsWith('ACL SETUSER '));
  for (const line of lines) {
    const [, , ...words] = line.split(' ');
    await admin.call('ACL', ['SETUSER', ...words]);
  }
  await admin.quit();
});

afterAll(async () => {
  await Promise.all(open.map(closeRedis));
  open = [];
  await server.stop();
});

async function connectAs(name: string, role: RedisRole): Promise<RedisClient> {
  const url = new URL(server.url);
  url.username = name;
  url.password = 'PASSWORD';
  const redis = connectRedis(url.href, { role, onError: ignore });
  open.push(redis);
  await redisReady(redis, 60_000);
  return redis;
}

test('each process can do its work with its own user', async () => {
  const watcher = await connectAs('oomkeeper-watcher', 'producer');
  const worker = await connectAs('oomkeeper-worker', 'store');
  const bot = await connectAs('oomkeeper-bot', 'store');
  const store = createStore({ redis: worker, cluster });
  const lost: string[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  const shown = Promise.withResolvers<string>();
  const advanced = Promise.withResolvers<string>();
  const admitted = Promise.withResolvers<string>();
  const usual = { concurrency: 1, onError: (failure: Error) => void lost.push(failure.message) };

  for (const redis of [watcher, worker, bot]) await redisWarnings(redis);
  await registerCluster(worker, cluster);
  await createCheckpoints({ redis: watcher, cluster }).write('pods', { resourceVersion: '1', at: 1 });
  const ignored = ignoredOf(kill(cluster, 2), 'deleted');
  await createIgnored({ redis: watcher, cluster }).keep(ignored);
  const queue = createKillQueue({ redis: watcher, cluster });
  closers.push(queue.close);
  await queue.add(kill(cluster, 1), 5_000);
  const kills = runKillWorker({
    ...usual,
    redis: await connectAs('oomkeeper-worker', 'worker'),
    cluster,
    handle: async (one) => {
      if (one.kind !== 'ahead') admitted.resolve(idOf(await store.admit(one, 'act')));
    },
  });
  closers.push(kills.close);
  const id = await admitted.promise;
  for (const user of ['oomkeeper-worker', 'oomkeeper-bot']) {
    const redis = await connectAs(user, 'producer');
    const onLost = ({ failure }: { readonly failure: Error }): void => void lost.push(failure.message);
    const hints = createHints({ redis, cluster, deadlineMs: 60_000, onLost });
    closers.push(hints.close);
    if (user === 'oomkeeper-worker') await hints.show(id);
    else await hints.advance(id);
  }
  const incidents = runIncidentWorker({
    ...usual,
    redis: await connectAs('oomkeeper-worker', 'worker'),
    cluster,
    handle: async (incident) => advanced.resolve(incident),
  });
  const slack = runSlackWorker({
    ...usual,
    redis: await connectAs('oomkeeper-bot', 'worker'),
    handle: async (_, incident) => shown.resolve(incident),
  });
  closers.push(incidents.close, slack.close);

  expect([await advanced.promise, await shown.promise]).toEqual([id, id]);
  expect(await createStore({ redis: bot, cluster }).ignored()).toEqual([ignored]);
  expect(await listClusters(bot)).toEqual([cluster]);
  await keepNamespaces(worker, cluster, ['empty']);
  expect(await knownNamespaces(bot, cluster)).toEqual(['empty', 'shop']);
  expect(await store.childRuns.numberOf('c1', 'f1')).toBe(1);
  await store.childRuns.keepCounted('c1', { last: 1, total: 1 });
  expect(await store.childRuns.counted(['c1'])).toEqual([{ last: 1, total: 1 }]);
  expect(await createPostings({ redis: bot, cluster }).due(5)).toEqual([id]);
  expect(await createStore({ redis: bot, cluster }).recordRequest(request(id, 'r1'))).toBe('recorded');
  expect((await store.load(id))?.requests).toHaveLength(1);
  for (const close of closers.toReversed()) await close();
  expect(lost).toEqual([]);
});

test('the bot asks and the worker answers, each with its own user', async () => {
  const answer: WorkerAnswer = { to: 'log', is: 'missing', reason: 'it is gone' };
  const lost: string[] = [];
  const questions = createQuestions({
    redis: await connectAs('oomkeeper-bot', 'store'),
    producer: await connectAs('oomkeeper-bot', 'producer'),
    cluster,
  });
  const worker = runQuestionWorker({
    redis: await connectAs('oomkeeper-worker', 'worker'),
    store: await connectAs('oomkeeper-worker', 'store'),
    cluster,
    version: '1.0.0',
    concurrency: 1,
    onError: (failure) => void lost.push(failure.message),
    answer: async () => answer,
  });

  const reply = await questions.ask({ ask: 'log', incident: 'INC-1' });

  await worker.close();
  await questions.close();
  expect(reply).toEqual({ is: 'answered', answer });
  expect(lost).toEqual([]);
});

test('the watcher can neither read nor change an incident', async () => {
  const watcher = await connectAs('oomkeeper-watcher', 'store');
  const store = createStore({ redis: watcher, cluster });

  await expect(store.open(5)).rejects.toMatchObject({ code: 'redis-refused' });
  await expect(store.recordRequest(request('INC-0000', 'r2'))).rejects.toMatchObject({ code: 'redis-refused' });
});

test('a worker cannot touch the incidents of another cluster', async () => {
  const worker = await connectAs('oomkeeper-worker', 'store');

  await expect(createStore({ redis: worker, cluster: 'other' }).load('INC-0000')).rejects.toMatchObject({
    code: 'redis-refused',
  });
});
