import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { closeRedis, connectRedis } from '../../src/adapters/redis/connection.ts';
import { clusterKeys } from '../../src/adapters/redis/keys.ts';
import { createKillQueue, runKillWorker } from '../../src/adapters/redis/queues/kills.ts';
import { queuePrefix } from '../../src/adapters/redis/queues/queue.ts';
import { createStore } from '../../src/adapters/redis/store/store.ts';
import { asideMs, mostCrashes, notJudged } from '../../src/core/incident/set-aside.ts';
import { admitKill } from '../../src/flow/admit.ts';
import { judgeAgain } from '../../src/flow/judge-again.ts';
import { advance } from '../../src/flow/advance.ts';
import { sweep } from '../../src/flow/sweep.ts';
import { eventually } from '../eventually.ts';
import { minute, sam, useWorlds, type WorkerWorld } from '../flow/worker/worker-world.ts';

const worlds = useWorlds();
const dyingWorker = fileURLToPath(new URL('inside/dying-worker.ts', import.meta.url));

/** What `kill -9` leaves behind of a worker that has begun with these incidents. */
async function endedInTheMiddle(world: WorkerWorld, incidents: readonly string[], alone = true): Promise<void> {
  const keys = clusterKeys(world.name);
  for (const id of incidents) {
    await world.store.take(id, { forMs: 60_000, alone });
    await world.redis.del(keys.of(id).lease);
  }
}

async function setAside(world: WorkerWorld): Promise<string> {
  const id = await world.killed();
  for (let ends = 0; ends < mostCrashes; ends += 1) await endedInTheMiddle(world, [id]);
  await sweep(world.needs);
  return id;
}

describe('an incident that ends each worker that works on it', () => {
  it('is set aside after three ends in a row, says so in its thread, and is counted', async () => {
    const world = await worlds.open();
    const other = await world.killed({ workload: 'other' });
    const id = await world.killed();
    const counted: string[] = [];
    for (let ends = 0; ends < mostCrashes; ends += 1) await endedInTheMiddle(world, [id]);

    await sweep({ ...world.needs, onSetAside: () => counted.push(id) });

    const [said, ...more] = (await world.entries(id)).filter(({ text }) => text.startsWith('Set aside'));
    expect(said?.text).toContain('three times in a row the worker was killed or ran out of memory');
    expect(said?.broadcast).toBe(true);
    expect(more).toEqual([]);
    expect(counted).toEqual([id]);
    expect((await world.incident(id)).explained).toBeNull();
    expect((await world.incident(other)).explained).not.toBeNull();
    expect(await world.postings.due(10)).toContain(id);
  });

  it('is left alone by hints, by sweeps and by new kills, which are counted, for a day', async () => {
    const world = await worlds.open();
    const id = await setAside(world);

    await world.killed({ fingerprint: 'a later kill' });
    const hinted = await advance(id, world.needs);
    await sweep(world.needs);

    expect(hinted).toBe('set-aside');
    expect((await world.load(id)).tally.count).toBe(2);
    expect((await world.incident(id)).explained).toBeNull();
    expect((await world.dueAt(id)) ?? 0).toBeGreaterThan((await world.now()) + asideMs - 60_000);
    expect(await world.store.due(10)).toEqual([]);
  });

  it('is taken up again when somebody presses a button, who gets an answer', async () => {
    const world = await worlds.open();
    const id = await setAside(world);

    await world.ask(id, 'acknowledge', sam);
    await sweep(world.needs);

    expect((await world.incident(id)).acknowledged?.by).toBe(sam);
    expect((await world.incident(id)).explained).not.toBeNull();
    expect(await advance(id, world.needs)).toBe('advanced');
  });

  it('is set aside again at once where that ends a worker again, and tried once more after a day', async () => {
    const world = await worlds.open();
    const id = await setAside(world);
    await world.ask(id, 'acknowledge', sam);
    await endedInTheMiddle(world, [id]);
    await sweep(world.needs);
    const again = (await world.thread(id)).filter((text) => text.startsWith('Set aside'));

    const { incident } = clusterKeys(world.name).of(id);
    await world.redis.hset(incident, 'asideUntil', (await world.now()) - 1);
    const later = await advance(id, world.needs, true);

    expect(again).toHaveLength(2);
    expect(later).toBe('advanced');
    expect(await world.redis.hmget(incident, 'advancing', 'crashes', 'asideUntil')).toEqual([null, null, null]);
  });
});

