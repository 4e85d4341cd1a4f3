import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../../sandbox/listen.ts';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';
import { locateRedis } from '../../scripts/redis/redis.mjs';
import { blockOf } from './block-of.ts';

/*
 * docs/getting-started.md tells how the Secrets are made. Here its commands are run, with a kubectl that only tells
 * what it was asked, and a real Redis is given what came out.
 */
const inProject = (path: string): string => join(projectRoot, path);
let folder = '';
let output = '';
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const guide = await readFile(inProject('docs/getting-started.md'), 'utf8');
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-guide-'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'seen'));
  // Keeps the files that it is given, and tells its arguments.
  const kubectl = `#!/bin/sh
for argument; do case "$argument" in --from-file=*) cp "\${argument#--from-file=}" ${folder}/seen/ ;; esac; done
echo "kubectl $*"
`;
  await writeFile(join(folder, 'bin/kubectl'), kubectl);
  await chmod(join(folder, 'bin/kubectl'), 0o755);
  const script = `cd ${folder}; ln -s ${inProject('deploy')} deploy; ${blockOf(guide, 'commands: redis').replace('CLUSTER=prod', 'CLUSTER=blue')}`;
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_APP_TOKEN: 'xapp-1',
  };
  ({ output } = await capture('sh', ['-eu', '-c', script], { env }));
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  await rm(folder, { recursive: true, force: true });
});

const secretsOf = (name: string): string =>
  output.split('\n').find((line) => line.includes(`generic oomkeeper-${name} `)) ?? '';

test('the commands of the guide give each process its own secrets, and leave no file behind', async () => {
  expect(secretsOf('bot')).toMatch(/SLACK_BOT_TOKEN=xoxb-1 --from-literal=SLACK_APP_TOKEN=xapp-1$/);
  for (const name of ['watcher', 'worker']) expect(secretsOf(name)).not.toContain('SLACK');
  const left = await readdir(folder);
  expect(left.toSorted()).toEqual(['bin', 'deploy', 'seen']);
});

test('the commands of the guide make users with which a real Redis lets each process do its work and nothing else', async () => {
  const port = await startRedis(join(folder, 'seen/users.acl'));
  const connectAs = async (name: string): Promise<Redis> => {
    const [, url = ''] = /REDIS_URL=(\S+)/.exec(secretsOf(name)) ?? [];
    const address = new URL(url);
    expect(address.host).toBe('oomkeeper-redis:6379');
    const redis = new Redis({ host: '127.0.0.1', port, username: address.username, password: address.password });
    ends.push(async () => redis.quit());
    await redis.ping();
    return redis;
  };
  const [watcher, worker, bot] = [await connectAs('watcher'), await connectAs('worker'), await connectAs('bot')];

  expect(await worker.set('{oomkeeper:blue}:doc:1', 'x')).toBe('OK');
  expect(await bot.get('{oomkeeper:blue}:doc:1')).toBe('x');
  expect(await watcher.set('{oomkeeper:blue}:checkpoint', 'x')).toBe('OK');
  await expect(watcher.get('{oomkeeper:blue}:doc:1')).rejects.toThrow(/NOPERM/);
  await expect(worker.get('{oomkeeper:prod}:doc:1')).rejects.toThrow(/NOPERM/);
  await expect(worker.call('FLUSHALL')).rejects.toThrow(/NOPERM/);
});

test('the users of the guide let the probe of the StatefulSet ask whether Redis is there, and no stranger in', async () => {
  const port = await startRedis(join(folder, 'seen/users.acl'));
  const probe = new Redis({
    host: '127.0.0.1',
    port,
    username: 'oomkeeper-probe',
    password: 'none',
    enableReadyCheck: false,
  });
  const stranger = new Redis({ host: '127.0.0.1', port, enableReadyCheck: false });
  // Both are refused while they greet, which is said in an event too.
  for (const redis of [probe, stranger]) redis.on('error', () => undefined);
  ends.push(
    async () => probe.disconnect(),
    async () => stranger.disconnect(),
  );

  expect(await probe.ping()).toBe('PONG');
  await expect(probe.get('x')).rejects.toThrow(/NOPERM/);
  await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/);
});

test('the example of Redis users is what docs/security.md explains', async () => {
  const page = await readFile(inProject('docs/security.md'), 'utf8');
  const example = await readFile(inProject('deploy/kubernetes/redis/users.acl.example'), 'utf8');

  const told = [...page.matchAll(/^ACL SETUSER (.+)$/gm)].map(([, rule]) => rule);

  expect(told.length).toBe(3);
  expect([...example.matchAll(/^user (oomkeeper-(?:watcher|worker|bot) .+)$/gm)].map(([, rule]) => rule)).toEqual(told);
});

/** A server with these users on a free port; it is ended with the others. */
async function startRedis(users: string): Promise<number> {
  const source = await locateRedis({ own: true, log: () => undefined });
  if (source.kind === 'url') throw new Error('a program was asked for');
  const env = {
    ...process.env,
    LC_ALL: 'C',
    ...(source.libraryPath === undefined ? {} : { LD_LIBRARY_PATH: source.libraryPath }),
  };
  const port = await freePort();
  const server = spawn(
    source.command,
    ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--aclfile', users],
    { env, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const gone = once(server, 'exit');
  ends.push(async () => {
    server.kill('SIGKILL');
    await gone;
  });
  let said = '';
  for await (const chunk of server.stdout) {
    said += String(chunk);
    if (said.includes('Ready to accept connections')) {
      server.stdout.resume();
      return port;
    }
  }
  throw new Error(`Redis did not start: ${said}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  server.close();
  return port;
}
