import { afterEach, describe, expect, test } from 'vitest';
import { objectOf } from '../../../sandbox/kubernetes/objects/json-value.ts';
import type { JsonObject, KubeObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { createClusterWriter } from '../../../src/adapters/kubernetes/write/write-cluster.ts';
import { deploy, lastOf, peaksAt, runPod, startLivingWorld, untilKills, web } from './living-world.ts';
import type { LivingWorld } from './living-world.ts';

const open: LivingWorld[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

async function start(): Promise<LivingWorld> {
  const world = await startLivingWorld();
  open.push(world);
  return world;
}

describe('a plan is stale', () => {
  const means = ['resize', 'patch-workload'] as const;

  test.each(means)('when someone has changed the template in between (%s)', async (way) => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    world.store.write('deployments', 'shop', 'web', setTemplateLimit('96Mi'));
    const late = world.writer.carryOut(plan, way);

    await expect(late).rejects.toMatchObject({ code: 'stale-plan' });
    expect(world.writes()).toEqual([]);
  });

  test('when the limit has another owner by now, whom nobody agreed to override', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    world.store.write('deployments', 'shop', 'web', (draft) => {
      draft.metadata.managedFields = [ownerOfLimit('helm')];
    });
    const plan = await world.plan(160);

    world.store.write('deployments', 'shop', 'web', (draft) => {
      draft.metadata.managedFields = [ownerOfLimit('argocd-controller')];
    });
    const late = world.writer.carryOut(plan, 'patch-workload');

    expect(plan.owner).toBe('helm');
    await expect(late).rejects.toMatchObject({ code: 'stale-plan' });
    expect(world.writes()).toEqual([]);
  });

  test.each(means)('when another workload has its name (%s)', async (way) => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    world.cluster.deleteWorkload(web);
    await world.clock.advance(60_000);
    await deploy(world, peaksAt(10, 20_000));
    const late = world.writer.carryOut(plan, way);

    await expect(late).rejects.toMatchObject({ code: 'stale-plan' });
    expect(world.writes()).toEqual([]);
  });

  test('when another pod has the name of a bare one', async () => {
    const world = await start();
    const solo = { namespace: 'shop', kind: 'Pod', name: 'solo' };
    await runPod(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    world.cluster.deleteWorkload(solo);
    await world.clock.advance(60_000);
    await runPod(world, peaksAt(10, 20_000));
    const late = world.writer.carryOut(plan, 'resize');

    expect(plan.means).toEqual(['resize']);
    await expect(late).rejects.toMatchObject({ code: 'stale-plan' });
    expect(world.writes()).toEqual([]);
  });

  test('when somebody has resized the pod in between', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    world.store.write('pods', 'shop', lastOf(world.kills).pod, (draft) => {
      draft.spec = { ...draft.spec, containers: [{ name: 'app', resources: { limits: { memory: '80Mi' } } }] };
    });
    const late = world.writer.carryOut(plan, 'resize');

    await expect(late).rejects.toMatchObject({ code: 'stale-plan' });
    expect(world.writes()).toEqual([]);
  });
});

describe('a conflict', () => {
  /** Somebody else writes just before each of the first `times` patches. */
  function withRival(world: LivingWorld, times: number, rival: () => void): ReturnType<typeof createClusterWriter> {
    let left = times;
    const { transport } = world;
    return createClusterWriter({
      mode: 'act',
      transport: {
        ...transport,
        answer: (call) => {
          if (call.method === 'PATCH' && left > 0) {
            left -= 1;
            rival();
          }
          return transport.answer(call);
        },
      },
    });
  }

  const relabel = (resource: string, name: string, world: LivingWorld) => (): void => {
    world.store.write(resource, 'shop', name, (draft) => {
      draft.metadata.labels = { ...draft.metadata.labels, touched: String(world.store.resourceVersion()) };
    });
  };

  test('about something else is only tried again', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    await withRival(world, 2, relabel('pods', lastOf(world.kills).pod, world)).carryOut(plan, 'resize');
    await withRival(world, 2, relabel('deployments', 'web', world)).carryOut(plan, 'patch-workload');

    expect(world.writes().map(({ status }) => status)).toEqual([409, 409, 200, 409, 409, 200]);
  });

  test('about the same field makes the plan stale', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);
    const rival = (): void => {
      world.store.write('deployments', 'shop', 'web', setTemplateLimit('96Mi'));
    };

    const late = withRival(world, 1, rival).carryOut(plan, 'patch-workload');

    await expect(late).rejects.toMatchObject({ code: 'stale-plan' });
    expect(world.writes().map(({ status }) => status)).toEqual([409]);
  });

  test('without an end is told as something that passes', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    const late = withRival(world, 99, relabel('deployments', 'web', world)).carryOut(plan, 'patch-workload');

    await expect(late).rejects.toMatchObject({ code: 'cluster-conflict', retry: 'backoff' });
  });
});

function setTemplateLimit(memory: string): (draft: KubeObject) => void {
  return (draft) => {
    const { spec, metadata } = objectOf(objectOf(draft.spec)['template']);
    const containers = [{ name: 'app', image: 'shop/web:1', resources: { limits: { memory }, requests: { memory } } }];
    draft.spec = { ...draft.spec, template: { metadata, spec: { ...objectOf(spec), containers } } };
  };
}

function ownerOfLimit(manager: string): JsonObject {
  const resources = { 'f:limits': { 'f:memory': {} } };
  const containers = { 'k:{"name":"app"}': { 'f:resources': resources } };
  const fieldsV1 = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': containers } } } };
  return { manager, operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1 };
}