describe('an incident that a worker worked on when it ended', () => {
  it('is not set aside by lost nodes and updates, however many, while it can be advanced between them', async () => {
    const world = await worlds.open();
    const ids: string[] = [];
    for (let n = 0; n < 15; n += 1) ids.push(await world.killed({ workload: `shop-${n}` }));

    for (let lost = 0; lost < 4; lost += 1) {
      await endedInTheMiddle(world, ids, false);
      // Five at a time, as many sweeps as that takes.
      await eventually(async () => {
        await sweep(world.needs);
        expect(await world.store.due(100)).toEqual([]);
      });
      for (const id of ids) await world.redis.zadd(clusterKeys(world.name).due, 0, id);
    }

    for (const id of ids) {
      expect((await world.incident(id)).explained).not.toBeNull();
      expect((await world.thread(id)).filter((text) => text.startsWith('Set aside'))).toEqual([]);
    }
  });

  it('has no end against it where a step only threw', async () => {
    const world = await worlds.open();
    const id = await world.killed();
    const findings = (): Promise<never> => Promise.reject(new Error('no answer'));
    for (let tries = 0; tries < 5; tries += 1) {
      await world.redis.zadd(clusterKeys(world.name).due, 0, id);
      await sweep({ ...world.needs, reader: { ...world.needs.reader, findings } });
    }

    expect(await advance(id, world.needs)).toBe('advanced');
  });

  it('has no end against it where its worker was told to stop, and did not wait for it', async () => {
    const world = await worlds.open();
    const id = await world.killed();
    const stopping = new AbortController();
    const leaving = createStore({ redis: world.redis, cluster: world.name, stopping: stopping.signal });
    await leaving.take(id, { forMs: 60_000, alone: false });

    stopping.abort();

    const { incident, lease } = clusterKeys(world.name).of(id);
    await eventually(async () => expect(await world.redis.hget(incident, 'advancing')).toBeNull());
    await world.redis.del(lease);
    expect(await advance(id, world.needs)).toBe('advanced');
  });
});

it('real workers that one incident kills set aside that one and finish all others', { timeout: 240_000 }, async () => {
  const world = await worlds.open();
  const poison = await world.killed({ workload: 'poison' });
  const others: string[] = [];
  for (let n = 0; n < 6; n += 1) others.push(await world.killed({ workload: `shop-${n}` }));
  const ends: string[] = [];

  while (ends.filter((end) => end === 'SIGKILL').length < 4 && ends.at(-1) !== 'set aside') {
    ends.push(await runDyingWorker(world));
    for (const id of [poison, ...others]) await world.redis.del(clusterKeys(world.name).of(id).lease);
  }

  expect(ends).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', 'set aside']);
  expect((await world.thread(poison)).filter((text) => text.startsWith('Set aside'))).toHaveLength(1);
  await sweep(world.needs);
  await sweep(world.needs);
  for (const id of others) {
    expect((await world.incident(id)).explained).not.toBeNull();
    expect(await world.thread(id)).not.toContainEqual(expect.stringContaining('Set aside'));
  }
});

async function runDyingWorker(world: WorkerWorld): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [dyingWorker, world.redisUrl, world.name], {
      timeout: 60_000,
    });
    return stdout.trim();
  } catch (error) {
    if (error instanceof Error && 'signal' in error && typeof error.signal === 'string') return error.signal;
    throw error;
  }
}

describe('a suspect kill that ends each worker that judges it', () => {
  it('is kept undecided by name after three ends, and its evidence is not looked at again', async () => {
    const world = await worlds.open();
    const kill = { ...(await world.kill({ suspect: true })), seenAt: (await world.now()) - 5 * minute };
    const findings = (): Promise<never> => Promise.reject(new Error('that would end it'));
    const needs = { ...world.needs, reader: { ...world.needs.reader, findings } };

    const admitted = await admitKill(kill, needs, mostCrashes);
    const again = await judgeAgain(needs, new Map());

    expect(admitted).toEqual({ is: 'suspect', unread: false });
    expect(again).toBe(0);
    expect((await world.store.suspects()).map((one) => [one.kill.fingerprint, one.why])).toEqual([
      [kill.fingerprint, notJudged],
    ]);
  });

  it('comes with the number of workers that ended with it', async () => {
    const world = await worlds.open();
    const roles = ['producer', 'worker'] as const;
    const [producer, consumer] = roles.map((role) => connectRedis(world.redisUrl, { role, onError: () => undefined }));
    if (!producer || !consumer) throw new Error('no connection');
    const queue = createKillQueue({ redis: producer, cluster: world.name });
    const ended: number[] = [];
    await queue.add(await world.kill({ suspect: true }), 5_000);
    const [job = ''] = await world.redis.lrange(`${queuePrefix('kills', world.name)}:kills:wait`, 0, -1);
    await world.redis.hset(`${queuePrefix('kills', world.name)}:kills:${job}`, 'stc', 3);

    const worker = runKillWorker({
      redis: consumer,
      cluster: world.name,
      concurrency: 1,
      onError: () => undefined,
      handle: async (_, ends) => void ended.push(ends),
    });

    await eventually(() => expect(ended).toEqual([3]));
    await worker.close();
    await queue.close();
    await Promise.all([closeRedis(producer), closeRedis(consumer)]);
  });
});
