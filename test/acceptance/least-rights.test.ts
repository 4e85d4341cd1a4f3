import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { z } from 'zod';
import type { RequestLogEntry } from '../../sandbox/kubernetes/server/server-log.ts';
import type { World } from '../../sandbox/world.ts';
import { projectRoot } from '../../scripts/project.mjs';
import type { ProcessName } from '../../scripts/system.ts';
import { render } from '../deploy/render.ts';
import { findKubectl, need } from '../deploy/tools.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { ask, click, personNamed } from './people.ts';
import { beginStory } from './story.ts';
import { allWords } from './threads.ts';
import { writesOf } from './writes.ts';
import { eventually } from '../eventually.ts';

/*
 * The three processes with the rights of deploy/kubernetes and no others: watcher and worker with a kubeconfig that
 * holds the token of their ServiceAccount, the bot without any, each as its own user of Redis. What the manifests grant
 * and what the code asks for are compared where it counts, in the log of the API server.
 */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-rights-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Starts all with these rights, and stops it after the test. */
async function startWith(
  context: TestContext,
  rights: readonly unknown[],
  settings: Readonly<Record<string, string>>,
): Promise<System> {
  const system = await startSystem({
    settings,
    world: { speed: 60, rights },
    only: async (name, { world, redisUrl }) => ({
      KUBECONFIG: await kubeconfigFor(name, world),
      REDIS_URL: await redisUserFor(name, redisUrl),
    }),
  });
  context.onTestFinished(system.stop);
  return system;
}

async function rightsOf(context: TestContext, overlay: string): Promise<readonly unknown[]> {
  return render(need(context, await findKubectl()), overlay);
}

async function kubeconfigFor(name: ProcessName, world: World): Promise<string> {
  const path = join(folder, `${randomUUID()}.yaml`);
  // It reads none; if it tried to, this would end it.
  if (name === 'bot') return path;
  await writeFile(path, world.kubeconfigOf(`oomkeeper/oomkeeper-${name}`), { mode: 0o600 });
  return path;
}

/** The user that the example of `deploy/kubernetes/redis` gives this process, for the cluster of these tests. */
async function redisUserFor(name: ProcessName, redisUrl: string): Promise<string> {
  const example = await readFile(join(projectRoot, 'deploy/kubernetes/redis/users.acl.example'), 'utf8');
  const line = example.split('\n').find((one) => one.startsWith(`user oomkeeper-${name} `)) ?? '';
  const [, user = '', ...rules] = line.replaceAll('{oomkeeper:prod}', '{oomkeeper:test}').split(' ');
  const admin = new Redis(redisUrl);
  await admin.call('ACL', ['SETUSER', user, ...rules]);
  await admin.quit();
  const url = new URL(redisUrl);
  url.username = user;
  url.password = 'PASSWORD';
  return url.href;
}

/** `METHOD path`, without query, of what was asked for by anybody but the two accounts, or not granted. */
function beyondRights({ api }: World): readonly string[] {
  return api
    .requestLog()
    .filter(({ status, user }) => status === 401 || status === 403 || !isOurs(user))
    .map(({ method, path, user, status }) => `${status} ${user}: ${method} ${path.split('?')[0]}`);
}

function isOurs(user: string): boolean {
  return /^system:serviceaccount:oomkeeper:oomkeeper-(?:watcher|worker)$/.test(user);
}

function askedBy(entries: readonly RequestLogEntry[], name: string): ReadonlySet<string> {
  const own = entries.filter(({ user }) => user.endsWith(`:oomkeeper-${name}`));
  return new Set(own.map(({ method, path }) => `${method} ${path.split('?')[0]}`));
}

