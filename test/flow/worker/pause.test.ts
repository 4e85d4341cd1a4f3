import { expect, test } from 'vitest';
import { setPause } from '../../../src/flow/pause.ts';
import type { PauseQuestion } from '../../../src/flow/answer/question-needs.ts';
import { amira, minute, sam, useWorlds, type WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();

async function say(world: WorkerWorld, want: PauseQuestion['want'], by: string, reason: string | null = null) {
  return setPause({ ask: 'pause', want, by, groups: [], reason }, { ...world.needs, cluster: 'prod' });
}

test('anybody may pause, and only somebody who may approve lets changes go on', async () => {
  const world = await worlds.open();
  const paused = await say(world, 'paused', sam, 'release');
  const refused = await say(world, 'running', sam);
  const still = await world.store.pause();
  const resumed = await say(world, 'running', amira);

  expect(paused.is).toBe('paused');
  expect(refused).toMatchObject({ is: 'refused', people: [amira] });
  expect(still).toMatchObject({ by: sam, reason: 'release' });
  expect(resumed.is).toBe('running');
  expect(await world.store.pause()).toBeNull();
});

test('what is so already is told, and who did it', async () => {
  const world = await worlds.open();
  const running = await say(world, 'running', sam);
  await say(world, 'paused', amira);
  const again = await say(world, 'paused', sam);

  expect(running.text).toContain('not paused');
  expect(again).toMatchObject({ is: 'paused', people: [amira] });
  expect((await world.store.pause())?.by).toBe(amira);
});

test('a second pause with another reason changes the reason, and not since when or by whom', async () => {
  const world = await worlds.open();
  await say(world, 'paused', sam, 'release');
  const first = await world.store.pause();
  const same = await say(world, 'paused', amira, 'release');
  const changed = await say(world, 'paused', amira, 'database move');

  expect(same.text).toContain('paused already');
  expect(changed.text).toContain('The reason was changed');
  expect(await world.store.pause()).toEqual({ ...first, reason: 'database move' });
  expect(await world.store.killSwitch()).toMatchObject({
    changes: 2,
    last: { what: 'reason-changed', by: amira, reason: 'database move' },
  });
  expect((await world.store.audit(0, 10)).map(({ what, by }) => [what, by])).toEqual([
    ['paused', sam],
    ['pause-reason-changed', amira],
  ]);
});

test('an incident that was approved before the pause goes on at once afterwards', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.lookWith(id, {}, 1);
  await say(world, 'paused', sam);
  await world.look(id);
  const during = [...world.cluster.writes];
  await say(world, 'running', amira);

  expect(during).toEqual([]);
  expect(world.hinted.at(-1)).toBe(`advance ${id}`);
});

test('the record has who paused and who let it go on', async () => {
  const world = await worlds.open();
  await say(world, 'paused', sam, 'release');
  await say(world, 'running', sam);
  await say(world, 'running', amira);

  expect((await world.store.audit(0, 10)).map(({ what, by, incident }) => [what, by, incident])).toEqual([
    ['paused', sam, null],
    ['refused:may-not-approve', sam, null],
    ['resumed', amira, null],
  ]);
});

test('during a pause a kill is explained, whatever was approved before', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.lookWith(id, {}, 1);
  await say(world, 'paused', sam);
  world.pass(minute);
  await world.killed({ livedMs: 4_000 });
  await world.look(id);

  const { explained, remediations } = await world.incident(id);
  expect(explained?.kills).toBe(2);
  expect(remediations.map(({ state }) => state)).toEqual(['approved']);
  expect(world.cluster.writes).toEqual([]);
});
