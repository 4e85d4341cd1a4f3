import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { TestContext } from 'vitest';
import { listen } from '../../sandbox/listen.ts';
import { locateRedis } from '../../scripts/redis/redis.mjs';

/** What a Redis of an installation is given: its users, and the address with which each process comes. */
interface Installation {
  readonly users: string;
  readonly urls: Readonly<Record<'watcher' | 'worker' | 'bot', string>>;
}

/** What an installation of the cluster `blue` must come out as. */
export const eachItsOwn: Readonly<Record<string, string>> = {
  'worker SET {oomkeeper:blue}:doc:1 x': 'OK',
  'bot GET {oomkeeper:blue}:doc:1': 'x',
  'watcher SET {oomkeeper:blue}:checkpoint x': 'OK',
  'watcher GET {oomkeeper:blue}:doc:1': 'NOPERM',
  'worker GET {oomkeeper:prod}:doc:1': 'NOPERM',
  'worker FLUSHALL': 'NOPERM',
  // The StatefulSet asks whether Redis is there, by a user that may do nothing else.
  'probe PING': 'PONG',
  'probe GET x': 'NOPERM',
  'stranger GET x': 'NOAUTH',
};

/** What a real Redis with these users answers to each process: the first word where it refuses. */
export async function whatEachMay(
  context: TestContext,
  { users, urls }: Installation,
): Promise<Readonly<Record<string, string>>> {
  const port = await startRedis(context, users);
  const loginOf = (name: keyof typeof urls) => {
    const { host, username, password } = new URL(urls[name]);
    if (host !== 'oomkeeper-redis:6379') throw new Error(`the ${name} looks for its Redis at ${host}`);
    return { username, password };
  };
  const logins: Readonly<Record<string, { readonly username?: string; readonly password?: string }>> = {
    watcher: loginOf('watcher'),
    worker: loginOf('worker'),
    bot: loginOf('bot'),
    probe: { username: 'oomkeeper-probe', password: 'none' },
    stranger: {},
  };
  const answers: [string, string][] = [];
  for (const asked of Object.keys(eachItsOwn)) {
    const [who = '', command = '', ...args] = asked.split(' ');
    const redis = new Redis({ host: '127.0.0.1', port, enableReadyCheck: false, ...logins[who] });
    // Who is refused is refused while it greets, which is said in an event too.
    redis.on('error', () => undefined);
    const answer = await redis.call(command, ...args).then(String, (error: unknown) => String(error));
    answers.push([asked, /NOPERM|NOAUTH/.exec(answer)?.[0] ?? answer]);
    redis.disconnect();
  }
  return Object.fromEntries(answers);
}

/** A server with these users on a free port, until the test is over. */
async function startRedis(context: TestContext, users: string): Promise<number> {
  const source = await locateRedis({ own: true, log: () => undefined });
  if (source.kind === 'url') throw new Error('a program was asked for');
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-users-'));
  const file = join(folder, 'users.acl');
  await writeFile(file, users);
  const env = {
    ...process.env,
    LC_ALL: 'C',
    ...(source.libraryPath === undefined ? {} : { LD_LIBRARY_PATH: source.libraryPath }),
  };
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--aclfile', file];
  const server = spawn(source.command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const gone = once(server, 'exit');
  context.onTestFinished(async () => {
    server.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true });
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
