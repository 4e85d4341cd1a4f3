import { expect, test } from 'vitest';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, minute, sam, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

/* Never a dead end: after a no, an expiry or a failure the thread offers again what is open, under an id of its own. */
const worlds = useWorlds();

async function proposed(changes: WorldChanges = {}): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open(changes);
  const id = await world.killed();
  await world.look(id);
  return { ...world, id };
}

async function statesOf(world: WorkerWorld, id: string): Promise<readonly string[]> {
  return (await world.incident(id)).remediations.map(({ state }) => state);
}

test('what was rejected is offered again under another id, and what was told before is not told twice', async () => {
  const { id, ...world } = await proposed();
  const first = await world.remediation(id);
  await world.ask(id, 'apply', sam);
  await world.look(id);
  await world.ask(id, 'reject', amira, first.plan.id, { value: 'not tonight' });
  await world.look(id);
  const thread = await world.thread(id);
  world.pass(31_000);
  await world.look(id);

  const second = await world.remediation(id);
  expect(await statesOf(world, id)).toEqual(['rejected', 'proposed']);
  expect(second.plan).toMatchObject({ to: first.plan.to, means: first.plan.means });
  expect(second.plan.id).not.toBe(first.plan.id);
  expect((await world.incident(id)).remediations[0]?.rejected).toMatchObject({ by: amira, reason: 'not tonight' });
  expect(thread.at(-1)).toContain('not tonight');
  expect(await world.thread(id)).toEqual(thread);
});

test('a click on the rejected one is told what became of it, and the new try is carried out once', async () => {
  const { id, ...world } = await proposed();
  const first = await world.remediation(id);
  await world.ask(id, 'reject', amira);
  await world.look(id);
  world.pass(31_000);
  await world.look(id);

  await world.ask(id, 'apply', amira, first.plan.id);
  await world.look(id);
  const told = await world.answers(id, amira);
  const writes = [...world.cluster.writes];
  const second = await world.remediation(id);
  await world.ask(id, 'apply', amira, second.plan.id);
  await world.ask(id, 'apply', amira, second.plan.id);
  await world.look(id);

  expect(told).toEqual([expect.stringMatching(/rejected this already; nothing changed.*top of the thread/)]);
  expect(writes).toEqual([]);
  expect(await statesOf(world, id)).toEqual(['rejected', 'verifying']);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
});

test('however often it is rejected, it comes back each time, and never with an id that was used', async () => {
  const { id, ...world } = await proposed();
  for (let times = 0; times < 3; times += 1) {
    await world.ask(id, 'reject', amira);
    world.pass(31_000);
    await world.look(id);
  }

  const { remediations } = await world.incident(id);
  expect(remediations.map(({ state }) => state)).toEqual(['rejected', 'rejected', 'rejected', 'proposed']);
  expect(new Set(remediations.map(({ plan }) => plan.id)).size).toBe(4);
});

test('a change that failed is offered again, this time without the resize that did nothing', async () => {
  const { id, ...world } = await proposed();
  world.cluster.resize = 'refused';
  world.cluster.patch = 'refused';
  await world.ask(id, 'apply', amira);
  await world.look(id);
  world.cluster.patch = 'works';
  world.pass(31_000);
  await world.look(id);
  const again = await world.remediation(id);
  await world.ask(id, 'apply', amira, again.plan.id);
  await world.look(id);

  expect(again).toMatchObject({ state: 'proposed', plan: { means: ['patch-workload'] } });
  expect(await statesOf(world, id)).toEqual(['failed', 'verifying']);
  expect(world.cluster.writes).toEqual(['patch the template to 640Mi']);
});

test('a resize that a rollout has undone is proposed at once, and in the template', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);
  await world.look(id);
  for (const pod of world.cluster.pods) pod.level = pod.status = pod.spec = 512 * Mi;
  world.pass(15 * minute);
  await world.look(id);

  expect(await statesOf(world, id)).toEqual(['vanished', 'proposed']);
  expect((await world.remediation(id)).plan).toMatchObject({ to: { limitBytes: 640 * Mi }, means: ['patch-workload'] });
});

test('what was killed again at its new limit does not come back as it was', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);
  await world.look(id);
  world.pass(minute);
  await world.killed({ livedMs: 30_000 });
  await world.look(id);
  world.pass(hour);
  await world.look(id);

  const { remediations } = await world.incident(id);
  expect(remediations[0]?.state).toBe('failed');
  expect(remediations.slice(1).every(({ plan }) => (plan.to.limitBytes ?? 0) > 640 * Mi)).toBe(true);
});
