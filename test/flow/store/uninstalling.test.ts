import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { projectRoot } from '../../../scripts/project.mjs';
import { locateRedis, startRedis } from '../../../scripts/redis/redis.mjs';
import { blockOf } from '../../deploy/block-of.ts';
import { loadDump, readDumpFile } from '../../dumps/dump-file.ts';

test('the command that the page on removing names takes everything of ours out of Redis, and nothing else', async ({
  skip,
}) => {
  const page = await readFile(join(projectRoot, 'docs/uninstalling.md'), 'utf8');
  const source = await locateRedis({ own: true, log: () => undefined });
  const [folder, libraries] =
    source.kind === 'program' ? [dirname(source.command), source.libraryPath ?? ''] : ['', ''];
  skip(!existsSync(join(folder, 'redis-cli')), 'there is no redis-cli beside the server');
  const server = await startRedis({ own: true, log: () => undefined });
  const redis = new Redis(server.url);
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  await loadDump(redis, await readDumpFile(join(projectRoot, 'test/recordings/dumps/0.2.0.ndjson.gz')));
  await redis.mset('oomkeeper', 'of somebody else', 'app:session', '1');
  const before = await redis.dbsize();

  const shell = spawn('bash', ['-ec', blockOf(page, 'commands: redis')], {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, LD_LIBRARY_PATH: libraries, REDIS_URL: server.url },
    stdio: 'ignore',
  });
  const [code] = await once(shell, 'exit');

  expect(code).toBe(0);
  expect(before).toBeGreaterThan(300);
  expect((await redis.keys('*')).toSorted()).toEqual(['app:session', 'oomkeeper']);
});
