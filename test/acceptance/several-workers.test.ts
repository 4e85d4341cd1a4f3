import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OwnProcess } from '../../scripts/system.ts';
import { eventually } from '../eventually.ts';
import { isLongWanted, skipUnlessLongIsWanted } from '../long.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { click, personNamed } from './people.ts';
import { beginStory } from './story.ts';
import { allWords, doubleReplies, threadAbout, threadsOf } from './threads.ts';
import { addVictim } from './victims.ts';
import { resizedIn, writesOf } from './writes.ts';

/* One cluster with three workers, each a process of its own. One of them dies while plans are carried out. */

let system: System;
let workers: readonly OwnProcess[];
skipUnlessLongIsWanted();
beforeAll(async () => {
  if (!isLongWanted) return;
  system = await startSystem({ world: { speed: 60 }, settings: { OOMKEEPER_MODE: 'act' } });
  workers = [system.process('worker'), await system.beside('worker'), await system.beside('worker')];
});
afterAll(async () => system?.stop());

const approved = ['checkout', 'catalog', 'basket', 'invoices'];
const others = Array.from({ length: 12 }, (_, nth) => `victim-${nth}`);
const later = Array.from({ length: 12 }, (_, nth) => `later-${nth}`);

test('three workers share the incidents of a cluster: each has one thread with every kill counted once', async () => {
  const { world } = system;
  for (const name of others) addVictim(world, { name, kills: 2 });

  await eventually(() => expect(killsOf(others)).toEqual(others.map(() => 2)));
  await eventually(() => expect(unexplained(others)).toEqual([]));

  expect(threadsOf(world)).toHaveLength(others.length);
  for (const one of workers) expect(await jobsOf(one)).toMatchObject({ kills: positive, incidents: positive });
});

test('each plan is carried out once although a worker is killed at the first write; the others do the rest', async () => {
  const { world } = system;
  const [first, second, doomed] = workers;
  if (first === undefined || second === undefined || doomed === undefined) throw new Error('three were started');
  const amira = personNamed(world, 'amira');
  const stories = await Promise.all(approved.map((name) => beginStory(world, 'limit-too-low', name)));
  for (const { withButton } of stories) await withButton('apply');
  const before = await Promise.all([first, second].map(jobsOf));

  const killed = atTheFirstWrite(() => doomed.stop('SIGKILL'));
  await Promise.all(
    stories.map(({ thread }) => click(world, thread(), { user: amira, actionId: 'apply', stale: true })),
  );
  await killed;
  for (const name of later) addVictim(world, { name, kills: 2 });

  await eventually(() => {
    for (const { thread } of stories) expect(allWords(thread().root)).toMatch(/Held/);
  });
  await eventually(() => expect(killsOf(later)).toEqual(later.map(() => 2)));
  await eventually(() => expect(unexplained(later)).toEqual([]));
  expect(resizedIn(world).toSorted()).toEqual(approved.toSorted());
  expect(threadsOf(world)).toHaveLength(others.length + approved.length + later.length);
  for (const thread of threadsOf(world)) expect(doubleReplies(thread)).toEqual([]);
  for (const [nth, one] of [first, second].entries()) {
    const { kills, incidents } = await jobsOf(one);
    expect(kills).toBeGreaterThan(before[nth]?.kills ?? Infinity);
    expect(incidents).toBeGreaterThan(before[nth]?.incidents ?? Infinity);
  }
  expect(system.complaints).toEqual([]);
});

function killsOf(names: readonly string[]): readonly number[] {
  return names.map((name) => threadAbout(system.world, name).kills);
}

function unexplained(names: readonly string[]): readonly string[] {
  return names.filter((name) => threadAbout(system.world, name).verdict === '');
}

const positive: unknown = expect.toSatisfy((count) => typeof count === 'number' && count > 0);

/** What a worker has taken from its queues so far. */
async function jobsOf({ opsUrl }: OwnProcess): Promise<{ readonly kills: number; readonly incidents: number }> {
  const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
  const count = (queue: string): number => {
    const line = metrics
      .split('\n')
      .find((one) => one.startsWith('oomkeeper_job_seconds_count') && one.includes(queue));
    return Number(line?.split(' ').at(-1));
  };
  return { kills: count('queue="kills"'), incidents: count('queue="incidents"') };
}

/** NOTE: looks at every turn of the event loop, so that hardly more than the answer's first bytes are on their way. */
async function atTheFirstWrite(act: () => Promise<void>): Promise<void> {
  while (writesOf(system.world).length === 0) await turn();
  await act();
}
