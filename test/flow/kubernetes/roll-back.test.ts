import { afterEach, expect, test } from 'vitest';
import { objectOf, objectsOf } from '../../../sandbox/kubernetes/objects/json-value.ts';
import type { JsonObject, KubeObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { makePlans } from '../../../src/core/remediate/make-plans.ts';
import type { Plan } from '../../../src/core/remediate/plan.ts';
import { undoRollBack } from '../../../src/core/remediate/roll-back/undo-roll-back.ts';
import { deploy, lastOf, peaksAt, startLivingWorld, untilKills } from './living-world.ts';
import type { LivingWorld } from './living-world.ts';

const open: LivingWorld[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

/** Revision 1 had a limit of 128Mi, revision 2 has 64Mi and was killed. */
async function start(): Promise<LivingWorld> {
  const world = await startLivingWorld();
  open.push(world);
  await deploy(world, peaksAt(100, 20_000), { resources: { limits: { memory: '128Mi' } } });
  change(world, (container) => {
    container['resources'] = { limits: { memory: '64Mi' } };
  });
  await world.clock.advance(5_000);
  await untilKills(world, 1);
  await world.clock.advance(3_000);
  return world;
}

/** Somebody changes the template. */
function change(world: LivingWorld, edit: (container: JsonObject) => void): void {
  world.store.write('deployments', 'shop', 'web', (draft) => {
    const template = objectOf(objectOf(draft.spec)['template']);
    objectsOf(objectOf(template['spec'])['containers']).forEach(edit);
  });
}

async function planOf(world: LivingWorld): Promise<Plan> {
  const kill = lastOf(world.kills);
  const fix = { kind: 'roll-back', toRevision: '1', why: '' } as const;
  const inputs = await world.reader.planInputs(kill);
  const { plans, noPlan } = makePlans({
    recommendation: { fix, mitigation: null },
    trigger: kill,
    inputs,
    now: world.clock.now(),
    spent: new Set(),
    source: null,
  });
  const plan = plans.find(({ means }) => means.includes('roll-back'));
  if (!plan) throw new Error(noPlan ?? 'no plan');
  return plan;
}

function web(world: LivingWorld): KubeObject {
  const found = world.store.get('deployments', 'shop', 'web');
  if (!found) throw new Error('web is gone');
  return found;
}

function limitOf(deployment: KubeObject): unknown {
  const template = objectOf(objectOf(deployment['spec'])['template']);
  const [container] = objectsOf(objectOf(template['spec'])['containers']);
  return objectOf(objectOf(container?.['resources'])['limits'])['memory'];
}

test('a roll back puts the earlier template back, and is done once its pods are those of that revision', async () => {
  const world = await start();
  const plan = await planOf(world);
  const since = world.clock.now();

  await world.writer.carryOut(plan, 'roll-back');
  await world.clock.advance(10_000);

  expect(limitOf(web(world))).toBe('128Mi');
  expect(web(world).metadata.annotations).toMatchObject({ 'oomkeeper.dev/plan': plan.id });
  expect(world.store.list('replicasets')).toHaveLength(2);
  expect(await world.ask(plan, 'roll-back', since)).toMatchObject({ is: 'done' });
});

test('what stands in the annotations stays there', async () => {
  const world = await start();
  world.store.write('deployments', 'shop', 'web', (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, team: 'shop' };
  });
  const plan = await planOf(world);

  await world.writer.carryOut(plan, 'roll-back');

  expect(web(world).metadata.annotations).toMatchObject({ 'oomkeeper.dev/plan': plan.id, team: 'shop' });
});

test('carried out again after a crash, or by two workers at once, it changes once', async () => {
  const world = await start();
  const plan = await planOf(world);

  await Promise.all([world.writer.carryOut(plan, 'roll-back'), world.writer.carryOut(plan, 'roll-back')]);
  await world.clock.advance(10_000);
  await world.writer.carryOut(plan, 'roll-back');

  expect(world.writes().filter(({ status }) => status === 200)).toHaveLength(1);
});

/** Somebody rolls out another image, whose resources are the same. */
function rollOut(world: LivingWorld): void {
  change(world, (container) => {
    container['image'] = 'shop/web:3';
  });
}

test('a rollout in between makes it stale', async () => {
  const world = await start();
  const plan = await planOf(world);

  rollOut(world);
  await world.clock.advance(3_000);
  const late = world.writer.carryOut(plan, 'roll-back');

  await expect(late).rejects.toMatchObject({ code: 'stale-plan' });
  expect(world.writes()).toEqual([]);
});

test('a rollout that its controller has not seen yet is waited for, and not undone', async () => {
  const world = await start();
  const plan = await planOf(world);

  rollOut(world);
  const early = world.writer.carryOut(plan, 'roll-back');

  await expect(early).rejects.toMatchObject({ retry: 'backoff' });
  expect(world.writes()).toEqual([]);
});

test.each(['roll-back', 'patch-workload'] as const)(
  'a Deployment that was paused is left alone (%s)',
  async (means) => {
    const world = await start();
    const plan = means === 'roll-back' ? await planOf(world) : await world.plan(160);

    world.store.write('deployments', 'shop', 'web', (draft) => {
      objectOf(draft.spec)['paused'] = true;
    });
    await world.clock.advance(3_000);
    const late = world.writer.carryOut(plan, means);

    await expect(late).rejects.toMatchObject({ code: 'stale-plan', message: expect.stringContaining('paused') });
    expect(world.writes()).toEqual([]);
  },
);

test('a revision that is not kept any more cannot be put back', async () => {
  const world = await start();
  const plan = await planOf(world);
  const earlier = world.store
    .list('replicasets')
    .find(({ metadata }) => metadata.name.endsWith(plan.rollBack?.hash ?? '-'));

  world.store.remove('replicasets', 'shop', earlier?.metadata.name ?? '');
  const late = world.writer.carryOut(plan, 'roll-back');

  await expect(late).rejects.toMatchObject({ code: 'stale-plan', message: expect.stringContaining('revision 1') });
  expect(world.writes()).toEqual([]);
});

/** A world that was rolled back, and the plan of that. */
async function rolledBack(prepare?: (world: LivingWorld) => void) {
  const world = await start();
  if (prepare) {
    prepare(world);
    await world.clock.advance(10_000);
    await untilKills(world, world.kills.length + 1);
  }
  const plan = await planOf(world);
  await world.writer.carryOut(plan, 'roll-back');
  await world.clock.advance(10_000);
  return { world, plan };
}

async function undo(world: LivingWorld, plan: Plan) {
  const inputs = await world.reader.planInputs(lastOf(world.kills));
  return undoRollBack({ plan, means: 'roll-back', inputs, taken: new Set([plan.id]), now: world.clock.now() });
}

test('a roll back is undone: the template that it replaced is there again, exactly, and its pods run', async () => {
  const { world, plan } = await rolledBack();
  const made = await undo(world, plan);
  if ('problem' in made) throw new Error(made.problem);
  const since = world.clock.now();

  await Promise.all([world.writer.carryOut(made.plan, 'roll-back'), world.writer.carryOut(made.plan, 'roll-back')]);
  await world.clock.advance(10_000);

  expect(limitOf(web(world))).toBe('64Mi');
  expect(made.plan).toMatchObject({ rollBack: { toRevision: '2' }, follows: { plan: plan.id, as: 'undo' } });
  expect(made.plan.diff).toContain('64Mi');
  expect(world.store.list('replicasets')).toHaveLength(2);
  expect(world.writes().filter(({ status }) => status === 200)).toHaveLength(2);
  expect(await world.ask(made.plan, 'roll-back', since)).toMatchObject({ is: 'done' });
});

test('a roll back after which something else was rolled out is not undone, and the answer says what to do', async () => {
  const { world, plan } = await rolledBack();
  rollOut(world);
  await world.clock.advance(10_000);

  expect(await undo(world, plan)).toEqual({
    problem:
      'The pod template of Deployment web is not the one that was put back: something has changed it since. Nothing changed. To undo, roll back to revision 2.',
  });
});

test('a revision that is not kept any more is not rolled forward to', async () => {
  const { world, plan } = await rolledBack();
  const replaced = world.store.list('replicasets').find(({ metadata }) => {
    return metadata.annotations?.['deployment.kubernetes.io/revision'] === '2';
  });
  world.store.remove('replicasets', 'shop', replaced?.metadata.name ?? '');

  expect(await undo(world, plan)).toEqual({
    problem: expect.stringContaining('is not kept any more. Nothing changed.'),
  });
});

test('what would have more rights than now is not rolled forward to', async () => {
  const { world, plan } = await rolledBack((before) =>
    change(before, (container) => {
      container['securityContext'] = { privileged: true };
    }),
  );

  expect(await undo(world, plan)).toEqual({ problem: expect.stringMatching(/^Revision \d would raise privileges/) });
});
