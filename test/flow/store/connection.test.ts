import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisWarnings } from '../../../src/adapters/redis/redis-warnings.ts';
import { closeRedis, connectRedis, redisNow, redisReady } from '../../../src/adapters/redis/connection.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import type { Failure } from '../../../src/core/failure.ts';
import { startRedis, type RunningRedis } from '../../../scripts/redis/redis.mjs';
import { ignore, kill } from './fixtures.ts';

const start = () => startRedis({ own: true, log: ignore });

describe('what is asked of a Redis', () => {
  let server: RunningRedis;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  async function withConfig<T>(
    commands: readonly (readonly [string, ...string[]])[],
    work: () => Promise<T>,
  ): Promise<T> {
    const admin = connectRedis(server.url, { role: 'store', onError: ignore });
    try {
      for (const [command, ...args] of commands) await admin.call(command, ...args);
      return await work();
    } finally {
      await admin.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await admin.call('CONFIG', 'SET', 'appendonly', 'no');
      await admin.call('CONFIG', 'SET', 'save', '');
      await closeRedis(admin);
    }
  }

  async function check(url = server.url) {
    const redis = connectRedis(url, { role: 'store', onError: ignore });
    try {
      return await redisWarnings(redis);
    } finally {
      await closeRedis(redis);
    }
  }

  test.each(['allkeys-lru', 'volatile-ttl'])(
    'a server that evicts by %s is refused with what to do',
    async (policy) => {
      const checking = withConfig([['CONFIG', 'SET', 'maxmemory-policy', policy]], () => check());

      await expect(checking).rejects.toMatchObject({ code: 'redis-evicts', message: expect.stringContaining(policy) });
    },
  );

  test('a server that writes nothing to disk is a warning, and so is one that only takes snapshots', async () => {
    const nothing = await check();
    const snapshots = await withConfig([['CONFIG', 'SET', 'save', '3600 1']], () => check());

    expect(nothing.map(({ code }) => code)).toEqual(['nothing-on-disk']);
    expect(snapshots.map(({ code }) => code)).toEqual(['no-append-only-file']);
  });

  test('a server with an append-only file is fine', async () => {
    const warnings = await withConfig([['CONFIG', 'SET', 'appendonly', 'yes']], () => check());

    expect(warnings).toEqual([]);
  });

  test('a server that forbids CONFIG is a warning, and still refused when it evicts', async () => {
    const restricted = server.url.replace('redis://', 'redis://hosted:secret@');
    const user = ['ACL', 'SETUSER', 'hosted', 'on', '>secret', '~*', '&*', '+@all', '-config'] as const;

    const warnings = await withConfig([user], () => check(restricted));
    const evicting = withConfig([['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu']], () => check(restricted));

    expect(warnings.map(({ code }) => code)).toEqual(['config-forbidden', 'no-append-only-file']);
    await expect(evicting).rejects.toMatchObject({ code: 'redis-evicts' });
  });

  test('a wrong password is said so, without the password, and does not come right by itself', async () => {
    const failures: Failure[] = [];
    const redis = connectRedis(server.url.replace('redis://', 'redis://nobody:hunter2@'), {
      role: 'store',
      onError: (failure) => failures.push(failure),
    });

    const checking = redisWarnings(redis);

    await expect(checking).rejects.toMatchObject({ code: 'redis-refused', retry: 'never' });
    await closeRedis(redis);
    expect(failures.length).toBeGreaterThan(0);
    expect(inspect(failures, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });
});

describe('a connection', () => {
  test('with a URL that is none says what one looks like', () => {
    expect(() => connectRedis('localhost:6379', { role: 'store', onError: ignore })).toThrow(
      expect.objectContaining({ code: 'bad-redis-url', message: expect.stringContaining('redis://') }),
    );
  });

  test('that never stands fails after its deadline and at every use', async () => {
    const server = await start();
    await server.stop();
    const failures: string[] = [];
    const redis = connectRedis(server.url, { role: 'store', onError: ({ code }) => failures.push(code) });

    const ready = redisReady(redis, 100);
    const used = createStore({ redis, cluster: 'c' }).admit(kill('c', 1), 'act');

    await expect(ready).rejects.toMatchObject({ code: 'redis-unreachable', retry: 'backoff' });
    await expect(used).rejects.toMatchObject({ code: 'redis-unreachable', retry: 'backoff' });
    expect(failures).toContain('redis-unreachable');
    await closeRedis(redis);
  });

  test('works again after the server was restarted, scripts and all', async () => {
    const first = await start();
    const redis = connectRedis(first.url, { role: 'store', onError: ignore });
    const store = createStore({ redis, cluster: 'c' });
    await store.admit(kill('c', 1), 'act');
    await first.stop();

    const second = await startRedis({ own: true, log: ignore, port: Number(new URL(first.url).port) });
    await redisReady(redis, 60_000);
    const admission = await store.admit(kill('c', 1), 'act');

    expect(admission.is).toBe('opened');
    expect(await redisNow(redis)).toBeGreaterThan(Date.parse('2026-01-01'));
    await closeRedis(redis);
    await second.stop();
  });
});
