import { afterEach, expect, test } from 'vitest';
import { objectOf, objectsOf } from '../../../sandbox/kubernetes/objects/json-value.ts';
import { permanentPlan, undoPlan } from '../../../src/core/remediate/follow-plan.ts';
import type { Means, Plan } from '../../../src/core/remediate/plan.ts';
import { wordChange } from '../../fixtures/manifests.ts';
import { deploy, lastOf, Mi, peaksAt, startLivingWorld, untilKills, web } from './living-world.ts';
import type { LivingWorld } from './living-world.ts';

/* What was changed in a cluster is put back as it was: limit, request and flags, and nothing beside them. */
const open: LivingWorld[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

/** A workload that was killed once, and whose change was carried out and seen. */
async function changed(means: Means, { env = false, resources }: { env?: boolean; resources?: object } = {}) {
  const world = await startLivingWorld();
  open.push(world);
  const words = [{ name: 'NODE_OPTIONS', value: '--require ./trace.js' }];
  await deploy(world, peaksAt(100, 20_000), { env: words, ...(resources ? { resources: { ...resources } } : {}) });
  await untilKills(world, 1);
  await world.clock.advance(3_000);
  const flags = [
    wordChange('NODE_OPTIONS', null, '--max-old-space-size=48', true),
    wordChange('JAVA_TOOL_OPTIONS', null, '-Xmx48m'),
  ];
  const plan = await world.plan(160, env ? flags : []);
  await carryOut(world, plan, means);
  return { world, plan };
}

async function carryOut(world: LivingWorld, plan: Plan, means: Means): Promise<string> {
  const since = world.clock.now();
  await world.writer.carryOut(plan, means);
  await world.clock.advance(means === 'resize' ? 1_000 : 10_000);
  return (await world.ask(plan, means, since)).is;
}

async function follow(world: LivingWorld, plan: Plan, means: Means, make = undoPlan) {
  const inputs = await world.reader.planInputs(lastOf(world.kills));
  return make({ plan, means, inputs, taken: new Set([plan.id]), now: world.clock.now() });
}

function planOf(made: ReturnType<typeof undoPlan>): Plan {
  if ('problem' in made) throw new Error(made.problem);
  return made.plan;
}

function containerOf(world: LivingWorld) {
  const template = objectOf(world.store.get('deployments', 'shop', 'web')?.spec?.['template']);
  return objectOf(objectsOf(objectOf(template['spec'])['containers'])[0]);
}

test('a resize is taken back in the running pods, while their use allows it', async () => {
  const { world, plan } = await changed('resize');
  const undo = planOf(await follow(world, plan, 'resize'));

  const seen = await carryOut(world, undo, 'resize');
  await world.writer.carryOut(undo, 'resize');

  expect(seen).toBe('done');
  expect(undo.means).toEqual(['resize']);
  expect(world.cluster.standings(web, 'app')).toMatchObject([{ askedBytes: 64 * Mi, limitInForceBytes: 64 * Mi }]);
  expect(world.writes()).toHaveLength(2);
});

test('one that the pods use by now is not said to be taken back, and why is told', async () => {
  const { world, plan } = await changed('resize');
  await world.clock.advance(60_000);
  const undo = planOf(await follow(world, plan, 'resize'));

  const since = world.clock.now();
  await world.writer.carryOut(undo, 'resize');
  await world.clock.advance(15_000);
  const seen = await world.ask(undo, 'resize', since);

  expect(seen).toMatchObject({ is: 'useless', why: expect.stringContaining('below current usage') });
});

test('limit, request and flags of a template go back, and what else the variables hold stays', async () => {
  const { world, plan } = await changed('patch-workload', {
    env: true,
    resources: { limits: { memory: '64Mi', cpu: '1' } },
  });
  const before = JSON.stringify(containerOf(world)['env']);
  const undo = planOf(await follow(world, plan, 'patch-workload'));

  const seen = await carryOut(world, undo, 'patch-workload');
  await world.writer.carryOut(undo, 'patch-workload');

  expect(before).toContain('--require ./trace.js --max-old-space-size=48');
  expect(before).toContain('-Xmx48m');
  expect(seen).toBe('done');
  expect(containerOf(world)['env']).toEqual([{ name: 'NODE_OPTIONS', value: '--require ./trace.js' }]);
  expect(objectOf(containerOf(world)['resources'])['limits']).toEqual({ memory: '64Mi', cpu: '1' });
  expect(world.writes()).toHaveLength(2);
});

test('a template that somebody has written since is left alone', async () => {
  const { world, plan } = await changed('patch-workload');
  world.cluster.rollout(web, 'app', { limit: '96Mi' });
  await world.clock.advance(10_000);

  expect(await follow(world, plan, 'patch-workload')).toEqual({
    problem: expect.stringMatching(/^The limit of Deployment web is 96Mi by now, not 160Mi: .* Nothing changed\.$/),
  });
});

test('what only the pods have is written into the template, and the pods of the rollout have it', async () => {
  const { world, plan } = await changed('resize');
  const permanent = planOf(await follow(world, plan, 'resize', permanentPlan));

  const seen = await carryOut(world, permanent, 'patch-workload');

  expect(seen).toBe('done');
  expect(objectOf(objectOf(containerOf(world)['resources'])['limits'])['memory']).toBe('160Mi');
  expect(await follow(world, plan, 'resize', permanentPlan)).toEqual({
    problem: 'The template of Deployment web has 160Mi already. Nothing changed.',
  });
});
