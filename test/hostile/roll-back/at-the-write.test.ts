import { afterEach, expect, test } from 'vitest';
import { objectOf, objectsOf } from '../../../sandbox/kubernetes/objects/json-value.ts';
import type { JsonObject, KubeObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { createClusterWriter } from '../../../src/adapters/kubernetes/write/write-cluster.ts';
import type { Transport } from '../../../src/adapters/kubernetes/transport/transport.ts';
import { fieldsHash, rollBackFields } from '../../../src/core/remediate/fields-hash.ts';
import { makePlans } from '../../../src/core/remediate/make-plans.ts';
import type { Plans } from '../../../src/core/remediate/make-plans.ts';
import { planSchema } from '../../../src/core/remediate/plan.ts';
import type { Plan } from '../../../src/core/remediate/plan.ts';
import { deploy, lastOf, peaksAt, startLivingWorld, untilKills } from '../../flow/kubernetes/living-world.ts';
import type { LivingWorld } from '../../flow/kubernetes/living-world.ts';

const open: LivingWorld[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

/** Revision 1 had a limit of 128Mi, revision 2 has 64Mi and was killed. `first` is what revision 1 had besides. */
async function start(first: (template: JsonObject) => void = () => undefined): Promise<LivingWorld> {
  const world = await startLivingWorld();
  open.push(world);
  await deploy(world, peaksAt(100, 20_000), { resources: { limits: { memory: '64Mi' } } });
  edit(world, 'deployments', 'web', (template) => {
    limit(template, '128Mi');
    first(template);
  });
  await world.clock.advance(5_000);
  edit(world, 'deployments', 'web', (template) => {
    limit(template, '64Mi');
    for (const container of containersOf(template)) {
      delete container['securityContext'];
      container['image'] = 'shop/web:3';
    }
  });
  await untilKills(world, 1);
  await world.clock.advance(3_000);
  return world;
}

function containersOf(template: JsonObject): JsonObject[] {
  return objectsOf(objectOf(template['spec'])['containers']);
}

function limit(template: JsonObject, memory: string): void {
  for (const container of containersOf(template)) container['resources'] = { limits: { memory } };
}

function edit(world: LivingWorld, resource: string, name: string, change: (template: JsonObject) => void): void {
  world.store.write(resource, 'shop', name, (draft) => {
    change(objectOf(objectOf(draft.spec)['template']));
  });
}

async function plansOf(world: LivingWorld, toRevision = '2'): Promise<Plans> {
  const kill = lastOf(world.kills);
  const fix = { kind: 'roll-back', toRevision, why: '' } as const;
  const inputs = await world.reader.planInputs(kill);
  const trigger = { ...kill, revision: null };
  return makePlans({
    recommendation: { fix, mitigation: null },
    trigger,
    inputs,
    now: world.clock.now(),
    spent: new Set(),
    source: null,
  });
}

async function planOf(world: LivingWorld): Promise<Plan> {
  const { plans, noRollBack } = await plansOf(world);
  const plan = plans.find(({ means }) => means.includes('roll-back'));
  if (!plan) throw new Error(noRollBack ?? 'no plan');
  return plan;
}

function web(world: LivingWorld): KubeObject {
  const found = world.store.get('deployments', 'shop', 'web');
  if (!found) throw new Error('web is gone');
  return found;
}

function ownSets(world: LivingWorld): readonly KubeObject[] {
  return world.store.list('replicasets').toSorted((a, b) => Number(revisionOf(a)) - Number(revisionOf(b)));
}

function revisionOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.['deployment.kubernetes.io/revision'];
}

/** A ReplicaSet like that of revision 2, made by somebody else, with another image. */
function plant(world: LivingWorld, owners: 'other-uid' | 'no-controller' | 'none', revision: string): void {
  const [like] = ownSets(world);
  const template = structuredClone(objectOf(objectOf(like?.spec)['template']));
  for (const container of containersOf(template)) container['image'] = 'evil.test/miner:1';
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: 'web',
    controller: true,
    uid: web(world).metadata.uid,
  };
  const ownerReferences = {
    'other-uid': [{ ...owner, uid: 'of-somebody-else' }],
    'no-controller': [{ ...owner, controller: false }],
    none: [],
  }[owners];
  world.store.create('replicasets', {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: {
      name: 'web-planted',
      namespace: 'shop',
      labels: { ...like?.metadata.labels },
      annotations: { 'deployment.kubernetes.io/revision': revision },
      ownerReferences,
    },
    spec: { replicas: 0, template },
  });
}

