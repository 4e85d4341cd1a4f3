import { afterEach, expect, test } from 'vitest';
import { objectOf, objectsOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import type { JsonObject, KubeObject } from '../../sandbox/kubernetes/objects/object-store.ts';
import { wordChange } from '../fixtures/manifests.ts';
import { deploy, peaksAt, startLivingWorld, untilKills } from '../flow/kubernetes/living-world.ts';
import type { LivingWorld } from '../flow/kubernetes/living-world.ts';

const canary = 'canary-hunter2';
const live = ` -Dpw="${canary} x"  -Xmx900m\t-Dq='${canary}' -Xss1m `;
const name = 'CATALINA_OPTS';
const lower = wordChange(name, '-Xmx900m', '-Xmx384m', true);

const open: LivingWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

async function killedWith(env: JsonObject[]): Promise<LivingWorld> {
  const world = await startLivingWorld();
  open.push(world);
  await deploy(world, peaksAt(100, 20_000), { env });
  await untilKills(world, 1);
  await world.clock.advance(3_000);
  return world;
}

function containersOf(deployment: KubeObject | undefined): JsonObject[] {
  return objectsOf(objectOf(objectOf(objectOf(deployment?.spec)['template'])['spec'])['containers']);
}

test('a flag that changes in the cluster leaves every other character of the variable, and the plan does not know them', async () => {
  const world = await killedWith([{ name, value: live }]);

  const plan = await world.plan(160, [lower]);
  await world.writer.carryOut(plan, 'patch-workload');

  const [app] = containersOf(world.store.get('deployments', 'shop', 'web'));
  expect(app?.['env']).toEqual([{ name, value: live.replace('-Xmx900m', '-Xmx384m') }]);
  expect(JSON.stringify(plan)).not.toContain(canary);
  expect(plan.diff).toContain('-      value: … -Xmx900m\n+      value: … -Xmx384m');
});

test('a variable that has another word since is left alone, by whatever name a start script reads it', async () => {
  const world = await killedWith([{ name, value: live }]);
  const plan = await world.plan(160, [lower]);
  world.store.write('deployments', 'shop', 'web', (draft) => {
    const containers = containersOf(draft).map((one) => ({ ...one, env: [{ name, value: `${live}-Dnew=1` }] }));
    const template = objectOf(objectOf(draft.spec)['template']);
    draft.spec = { ...draft.spec, template: { ...template, spec: { ...objectOf(template['spec']), containers } } };
  });

  await expect(world.writer.carryOut(plan, 'patch-workload')).rejects.toMatchObject({ code: 'stale-plan' });
  expect(world.writes()).toEqual([]);
});

test.each<[string, JsonObject[], string]>([
  ['has the flag twice', [{ name, value: '-Xmx900m -Xmx900m' }], `${name} has -Xmx900m more than once`],
  ['has another flag', [{ name, value: '-Xmx1g' }], `${name} has no -Xmx900m there`],
  ['does not set it, so that something adds it to the pods', [], `${name} is not set in the template`],
  [
    'takes it from a Secret',
    [{ name, valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
    `${name} comes from a Secret or ConfigMap`,
  ],
])('where the template %s nothing is proposed, and why is said', async (_, env, why) => {
  const world = await killedWith(env);

  await expect(world.plan(160, [lower])).rejects.toThrow(why);
});
