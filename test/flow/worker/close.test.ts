import { expect, test } from 'vitest';
import { admitKill } from '../../../src/flow/admit.ts';
import type { Store } from '../../../src/flow/needs.ts';
import { advance } from '../../../src/flow/advance.ts';
import { amira, hour, sam, useWorlds, type WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();

/** A store in which `meanwhile` happens between the decision to close an incident and its commit. */
function closingInto(world: WorkerWorld, meanwhile: () => Promise<unknown>): Store {
  return {
    ...world.store,
    update: async (id, decide) => {
      const change = decide(await world.load(id));
      if (change?.incident.state.is === 'closed') await meanwhile();
      return world.store.update(id, decide);
    },
  };
}

test('a quiet day closes an incident, and a later kill opens a new one that knows the old', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);

  world.pass(24 * hour);
  await world.look(id);
  const closed = await world.incident(id);
  const next = await world.killed();

  expect(closed.state).toMatchObject({ is: 'closed', outcome: 'quiet' });
  expect(next).not.toBe(id);
  expect((await world.incident(next)).previous).toBe(id);
});

test('a closed incident is due no more', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  world.pass(24 * hour);

  await world.look(id);

  expect(await world.dueAt(id)).toBeNull();
});

test('a kill that comes while its incident is being closed keeps it open', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  world.pass(24 * hour);
  const store = closingInto(world, async () => admitKill(await world.kill(), world.needs));

  await advance(id, { ...world.needs, store });

  const { incident, tally } = await world.load(id);
  expect(tally.count).toBe(2);
  expect(incident.state).toEqual({ is: 'open' });
});

test('a workload that was deleted closes its incident as gone, but not right after its kill', async () => {
  const world = await worlds.open();
  world.cluster.exists = false;
  world.cluster.pods = [];
  const id = await world.killed();

  await world.look(id);
  const early = await world.incident(id);
  world.pass(hour);
  await world.look(id);

  expect(early.state.is).toBe('open');
  expect(early.explained?.noPlan).toContain('does not exist');
  expect((await world.incident(id)).state).toMatchObject({ is: 'closed', outcome: 'gone' });
  expect(await world.thread(id)).toContain('Closed: the workload was deleted.');
});

test('a kill that comes while its incident is being closed as gone keeps it open', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  world.cluster.exists = false;
  world.pass(hour);
  const store = closingInto(world, async () => admitKill(await world.kill(), world.needs));

  await advance(id, { ...world.needs, store });

  expect((await world.incident(id)).state).toEqual({ is: 'open' });
});

test('an incident that waits for an approval is not closed by quiet', async () => {
  const world = await worlds.open({ approvalTtlMs: 48 * hour });
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', sam);
  await world.look(id);

  world.pass(25 * hour);
  await world.look(id);

  expect((await world.incident(id)).state.is).toBe('open');
});

test('a request for a closed incident is answered, and the incident is due no more', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  world.pass(24 * hour);
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.ask(id, 'acknowledge', sam);

  await world.look(id);

  expect(await world.answers(id, amira)).toEqual([`${id} is closed; nothing changed.`]);
  expect(await world.answers(id, sam)).toEqual([`${id} is closed; nothing changed.`]);
  expect((await world.load(id)).requests).toEqual([]);
  expect(await world.dueAt(id)).toBeNull();
  expect(world.cluster.writes).toEqual([]);
});

test('a held change keeps its incident open until it has been quiet', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.look(id);
  world.pass(2 * hour);
  await world.look(id);
  const early = await world.incident(id);

  world.pass(24 * hour);
  await world.look(id);

  expect(early.remediations.map(({ state }) => state)).toEqual(['held']);
  expect(early.state.is).toBe('open');
  expect((await world.incident(id)).state).toMatchObject({ is: 'closed', outcome: 'quiet' });
});
