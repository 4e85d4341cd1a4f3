import { expect, test } from 'vitest';
import { admitKill } from '../../../src/flow/admit.ts';
import { judgeAgain } from '../../../src/flow/judge-again.ts';
import { minute, useWorlds } from './worker-world.ts';

const worlds = useWorlds();

test('a suspect that stood at its limit opens an incident, as a kill', async () => {
  const world = await worlds.open();

  const admission = await admitKill(await world.kill({ suspect: true }), world.needs);

  const [opened] = await world.store.open(10);
  expect(admission).toEqual({ is: 'opened', incident: opened?.incident.id });
  expect(opened?.incident.trigger).toMatchObject({ suspect: false });
  expect(await world.store.suspects()).toEqual([]);
});

test('a suspect that nothing decides is kept with the reason, and opens nothing', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;

  const admission = await admitKill(await world.kill({ suspect: true }), world.needs);

  expect(admission).toEqual({ is: 'suspect' });
  expect(await world.store.open(10)).toEqual([]);
  expect(await world.store.suspects()).toMatchObject([
    { why: expect.stringContaining('Prometheus cannot be reached') },
  ]);
  expect(world.hinted).toEqual([]);
});

test('a kept suspect that turns out to be a kill opens an incident, once', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  const suspect = await world.kill({ suspect: true });
  await admitKill(suspect, world.needs);

  const first = await admitKill({ ...suspect, suspect: false, reason: 'OOMKilled' }, world.needs);
  const second = await admitKill({ ...suspect, suspect: false, reason: 'OOMKilled' }, world.needs);

  expect([first.is, second.is]).toEqual(['opened', 'known']);
  expect(await world.store.suspects()).toEqual([]);
});

test('a suspect that arrives after its kill was admitted is not kept', async () => {
  const world = await worlds.open();
  const kill = await world.kill();
  await admitKill(kill, world.needs);
  world.cluster.usage = null;

  await admitKill({ ...kill, suspect: true }, world.needs);

  expect(await world.store.suspects()).toEqual([]);
  expect(await world.store.open(10)).toHaveLength(1);
});

test('a suspect whose evidence cannot be read at all is not lost: its job is tried again', async () => {
  const world = await worlds.open();
  world.cluster.broken.findings = new Error('a reader that breaks its promise');
  const suspect = await world.kill({ suspect: true });

  await expect(admitKill(suspect, world.needs)).rejects.toThrow('breaks its promise');
  delete world.cluster.broken.findings;

  expect((await admitKill(suspect, world.needs)).is).toBe('opened');
});

test('a suspect is judged once more when its last samples have come', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  await admitKill(await world.kill({ suspect: true }), world.needs);
  const judged = new Set<string>();

  expect(await judgeAgain(world.needs, judged)).toBe(0);
  world.cluster.usage = 0.96;
  world.pass(2 * minute);
  expect(await judgeAgain(world.needs, judged)).toBe(1);

  expect(await world.store.open(10)).toHaveLength(1);
  expect(await world.store.suspects()).toEqual([]);
});

test('a suspect that stays undecided is looked at twice and no more', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  await admitKill(await world.kill({ suspect: true }), world.needs);
  world.pass(2 * minute);
  const judged = new Set<string>();
  await judgeAgain(world.needs, judged);

  world.cluster.broken.findings = new Error('asked a third time');

  expect(await judgeAgain(world.needs, judged)).toBe(0);
});
