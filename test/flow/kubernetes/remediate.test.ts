import { readConfig } from '../../../src/app/config/config.ts';
import { writerFor } from '../../../src/app/worker.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { objectOf } from '../../../sandbox/kubernetes/objects/json-value.ts';
import { wordChange } from '../../fixtures/manifests.ts';
import { deploy, lastOf, Mi, peaksAt, startLivingWorld, untilKills, web } from './living-world.ts';
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

const limitsNow = (world: LivingWorld): readonly (number | null)[] =>
  world.cluster.standings(web, 'app').map(({ limitInForceBytes }) => limitInForceBytes);

describe('a resize', () => {
  test('of a running pod is done when it is seen, and ends the kills', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    const since = world.clock.now();
    await world.writer.carryOut(plan, 'resize');
    const atOnce = await world.ask(plan, 'resize', since);
    await world.clock.advance(1_000);
    const soon = await world.ask(plan, 'resize', since);
    await world.clock.advance(600_000);

    expect(plan.means).toEqual(['resize', 'patch-workload']);
    expect(atOnce.is).toBe('waiting');
    expect(soon.is).toBe('done');
    expect(limitsNow(world)).toEqual([160 * Mi]);
    expect(world.kills).toHaveLength(1);
    expect(world.writes()).toHaveLength(1);
  });

  test('of a crash-looping pod is seen to be useless, and the template helps', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 800));
    await untilKills(world, 3);
    const plan = await world.plan(160);

    const since = world.clock.now();
    await world.writer.carryOut(plan, 'resize');
    await world.clock.advance(400);
    const soon = await world.ask(plan, 'resize', since);
    await world.clock.advance(15_000);
    const later = await world.ask(plan, 'resize', since);
    const patchedAt = world.clock.now();
    await world.writer.carryOut(plan, 'patch-workload');
    const duringRollout = await world.ask(plan, 'patch-workload', patchedAt);
    await world.clock.advance(60_000);
    const afterRollout = await world.ask(plan, 'patch-workload', patchedAt);

    expect(soon.is).toBe('waiting');
    expect(later.is).toBe('useless');
    expect(duringRollout.is).toBe('waiting');
    expect(afterRollout.is).toBe('done');
    expect(limitsNow(world)).toEqual([160 * Mi]);
    expect(world.store.get('deployments', 'shop', 'web')?.metadata.annotations).toMatchObject({
      'oomkeeper.dev/plan': plan.id,
    });
  });

  test('changes every pod of the workload with the same memory', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000), { replicas: 3 });
    await untilKills(world, 3);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    const since = world.clock.now();
    await world.writer.carryOut(plan, 'resize');
    await world.clock.advance(1_000);

    expect((await world.ask(plan, 'resize', since)).is).toBe('done');
    expect(limitsNow(world)).toEqual([160 * Mi, 160 * Mi, 160 * Mi]);
  });

  test('that was carried out halfway goes on with the rest', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000), { replicas: 2 });
    await untilKills(world, 2);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);
    world.server.faults.inject({ kind: 'http-500', method: 'PATCH', path: plan.pods[1]?.name ?? '' });

    await expect(world.writer.carryOut(plan, 'resize')).rejects.toMatchObject({ code: 'cluster-failed' });
    await world.writer.carryOut(plan, 'resize');
    await world.clock.advance(1_000);

    expect(limitsNow(world)).toEqual([160 * Mi, 160 * Mi]);
    expect(world.writes().map(({ status }) => status)).toEqual([200, 500, 200]);
  });

  test('keeps a Guaranteed pod Guaranteed, and adds no CPU', async () => {
    const world = await start();
    const both = { cpu: '100m', memory: '64Mi' };
    await deploy(world, peaksAt(100, 20_000), { resources: { limits: both, requests: both } });
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    await world.writer.carryOut(plan, 'resize');
    await world.clock.advance(1_000);

    const [pod] = world.store.list('pods', 'shop');
    expect(objectOf(pod?.status)['qosClass']).toBe('Guaranteed');
    expect(JSON.stringify(pod?.spec)).toContain('"limits":{"cpu":"100m","memory":"160Mi"}');
  });

  test('keeps a Burstable pod Burstable where request = limit would make it Guaranteed', async () => {
    const world = await start();
    const resources = { limits: { cpu: '100m', memory: '64Mi' }, requests: { cpu: '100m', memory: '32Mi' } };
    await deploy(world, peaksAt(100, 20_000), { resources });
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(160);

    await world.writer.carryOut(plan, 'resize');
    await world.clock.advance(1_000);

    expect(plan.to).toEqual({ limitBytes: 160 * Mi, requestBytes: 32 * Mi });
    expect(limitsNow(world)).toEqual([160 * Mi]);
  });

  test('that the server refuses says why', async () => {
    const world = await start();
    await deploy(world, peaksAt(100, 20_000));
    await untilKills(world, 1);
    await world.clock.advance(3_000);
    const plan = await world.plan(1024 * 1024);

    const refused = world.writer.carryOut(plan, 'resize');

    await expect(refused).rejects.toMatchObject({ code: 'resize-refused', retry: 'never' });
  });
});

