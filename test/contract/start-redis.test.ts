import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { locateRedis, startRedis } from '../../scripts/redis/redis.mjs';
import { eventually } from '../eventually.ts';

const silent = { own: true, log: () => undefined };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-redis-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('a private Redis', () => {
  test('answers, evicts nothing, and leaves no file and no process', async () => {
    const redis = await startRedis({ ...silent, appendonly: true });
    const client = new Redis(redis.url);
    const policy = await client.config('GET', 'maxmemory-policy');
    await client.quit();

    await redis.stop();
    await redis.stop();

    expect(policy).toEqual(['maxmemory-policy', 'noeviction']);
    expect(isAlive(redis.pid)).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  test('started again over a given folder and port has what it was told before it was killed', async () => {
    const dir = join(folder, 'data');
    const first = await startRedis({ ...silent, dir, appendonly: true });
    const client = new Redis(first.url);
    await client.set('kept', 'yes');
    await client.quit();
    const port = Number(new URL(first.url).port);

    process.kill(first.pid ?? 0, 'SIGKILL');
    await first.stop();
    const second = await startRedis({ ...silent, dir, port, appendonly: true });
    const again = new Redis(second.url);
    const kept = await again.get('kept');
    await again.quit();
    await second.stop();

    expect(kept).toBe('yes');
    expect(existsSync(dir)).toBe(true);
  });

  test('ends with the process that started it, even if that one is killed', async () => {
    const module = fileURLToPath(new URL('../../scripts/redis/redis.mjs', import.meta.url));
    const program = `const { startRedis } = await import(${JSON.stringify(module)});
      const redis = await startRedis({ own: true, log: () => undefined });
      console.log(redis.pid);
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(parent.stdout);
    const pid = Number((await once(lines, 'line'))[0]);

    parent.kill('SIGKILL');

    await eventually(async () => expect(await readdir(folder)).toEqual([]));
    await eventually(() => expect(isAlive(pid)).toBe(false));
  });

  test('is not looked for among packages of Debian on another system: it says what provides one', async () => {
    vi.stubEnv('PATH', folder);
    const said: string[] = [];

    const located = locateRedis({ own: true, log: (line) => said.push(line), platform: 'darwin' });

    await expect(located).rejects.toThrow(
      /no redis-server or valkey-server on PATH.*\n {2}brew install redis\n {2}docker run/,
    );
    expect(said).toEqual([]);
  });

  test('that cannot start says why', async () => {
    const other = await startRedis(silent);
    const port = Number(new URL(other.url).port);

    const start = startRedis({ ...silent, port });

    await expect(start).rejects.toThrow('Address already in use');
    await other.stop();
  });

  test('gives way to REDIS_URL, which is never stopped', async () => {
    vi.stubEnv('REDIS_URL', 'redis://elsewhere:6379');
    const lines: string[] = [];

    const redis = await startRedis({ log: (line) => lines.push(line) });
    await redis.stop();

    expect(redis).toMatchObject({ url: 'redis://elsewhere:6379', pid: null });
    expect(lines).toEqual(['Redis: REDIS_URL']);
  });
});

function isAlive(pid: number | null): boolean {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
}
