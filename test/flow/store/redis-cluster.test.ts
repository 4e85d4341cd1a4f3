import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { closeRedis, connectRedis, redisReady } from '../../../src/adapters/redis/connection.ts';
import { createDeadKills } from '../../../src/adapters/redis/dead-kills.ts';
import { runIncidentWorker } from '../../../src/adapters/redis/hint-workers.ts';
import { createHints } from '../../../src/adapters/redis/hints.ts';
import { createPostings } from '../../../src/adapters/redis/postings.ts';
import { createStore } from '../../../src/adapters/redis/store.ts';
import { createStorms } from '../../../src/adapters/redis/storms.ts';
import { stormMember } from '../../../src/core/incident/storm.ts';
import { aLoaded } from '../../unit/adapters/slack/loaded.ts';
import { locateRedis } from '../../../scripts/redis.mjs';
import { change, closing, entry, idOf, ignore, kill, request } from './fixtures.ts';

/*
 * A Redis Cluster of one node: it owns all slots, and still refuses a command or a script whose keys lie in more than
 * one (CROSSSLOT), which is what would go wrong on a large one.
 */
let redis: Redis;
let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  const source = await locateRedis({ own: true, log: ignore });
  if (source.kind !== 'program') throw new Error('a private server was asked for');
  const dir = await mkdtemp(join(tmpdir(), 'oomkeeper-redis-cluster-'));
  const port = await freePort();
  const server = spawn(
    source.command,
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--cluster-enabled', 'yes'],
    {
      stdio: 'ignore',
      env: { ...process.env, LC_ALL: 'C', ...(source.libraryPath ? { LD_LIBRARY_PATH: source.libraryPath } : {}) },
    },
  );
  url = `redis://127.0.0.1:${port}`;
  redis = connectRedis(url, { role: 'store', onError: ignore });
  stop = async () => {
    await closeRedis(redis);
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
    await rm(dir, { recursive: true, force: true });
  };
  await redisReady(redis, 10_000);
  await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await vi.waitUntil(async () => String(await redis.call('CLUSTER', 'INFO')).includes('cluster_state:ok'), 10_000);
});

afterAll(() => stop());

test('on Redis Cluster all that a commit touches lies in one slot', async () => {
  const cluster = 'prod-eu';
  const store = createStore({ redis, cluster });
  const postings = createPostings({ redis, cluster });
  const dead = createDeadKills({ redis, cluster });

  const id = idOf(await store.admit(kill(cluster, 1), 'act'));
  await store.admit(kill(cluster, 2), 'act');
  await store.recordRequest(request(id, 'R1'));
  await store.keepSuspect(kill(cluster, 3), 'why');
  await store.update(id, (loaded) => change(loaded, { entries: [entry('one')], decided: ['R1'] }));
  await postings.write(id, null, {
    state: 'claimed',
    attempt: 1,
    claimedAt: 1,
    channel: 'C1',
    ts: null,
    shownVersion: 0,
    shownKills: 0,
    shownEntry: '0',
    fold: null,
    moved: null,
  });
  const settled = await postings.settle(id);
  await store.postpone(id, 1);
  await dead.bury('what?', 'why');
  const closed = await store.update(id, closing);

  expect(settled).toBe(false);
  expect(closed?.tally.count).toBe(2);
  const slots = await Promise.all((await redis.keys('*')).map((key) => redis.call('CLUSTER', 'KEYSLOT', key)));
  expect(slots.length).toBeGreaterThan(8);
  expect(new Set(slots).size).toBe(1);
});

test('on Redis Cluster the queues work', async () => {
  const cluster = 'prod-eu';
  const producer = connectRedis(url, { role: 'producer', onError: ignore });
  const consumer = connectRedis(url, { role: 'worker', onError: ignore });
  const advanced: string[] = [];
  const hints = createHints({ redis: producer, cluster, onLost: ignore, deadlineMs: 5_000 });
  const worker = runIncidentWorker({
    redis: consumer,
    cluster,
    concurrency: 1,
    onError: ignore,
    handle: async (id) => void advanced.push(id),
  });

  await hints.advance('INC-1');

  await vi.waitFor(() => expect(advanced).toEqual(['INC-1']), 10_000);
  await hints.close();
  await worker.close();
  await Promise.all([closeRedis(producer), closeRedis(consumer)]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

test('on Redis Cluster all that a storm touches lies in one slot', async () => {
  const storms = createStorms({ redis });
  const storm = { id: 'STORM-1', channel: 'C1', openedAt: 1 };

  const opened = await storms.open(storm, null);
  const folded = await storms.fold(storm.id, stormMember(aLoaded(), null));
  await storms.postpone(storm.id, 1);
  const members = await storms.members(storm.id);

  expect([opened, folded, members.length]).toEqual([true, true, 1]);
  expect(await storms.settle(storm.id, 1)).toBe(true);
});
