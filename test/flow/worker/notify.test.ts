import { expect, test } from 'vitest';
import { amira, minute, sam, useWorlds } from './worker-world.ts';
import type { WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();
const policy = {
  owners: { names: { 'team-shop': 'S0SHOP' } },
  notify: [
    {
      levels: [
        { who: ['owner'], after: '1m' },
        { who: ['S0ONCALL'], after: '10m' },
      ],
    },
  ],
};

/** Its pods are gone, and policy says who owns it. */
async function down(): Promise<{ readonly world: WorkerWorld; readonly id: string }> {
  const world = await worlds.open({ policy });
  world.cluster.impact = { ...world.cluster.impact, pods: { ready: 0, desired: 1 }, owner: 'team-shop' };
  return { world, id: await world.killed() };
}

async function toldTo(world: WorkerWorld, id: string): Promise<readonly string[]> {
  return (await world.entries(id))
    .filter(({ text }) => text.includes('Nobody has acknowledged'))
    .flatMap(({ people }) => people);
}

test('the impact is read with the first explanation', async () => {
  const world = await worlds.open();
  world.cluster.impact = { ...world.cluster.impact, pods: { ready: 2, desired: 3 } };
  const id = await world.killed();

  await world.look(id);

  expect((await world.incident(id)).impact).toMatchObject({
    severity: 'high',
    pods: { ready: 2, desired: 3 },
    notifyAt: null,
  });
});

test('an impact that cannot be read keeps nothing from being explained', async () => {
  const world = await worlds.open();
  world.cluster.impact = { ...world.cluster.impact, pods: null, unserved: null };
  const id = await world.killed();

  await world.look(id);

  const { impact, explained } = await world.incident(id);
  expect(explained).not.toBeNull();
  expect(impact).toMatchObject({ severity: 'high', pods: null });
});

test('owner, then on-call are notified in time, each once, however often it is looked at', async () => {
  const { world, id } = await down();

  await world.look(id);
  expect(await toldTo(world, id)).toEqual([]);
  expect(await world.dueAt(id)).toBeLessThanOrEqual((await world.incident(id)).openedAt + minute);
  world.pass(minute);
  await world.look(id);
  await world.look(id);
  expect(await toldTo(world, id)).toEqual(['S0SHOP']);
  world.pass(10 * minute);
  await world.look(id);
  world.pass(60 * minute);
  await world.look(id);

  expect(await toldTo(world, id)).toEqual(['S0SHOP', 'S0ONCALL']);
});

test('a worker that dies before it has recorded that they were notified, notifies them once', async () => {
  const { world, id } = await down();
  await world.look(id);
  world.pass(minute);

  await world.lookWith(id, {}, 0);
  expect(await toldTo(world, id)).toEqual([]);
  await world.look(id);

  expect(await toldTo(world, id)).toEqual(['S0SHOP']);
});

test('whoever acknowledges it keeps the others from being notified', async () => {
  const { world, id } = await down();
  await world.look(id);
  world.pass(minute);
  await world.look(id);

  await world.ask(id, 'acknowledge', sam);
  world.pass(30 * minute);
  await world.look(id);

  expect(await toldTo(world, id)).toEqual(['S0SHOP']);
});

test('whoever approves a change does so too', async () => {
  const { world, id } = await down();
  await world.look(id);

  await world.ask(id, 'apply', amira);
  await world.look(id);
  world.pass(30 * minute);
  await world.look(id);

  expect(await toldTo(world, id)).toEqual([]);
});

test('nobody is notified of what is up again when their time comes', async () => {
  const { world, id } = await down();
  await world.look(id);

  world.cluster.impact = { ...world.cluster.impact, pods: { ready: 1, desired: 1 } };
  world.pass(minute);
  await world.look(id);

  expect(await toldTo(world, id)).toEqual([]);
  expect((await world.incident(id)).impact).toMatchObject({ severity: 'low', notifyAt: null });
});

test('what lacks pods is looked at again without a kill, and an unchanged picture is no change of the incident', async () => {
  const world = await worlds.open();
  world.cluster.impact = { ...world.cluster.impact, pods: { ready: 1, desired: 3 } };
  const id = await world.killed();
  await world.look(id);
  const before = await world.incident(id);

  world.pass(minute);
  await world.look(id);
  expect((await world.incident(id)).version).toBe(before.version);
  expect(await world.dueAt(id)).toBeGreaterThan(await world.now());
  world.cluster.impact = { ...world.cluster.impact, pods: { ready: 3, desired: 3 } };
  world.pass(minute);
  await world.look(id);

  expect((await world.incident(id)).impact).toMatchObject({ severity: 'low', pods: { ready: 3, desired: 3 } });
});

/** The usual wait, and a workload whose only pod is down at the first look. */
async function restarting(): Promise<{ readonly world: WorkerWorld; readonly id: string }> {
  const world = await worlds.open({ policy: { ...policy, notify: [{ levels: [{ who: ['owner'] }] }] } });
  world.cluster.impact = { ...world.cluster.impact, pods: { ready: 0, desired: 1 }, owner: 'team-shop' };
  const id = await world.killed();
  await world.look(id);
  return { world, id };
}

test('a single replica that is back within seconds mentions nobody, though it was down at the first look', async () => {
  const { world, id } = await restarting();
  const first = (await world.incident(id)).impact?.severity;
  world.cluster.impact = { ...world.cluster.impact, pods: { ready: 1, desired: 1 } };
  world.pass(2 * minute);
  await world.look(id);

  expect(first).toBe('critical');
  expect(await toldTo(world, id)).toEqual([]);
});

test('one that is still down at the second look mentions its owner', async () => {
  const { world, id } = await restarting();
  world.pass(2 * minute);
  await world.look(id);

  expect(await toldTo(world, id)).toEqual(['S0SHOP']);
});
