import { expect, test, type TestContext } from 'vitest';
import { renderChart, type ChartValues } from '../deploy/render.ts';
import { environmentOf, secretNamed } from '../deploy/secrets-of.ts';
import { fourValues } from '../deploy/sets.ts';
import { findHelm, need } from '../deploy/tools.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';
import { click, personNamed } from './people.ts';
import { beginStory } from './story.ts';
import { allWords } from './threads.ts';
import { askedBy, beyondRights, startWith } from './with-rights.ts';
import { writesOf } from './writes.ts';

/*
 * What `helm install` makes, in the pretend cluster: the processes have the rights of its objects and no others, are the
 * users that it makes in Redis, and are configured as its ConfigMap says.
 */
async function installed(context: TestContext, values: ChartValues) {
  const objects = await renderChart(need(context, await findHelm()), { ...fourValues, cluster: 'test', ...values });
  const users = secretNamed(objects, 'oomkeeper-redis')['users.acl'] ?? '';
  const { OOMKEEPER_MODE: mode = '', OOMKEEPER_NAMESPACES: namespaces = '' } = environmentOf(objects, 'worker');
  return startWith(context, { objects, users }, { OOMKEEPER_MODE: mode, OOMKEEPER_NAMESPACES: namespaces });
}

skipUnlessLongIsWanted();

test.for([
  ['in all namespaces', [], ['GET /api/v1/events', 'GET /api/v1/nodes', 'GET /api/v1/pods']],
  ['in one namespace', ['shop'], ['GET /api/v1/namespaces/shop/events', 'GET /api/v1/namespaces/shop/pods']],
] as const)(
  'installed by the chart in mode act %s, a kill is told, approved, resized and held, with only the rights of the chart',
  async ([, namespaces, watched], context) => {
    const system = await installed(context, { mode: 'act', namespaces });
    const { world } = system;

    const { thread, withButton } = await beginStory(world, 'limit-too-low');
    await click(world, await withButton('apply'), { user: personNamed(world, 'amira'), actionId: 'apply' });
    await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));

    // Who else is on the node: with rights in one namespace it does without.
    const neighbours = '403 system:serviceaccount:oomkeeper:oomkeeper-worker: GET /api/v1/pods';
    const refused = beyondRights(world).filter((one) => namespaces.length === 0 || one !== neighbours);
    expect(refused).toEqual([]);
    expect(await system.said()).not.toMatch(/NOPERM|redis-refused/);
    expect(writesOf(world).map(({ method, path, status }) => `${status} ${method} ${path.split('?')[0]}`)).toEqual([
      expect.stringMatching(/^200 PATCH \/api\/v1\/namespaces\/shop\/pods\/checkout-[^/]+\/resize$/),
    ]);
    expect([...askedBy(world.api.requestLog(), 'watcher')].toSorted()).toEqual(watched);
    expect(system.complaints).toEqual([]);
  },
);

test('installed by the chart with four values, it explains a kill, and nothing is asked for that is not granted', async (context) => {
  const system = await installed(context, {});
  const { world } = system;

  const { thread, withButton } = await beginStory(world, 'limit-too-low');
  await withButton('apply');

  expect(thread().verdict).not.toBe('');
  expect(beyondRights(world)).toEqual([]);
  expect(writesOf(world)).toEqual([]);
});
