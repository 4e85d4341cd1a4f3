import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import { closedPort, notWell, visit } from './doctor-visit.ts';

/* What `oomkeeper doctor redis` says of Redis servers that are not as they should be. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-doctor-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function withRedis(
  options: { readonly appendonly: boolean },
  change: (client: Redis) => Promise<unknown>,
  url: (url: string) => string = (same) => same,
) {
  const other = await startRedis({
    own: true,
    ...options,
    dir: await mkdtemp(join(folder, 'redis-')),
    log: () => undefined,
  });
  const client = new Redis(other.url);
  try {
    await change(client);
    return await visit(['redis'], { REDIS_URL: url(other.url) });
  } finally {
    client.disconnect();
    await other.stop();
  }
}
const asUser = (password: string) => (url: string) => url.replace('redis://', `redis://oomkeeper:${password}@`);
const user =
  (...rules: string[]) =>
  (client: Redis) =>
    client.acl('SETUSER', 'oomkeeper', 'on', '>hunter2', '~*', '&*', ...rules);

test('one that throws data away is a problem', async () => {
  const { of } = await withRedis({ appendonly: true }, (client) =>
    client.config('SET', 'maxmemory-policy', 'allkeys-lru'),
  );

  expect(of('policy and persistence')).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('allkeys-lru'),
  });
});

test('one that writes nothing to disk is a warning', async () => {
  const { of } = await withRedis({ appendonly: false }, async () => undefined);

  expect(of('policy and persistence')).toMatchObject({
    state: 'warning',
    text: expect.stringContaining('writes nothing to disk'),
  });
});

test('one that forbids a look at its configuration is a warning', async () => {
  const { of } = await withRedis({ appendonly: true }, user('+@all', '-config'), asUser('hunter2'));

  expect(of('policy and persistence')).toMatchObject({
    state: 'warning',
    text: expect.stringContaining('CONFIG is forbidden'),
  });
});

test('the rights of deploy/ are enough for the visit', async () => {
  const rules = ['+@all', '-@dangerous', '+info', '+config|get'];
  const { findings } = await withRedis({ appendonly: true }, user(...rules), asUser('hunter2'));

  expect(notWell(findings)).toEqual([]);
});

test('a wrong password is a problem that names the variable, not the password', async () => {
  const { of, findings } = await withRedis({ appendonly: true }, user('+@all'), asUser('hunter2-wrong'));

  expect(of('reachable')).toMatchObject({ state: 'problem', text: expect.stringMatching(/REDIS_URL/) });
  expect(findings).toHaveLength(1);
});

test('one that is away is a problem, and the others are looked at all the same', async () => {
  const { of, findings } = await visit(['redis', 'slack'], {
    REDIS_URL: `redis://me:hunter2@127.0.0.1:${await closedPort()}`,
  });

  expect(of('reachable')).toMatchObject({ state: 'problem', text: expect.stringMatching(/ECONNREFUSED/) });
  expect(of('bot token')?.state).toBe('skipped');
  expect(findings).toHaveLength(2);
});
