import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { render } from '../deploy/render.ts';
import { findKubectl, need } from '../deploy/tools.ts';
import { eventually } from '../eventually.ts';
import { ask, click, personNamed } from './people.ts';
import { beginStory } from './story.ts';
import { allWords } from './threads.ts';
import { askedBy, beyondRights, startWith, type Deployed } from './with-rights.ts';
import { writesOf } from './writes.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

/*
 * The three processes with the rights of deploy/kubernetes and no others. What the manifests grant and what the code asks
 * for are compared where it counts, in the log of the API server.
 */
async function deployed(context: TestContext, overlay: string): Promise<Deployed> {
  const objects = await render(need(context, await findKubectl()), overlay);
  const users = await readFile(join(projectRoot, 'deploy/kubernetes/example-overlay/users.acl'), 'utf8');
  return { objects, users: users.replaceAll('{oomkeeper:prod}', '{oomkeeper:test}') };
}

test('with the rights of overlay act a kill is explained, approved, resized and held, and nothing is asked for that is not granted', async (context) => {
  const system = await startWith(context, await deployed(context, 'overlays/act'), { OOMKEEPER_MODE: 'act' });
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
  const system = await startWith(context, await deployed(context, 'overlays/act'), { OOMKEEPER_MODE: 'act' });
  const { world } = system;

  const { thread, withButton } = await beginStory(world, 'resize-does-nothing');
  await click(world, await withButton('apply'), { user: personNamed(world, 'amira'), actionId: 'apply' });
  await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));

  expect(writesOf(world).map(({ path }) => path)).toContainEqual(expect.stringContaining('/deployments/'));
  expect(beyondRights(world)).toEqual([]);
});

test('with the rights of base a kill is explained, a Prometheus is looked for, and nothing is asked for that is not granted', async (context) => {
  const system = await startWith(context, await deployed(context, 'base'), { OOMKEEPER_PROMETHEUS_URL: '' });
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
  const system = await startWith(context, await deployed(context, 'base'), settings);
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
  const base = await deployed(context, 'base');
  const fewer: unknown = JSON.parse(JSON.stringify(base.objects).replace('"pods/log"', '"pods/nothing"'));
  const system = await startWith(context, { ...base, objects: z.array(z.unknown()).parse(fewer) }, {});
  const { world } = system;

  const { thread, withButton } = await beginStory(world, 'limit-too-low');
  await withButton('apply');

  expect(beyondRights(world)).toContainEqual(expect.stringMatching(/^403 .*oomkeeper-worker: GET .*\/log$/));
  await eventually(() => {
    const replies = thread().replies.map(allWords).join('\n');
    expect(replies).toMatch(/Log\b[^\n]*missing[^\n]*403[^\n]*cannot get resource[^\n]*pods\/log/);
  });
});
