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

  expect(admission).toEqual({ is: 'suspect', unread: true });
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

const gaveUp = { suspect: true, kind: 'self', reason: 'Error', exitCode: 134 } as const;
const words = ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'];

test('a suspect is judged once more when its last samples have come', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  await admitKill(await world.kill({ suspect: true }), world.needs);
  const looks = new Map<string, number>();

  expect(await judgeAgain(world.needs, looks)).toBe(0);
  world.cluster.usage = 0.96;
  world.pass(2 * minute);
  expect(await judgeAgain(world.needs, looks)).toBe(1);

  expect(await world.store.open(10)).toHaveLength(1);
  expect(await world.store.suspects()).toEqual([]);
});

test('a suspect whose samples decide nothing is looked at twice and no more', async () => {
  const world = await worlds.open();
  world.cluster.usage = 0.5;
  await admitKill(await world.kill({ suspect: true }), world.needs);
  world.pass(2 * minute);
  const looks = new Map<string, number>();
  await judgeAgain(world.needs, looks);

  world.pass(4 * minute);
  world.cluster.broken.findings = new Error('asked a third time');

  expect(await judgeAgain(world.needs, looks)).toBe(0);
});

test('a suspect whose samples could not be read is looked at again until they can be', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  await admitKill(await world.kill({ suspect: true }), world.needs);
  const looks = new Map<string, number>();
  world.pass(2 * minute);
  await judgeAgain(world.needs, looks);

  world.cluster.usage = 0.96;
  expect(await judgeAgain(world.needs, looks)).toBe(0);
  world.pass(3 * minute);
  expect(await judgeAgain(world.needs, looks)).toBe(1);
});

test('a runtime that gave up, and whose log could not be read at once, opens an incident within seconds of the log', async () => {
  const world = await worlds.open();
  const first = await admitKill({ ...(await world.kill()), ...gaveUp }, world.needs);
  const looks = new Map<string, number>();
  world.pass(6_000);
  await judgeAgain(world.needs, looks);

  world.cluster.log = words;
  world.pass(7_000);
  const kills = await judgeAgain(world.needs, looks);

  expect(first).toEqual({ is: 'suspect', unread: true });
  expect(kills).toBe(1);
  expect((await world.store.open(10)).map(({ incident }) => incident.trigger.kind)).toEqual(['self']);
});

test('a log that cannot be read is asked for less and less often, and after a quarter of an hour no more', async () => {
  const world = await worlds.open();
  await admitKill({ ...(await world.kill()), ...gaveUp }, world.needs);
  const looks = new Map<string, number>();
  let asked = 0;
  const findings: typeof world.needs.reader.findings = (...of) => {
    asked += 1;
    return world.needs.reader.findings(...of);
  };
  const needs = { ...world.needs, reader: { ...world.needs.reader, findings } };

  for (let second = 0; second < 3_600; second += 5) {
    world.pass(5_000);
    await judgeAgain(needs, looks);
  }

  expect(asked).toBeLessThanOrEqual(8);
  expect(asked).toBeGreaterThanOrEqual(6);
  world.cluster.log = words;
  expect(await judgeAgain(needs, looks)).toBe(0);
});

test('a log that does not speak of memory decides, and is not read again', async () => {
  const world = await worlds.open();
  await admitKill({ ...(await world.kill()), ...gaveUp }, world.needs);
  const looks = new Map<string, number>();
  world.cluster.log = ['TypeError: x is not a function'];
  world.pass(minute);
  await judgeAgain(world.needs, looks);

  world.pass(2 * minute);
  world.cluster.broken.findings = new Error('asked again');

  expect(await judgeAgain(world.needs, looks)).toBe(0);
});

test('many suspects at once are judged a few at a time, and none is left out', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  for (let n = 0; n < 12; n += 1)
    await admitKill(await world.kill({ suspect: true, workload: `app-${n}` }), world.needs);
  world.cluster.usage = 0.96;
  world.pass(2 * minute);
  const looks = new Map<string, number>();

  const rounds: number[] = [];
  for (let round = 0; round < 4; round += 1) rounds.push(await judgeAgain(world.needs, looks));

  expect(rounds).toEqual([5, 5, 2, 0]);
});