test('a plan names the template that would be written and the one that it replaces, and shows what differs', async () => {
  const world = await start();
  const plan = await planOf(world);
  const kept = ownSets(world).find((set) => revisionOf(set) === '2');

  expect(plan.workload?.uid).toBe(web(world).metadata.uid);
  expect(plan.rollBack?.template).toEqual({
    replicaSet: { name: kept?.metadata.name, uid: kept?.metadata.uid },
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    replaces: expect.stringMatching(/^[0-9a-f]{64}$/),
    changes: 2,
  });
  expect(plan.diff).toBe(
    [
      'Deployment web: revision 3 -> the template of revision 2',
      'container app: image shop/web:3 -> shop/web:1',
      'container app: resources.limits.memory 64Mi -> 128Mi',
    ].join('\n'),
  );
});

test.each<[string, (template: JsonObject) => void]>([
  [
    'another image',
    (template) => {
      for (const container of containersOf(template)) container['image'] = 'evil.test/miner:1';
    },
  ],
  [
    'privileged',
    (template) => {
      for (const container of containersOf(template)) container['securityContext'] = { privileged: true };
    },
  ],
  [
    'a label',
    (template) => {
      objectOf(objectOf(template['metadata'])['labels'])['team'] = 'x';
    },
  ],
])('a ReplicaSet that was changed after the proposal (%s) is not put back', async (_, change) => {
  const world = await start();
  const plan = await planOf(world);
  const before = structuredClone(web(world));

  edit(world, 'replicasets', plan.rollBack?.template?.replicaSet.name ?? '', change);
  const late = world.writer.carryOut(plan, 'roll-back');

  await expect(late).rejects.toMatchObject({
    code: 'stale-plan',
    message: 'someone has changed revision 2 since it was proposed, so it is not what was approved.',
  });
  expect(world.writes()).toEqual([]);
  expect(web(world)).toEqual(before);
});

test('what is proposed after such a change is another plan, which shows it', async () => {
  const world = await start();
  const plan = await planOf(world);

  edit(world, 'replicasets', plan.rollBack?.template?.replicaSet.name ?? '', (template) => {
    for (const container of containersOf(template)) container['image'] = 'evil.test/miner:1';
  });
  const next = await planOf(world);

  expect(next.id).not.toBe(plan.id);
  expect(next.diff).toContain('image shop/web:3 -> evil.test/miner:1');
});

test.each(['other-uid', 'no-controller', 'none'] as const)(
  'a planted ReplicaSet (owner: %s) is neither evidence nor a plan',
  async (owners) => {
    const world = await start();
    plant(world, owners, '2');
    const plan = await planOf(world);
    const { rollout } = await world.reader.findings(lastOf(world.kills), []);

    expect(plan.diff).not.toContain('evil.test');
    expect(plan.rollBack?.template?.replicaSet.name).not.toBe('web-planted');
    expect(JSON.stringify(rollout)).not.toContain('evil.test');
  },
);

test.each(['other-uid', 'no-controller', 'none'] as const)(
  'a planted ReplicaSet (owner: %s) does not stand in for one that is gone',
  async (owners) => {
    const world = await start();
    const plan = await planOf(world);

    plant(world, owners, '2');
    const kept = plan.rollBack?.template?.replicaSet ?? { name: '', uid: '' };
    world.store.remove('replicasets', 'shop', kept.name);
    const planted = world.store.get('replicasets', 'shop', 'web-planted');
    const replicaSet = { name: 'web-planted', uid: planted?.metadata.uid ?? '' };
    const moved = plan.rollBack?.template && {
      ...plan,
      rollBack: { ...plan.rollBack, template: { ...plan.rollBack.template, replicaSet } },
    };

    await expect(world.writer.carryOut(plan, 'roll-back')).rejects.toMatchObject({ code: 'stale-plan' });
    await expect(world.writer.carryOut(moved ?? plan, 'roll-back')).rejects.toMatchObject({ code: 'stale-plan' });
    expect(world.writes()).toEqual([]);
  },
);