test.each(['resize', 'patch-workload'] as const)('what is carried out twice changes once (%s)', async (means) => {
  const world = await start();
  await deploy(world, peaksAt(100, 20_000));
  await untilKills(world, 1);
  await world.clock.advance(3_000);
  const plan = await world.plan(160);

  await world.writer.carryOut(plan, means);
  if (means === 'resize') await world.writer.carryOut(plan, means);
  else await Promise.all([world.writer.carryOut(plan, means), world.writer.carryOut(plan, means)]);

  expect(world.writes().filter(({ status }) => status === 200)).toHaveLength(1);
});

test.each([
  ['with the limit', 160],
  ['alone, where the limit is right', null],
])('a heap flag is changed %s, once, and is in force when the pods have it', async (_, limitMi) => {
  const world = await start();
  await deploy(world, peaksAt(100, 20_000));
  await untilKills(world, 1);
  await world.clock.advance(3_000);
  const wanted = limitMi ?? (lastOf(world.kills).limitBytes ?? 0) / Mi;
  const flag = wordChange('NODE_OPTIONS', null, '--max-old-space-size=48');
  const plan = await world.plan(wanted, [flag]);

  const since = world.clock.now();
  await world.writer.carryOut(plan, 'patch-workload');
  const atOnce = await world.ask(plan, 'patch-workload', since);
  await world.clock.advance(10_000);
  const later = await world.ask(plan, 'patch-workload', since);
  await world.writer.carryOut(plan, 'patch-workload');

  expect(plan.means).toEqual(['patch-workload']);
  expect([atOnce.is, later.is]).toEqual(['waiting', 'done']);
  expect(world.cluster.standings(web, 'app')).toMatchObject([
    { askedBytes: wanted * Mi, env: { NODE_OPTIONS: flag.words[0]?.to } },
  ]);
  expect(world.writes()).toHaveLength(1);
});

test('a worker that nobody told to act sends nothing that could change something', async () => {
  const world = await start();
  const writer = writerFor(readConfig({ OOMKEEPER_CLUSTER: 'prod' }, ['worker']), world.transport);
  await deploy(world, peaksAt(100, 20_000));
  await untilKills(world, 1);
  const plan = await world.plan(160);

  await world.reader.findings(lastOf(world.kills), world.kills);
  await world.ask(plan, 'resize', 0);
  const refused = await Promise.allSettled(
    plan.means.map((means) => writer.carryOut(plan, means, async () => undefined)),
  );

  expect(refused.map((one) => one.status === 'rejected' && String(one.reason))).toEqual(
    Array.from({ length: 2 }, () => 'Failure: Oomkeeper is observe-only in this cluster; nothing changed.'),
  );
  expect(world.writes()).toEqual([]);
});
