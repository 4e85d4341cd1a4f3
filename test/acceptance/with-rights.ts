import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { TestContext } from 'vitest';
import type { RequestLogEntry } from '../../sandbox/kubernetes/server/server-log.ts';
import type { World } from '../../sandbox/world.ts';
import type { ProcessName } from '../../scripts/system.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';

/** What is deployed: manifests with the rights, and the file with the users of Redis, for the cluster `test`. */
export interface Deployed {
  readonly objects: readonly unknown[];
  readonly users: string;
}

/**
 * Starts the three processes with what is deployed and nothing else, and stops them after the test: watcher and worker
 * with a kubeconfig that holds the token of their ServiceAccount, the bot without any, each as its own user of Redis.
 */
export async function startWith(
  context: TestContext,
  { objects, users }: Deployed,
  settings: Readonly<Record<string, string>>,
): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-rights-'));
  const system = await startSystem({
    settings,
    world: { speed: 60, rights: objects },
    only: async (name, { world, redisUrl }) => ({
      KUBECONFIG: await kubeconfigFor(folder, name, world),
      REDIS_URL: await redisUserFor(name, users, redisUrl),
    }),
  });
  context.onTestFinished(async () => {
    await system.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return system;
}

async function kubeconfigFor(folder: string, name: ProcessName, world: World): Promise<string> {
  const path = join(folder, `${randomUUID()}.yaml`);
  // It reads none; if it tried to, this would end it.
  if (name === 'bot') return path;
  await writeFile(path, world.kubeconfigOf(`oomkeeper/oomkeeper-${name}`), { mode: 0o600 });
  return path;
}

/** Makes the user of a process in Redis as the file says. */
async function redisUserFor(name: ProcessName, users: string, redisUrl: string): Promise<string> {
  const line = users.split('\n').find((one) => one.startsWith(`user oomkeeper-${name} `)) ?? '';
  const [, user = '', ...rules] = line.split(' ');
  const admin = new Redis(redisUrl);
  await admin.call('ACL', ['SETUSER', user, ...rules]);
  await admin.quit();
  const url = new URL(redisUrl);
  url.username = user;
  url.password = rules.find((rule) => rule.startsWith('>'))?.slice(1) ?? '';
  return url.href;
}

/** `METHOD path`, without query, of what was asked for by anybody but the two accounts, or not granted. */
export function beyondRights({ api }: World): readonly string[] {
  return api
    .requestLog()
    .filter(({ status, user }) => status === 401 || status === 403 || !isOurs(user))
    .map(({ method, path, user, status }) => `${status} ${user}: ${method} ${path.split('?')[0]}`);
}

function isOurs(user: string): boolean {
  return /^system:serviceaccount:oomkeeper:oomkeeper-(?:watcher|worker)$/.test(user);
}

export function askedBy(entries: readonly RequestLogEntry[], name: string): ReadonlySet<string> {
  const own = entries.filter(({ user }) => user.endsWith(`:oomkeeper-${name}`));
  return new Set(own.map(({ method, path }) => `${method} ${path.split('?')[0]}`));
}