test('two ReplicaSets that claim one revision are not chosen between', async () => {
  const world = await start();
  const [, second] = ownSets(world);
  world.store.write('replicasets', 'shop', second?.metadata.name ?? '', (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, 'deployment.kubernetes.io/revision': '2' };
  });
  const [first] = ownSets(world);
  const { metadata, spec } = first ?? { metadata: { labels: {}, annotations: {} }, spec: {} };
  world.store.create('replicasets', {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: {
      ...metadata,
      name: 'web-twin',
      namespace: 'shop',
      annotations: { ...second?.metadata.annotations, 'deployment.kubernetes.io/revision': '2' },
    },
    spec: structuredClone(spec ?? {}),
  });

  expect(await plansOf(world)).toMatchObject({
    plans: [],
    noRollBack: expect.stringContaining('say that they are revision 2'),
  });
});

test('a roll back that raises privileges is not offered, and why is told', async () => {
  const world = await start((template) => {
    for (const container of containersOf(template)) container['securityContext'] = { privileged: true };
  });

  expect(await plansOf(world)).toMatchObject({
    plans: [],
    noRollBack:
      'Revision 2 would raise privileges: container app: it would be privileged; container app: it would have all capabilities. Roll back where Deployment web is deployed from.',
  });
});

test('a roll back that raises privileges is refused at the write, whatever the plan says', async () => {
  const world = await start((template) => {
    for (const container of containersOf(template)) container['securityContext'] = { privileged: true };
  });
  const inputs = await world.reader.planInputs(lastOf(world.kills));
  const back = inputs.revisions.find(({ number }) => number === '2');
  const innocent = await planOf(await start());
  const plan: Plan = {
    ...innocent,
    workload: innocent.workload && { ...innocent.workload, uid: web(world).metadata.uid },
    fieldsHash: fieldsHash(rollBackFields(inputs.fields, '3')),
    rollBack: {
      toRevision: '2',
      hash: back?.hash ?? '',
      template: {
        replicaSet: back?.replicaSet ?? { name: '', uid: '' },
        hash: fieldsHash(back?.template),
        replaces: fieldsHash(inputs.template),
        changes: 1,
      },
    },
  };

  await expect(world.writer.carryOut(plan, 'roll-back')).rejects.toMatchObject({
    code: 'stale-plan',
    message: expect.stringContaining('revision 2 would raise privileges: container app: it would be privileged'),
  });
  expect(world.writes()).toEqual([]);
});

test('a change of the present template that the old checks did not see makes it stale', async () => {
  const world = await start();
  const plan = await planOf(world);

  edit(world, 'deployments', 'web', (template) => {
    for (const container of containersOf(template)) container['securityContext'] = { readOnlyRootFilesystem: true };
  });
  // The revision is an annotation, and who may change the template may write that it was seen, too.
  world.store.write('deployments', 'shop', 'web', (draft) => {
    draft.status = { ...draft.status, observedGeneration: draft.metadata.generation };
  });
  const late = world.writer.carryOut(plan, 'roll-back');

  await expect(late).rejects.toMatchObject({
    code: 'stale-plan',
    message: expect.stringContaining('the pod template has changed since it was proposed'),
  });
  expect(world.writes()).toEqual([]);
});

test('nothing is written over a Deployment that changes between the check and the write', async () => {
  const world = await start();
  const plan = await planOf(world);
  let changed = false;
  const transport: Transport = {
    ...world.transport,
    answer: async (call) => {
      if (call.method === 'PATCH' && !changed) {
        changed = true;
        edit(world, 'deployments', 'web', (template) => {
          for (const container of containersOf(template)) container['image'] = 'shop/web:4';
        });
      }
      return world.transport.answer(call);
    },
  };
  const writing = createClusterWriter({ transport, mode: 'act' }).carryOut(plan, 'roll-back');

  await expect(writing).rejects.toMatchObject({ code: expect.stringMatching(/stale-plan|cluster-conflict/) });
  expect(changed).toBe(true);
  expect(containersOf(objectOf(objectOf(web(world).spec)['template']))[0]?.['image']).toBe('shop/web:4');
});

test('a plan of a version that did not keep what it would write is stale', async () => {
  const world = await start();
  const plan = await planOf(world);
  const { template: _, ...rollBack } = plan.rollBack ?? { toRevision: '2', hash: '' };
  const stored = planSchema.parse(JSON.parse(JSON.stringify({ ...plan, rollBack })));

  expect(stored.rollBack).toMatchObject({ toRevision: '2', template: null });
  await expect(world.writer.carryOut(stored, 'roll-back')).rejects.toMatchObject({ code: 'stale-plan' });
  expect(world.writes()).toEqual([]);
});