test('with the rights of overlay act a kill is explained, approved, resized and held, and nothing is asked for that is not granted', async (context) => {
  const system = await startWith(context, await rightsOf(context, 'overlays/act'), { OOMKEEPER_MODE: 'act' });
  const { world } = system;
  const [amira, lena] = [personNamed(world, 'amira'), personNamed(world, 'lena')];

  const { thread, withButton } = await beginStory(world, 'limit-too-low');
  await click(world, await withButton('apply'), { user: amira, actionId: 'apply' });
  await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));
  const answers = await Promise.all(
    ['list', 'top shop', `why ${thread().incident}`].map((words) => ask(world, lena, `/oom ${words}`)),
  );

  const requests = world.api.requestLog();
  expect(beyondRights(world)).toEqual([]);
  expect(await system.said()).not.toMatch(/NOPERM|redis-refused/);
  expect(answers.filter((answer) => /right|forbidden/i.test(answer))).toEqual([]);
  expect(writesOf(world).map(({ method, path, status }) => `${status} ${method} ${path.split('?')[0]}`)).toEqual([
    expect.stringMatching(/^200 PATCH \/api\/v1\/namespaces\/shop\/pods\/checkout-[^/]+\/resize$/),
  ]);
  expect([...askedBy(requests, 'watcher')].toSorted()).toEqual([
    'GET /api/v1/events',
    'GET /api/v1/nodes',
    'GET /api/v1/pods',
  ]);
  expect(askedBy(requests, 'worker').size).toBeGreaterThan(5);
  expect(system.complaints).toEqual([]);
});

test('where a resize does nothing, the rights of overlay act are enough to change the workload', async (context) => {
  const system = await startWith(context, await rightsOf(context, 'overlays/act'), { OOMKEEPER_MODE: 'act' });
  const { world } = system;

  const { thread, withButton } = await beginStory(world, 'resize-does-nothing');
  await click(world, await withButton('apply'), { user: personNamed(world, 'amira'), actionId: 'apply' });
  await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));

  expect(writesOf(world).map(({ path }) => path)).toContainEqual(expect.stringContaining('/deployments/'));
  expect(beyondRights(world)).toEqual([]);
});

test('with the rights of base a kill is explained, a Prometheus is looked for, and nothing is asked for that is not granted', async (context) => {
  const system = await startWith(context, await rightsOf(context, 'base'), { OOMKEEPER_PROMETHEUS_URL: '' });
  const { world } = system;

  const { thread, withButton } = await beginStory(world, 'limit-too-low');
  await withButton('apply');

  expect(thread().verdict).not.toBe('');
  expect([...askedBy(world.api.requestLog(), 'worker')]).toContain('GET /api/v1/services');
  expect(beyondRights(world)).toEqual([]);
  expect(writesOf(world)).toEqual([]);
  expect(system.complaints).toEqual([]);
});

test('with the rights of base usage is sampled from the metrics API, and a namespace that is not there gets an answer', async (context) => {
  const settings = { OOMKEEPER_PROMETHEUS_URL: 'off', OOMKEEPER_SAMPLE_EVERY: '500ms' };
  const system = await startWith(context, await rightsOf(context, 'base'), settings);
  const { world } = system;
  const lena = personNamed(world, 'lena');

  const { withButton } = await beginStory(world, 'limit-too-low');
  await withButton('acknowledge');
  const known = await ask(world, lena, '/oom top shop');
  const unknown = await ask(world, lena, '/oom top shpo');

  const asked = [...askedBy(world.api.requestLog(), 'worker')];
  expect(asked).toContainEqual(expect.stringMatching(/^GET \/apis\/metrics\.k8s\.io\/v1beta1\/.*pods$/));
  expect(asked).toContain('GET /api/v1/namespaces');
  expect(known).toContain('checkout');
  expect(unknown).toContain('shop');
  expect(beyondRights(world)).toEqual([]);
  expect(system.complaints).toEqual([]);
});

test('a right that is missing shows: without pods/log the thread says that it may not read the log', async (context) => {
  const rights = await rightsOf(context, 'base');
  const fewer: unknown = JSON.parse(JSON.stringify(rights).replace('"pods/log"', '"pods/nothing"'));
  const system = await startWith(context, z.array(z.unknown()).parse(fewer), {});
  const { world } = system;

  const { thread, withButton } = await beginStory(world, 'limit-too-low');
  await withButton('apply');

  expect(beyondRights(world)).toContainEqual(expect.stringMatching(/^403 .*oomkeeper-worker: GET .*\/log$/));
  await eventually(() => {
    const replies = thread().replies.map(allWords).join('\n');
    expect(replies).toMatch(/Log\b[^\n]*missing[^\n]*403[^\n]*cannot get resource[^\n]*pods\/log/);
  });
});
