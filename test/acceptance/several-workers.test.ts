import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { OwnProcess } from '../../scripts/system.ts';
import { eventually } from '../eventually.ts';
import { beforeAllLong } from '../long.ts';
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
beforeAllLong(async () => {
  system = await startSystem({ world: { speed: 60 }, settings: { OOMKEEPER_MODE: 'act' } });
  workers = [system.process('worker'), await system.beside('worker'), await system.beside('worker')];
});
afterAll(async () => system?.stop());

const approved = ['checkout', 'catalog', 'basket', 'invoices'];
/** Killed at a time, and at most. */
const batch = 12;
const most = 72;
const others: string[] = [];

test('three workers share the incidents of a cluster: each has one thread with every kill counted once', async () => {
  others.push(...(await killUntilEachHasTaken(workers)));

  expect(threadsOf(system.world)).toHaveLength(others.length);
});

test('each plan is carried out once although a worker is killed at the first write; the others do the rest', async () => {
  const { world } = system;
  const [first, second, doomed] = workers;
  if (first === undefined || second === undefined || doomed === undefined) throw new Error('three were started');
  const amira = personNamed(world, 'amira');
  const stories = await Promise.all(approved.map((name) => beginStory(world, 'limit-too-low', name)));
  for (const { withButton } of stories) await withButton('apply');

  const killed = atTheFirstWrite(() => doomed.stop('SIGKILL'));
  await Promise.all(
    stories.map(({ thread }) => click(world, thread(), { user: amira, actionId: 'apply', stale: true })),
  );
  await killed;
  const later = await killUntilEachHasTaken([first, second]);

  await eventually(() => {
    for (const { thread } of stories) expect(allWords(thread().root)).toMatch(/Held/);
  });
  expect(resizedIn(world).toSorted()).toEqual(approved.toSorted());
  expect(threadsOf(world)).toHaveLength(others.length + approved.length + later.length);
  for (const thread of threadsOf(world)) expect(doubleReplies(thread)).toEqual([]);
  expect(system.complaints).toEqual([]);
});

function killsOf(names: readonly string[]): readonly number[] {
  return names.map((name) => threadAbout(system.world, name).kills);
}

function unexplained(names: readonly string[]): readonly string[] {
  return names.filter((name) => threadAbout(system.world, name).verdict === '');
}

/**
 * Who takes which job is chance: workloads are killed twice each, a batch after the other, until each of these workers
 * has taken jobs of both queues meanwhile. Answers with the workloads, each of which has one thread by then that counts
 * both kills and is explained.
 */
async function killUntilEachHasTaken(taking: readonly OwnProcess[]): Promise<readonly string[]> {
  const { world } = system;
  const before = await Promise.all(taking.map(jobsOf));
  const names: string[] = [];
  for (;;) {
    for (let nth = 0; nth < batch; nth += 1) {
      const name = `victim-${others.length + names.length}`;
      names.push(name);
      addVictim(world, { name, kills: 2 });
    }
    await eventually(() => expect(killsOf(names)).toEqual(names.map(() => 2)));
    await eventually(() => expect(unexplained(names)).toEqual([]));
    const after = await Promise.all(taking.map(jobsOf));
    const idle = after.filter(
      ({ kills, incidents }, nth) =>
        kills <= (before[nth]?.kills ?? Infinity) || incidents <= (before[nth]?.incidents ?? Infinity),
    );
    if (idle.length === 0) return names;
    expect(names.length, `${idle.length} workers have nothing to do`).toBeLessThan(most);
  }
}

/** What a worker has taken from its queues so far. */
async function jobsOf({ opsUrl }: OwnProcess): Promise<{ readonly kills: number; readonly incidents: number }> {
  const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
  const count = (queue: string): number => {
    const line = metrics
      .split('\n')
      .find((one) => one.startsWith('oomkeeper_job_seconds_count') && one.includes(queue));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  return { kills: count('queue="kills"'), incidents: count('queue="incidents"') };
}

/** NOTE: looks at every turn of the event loop, so that hardly more than the answer's first bytes are on their way. */
async function atTheFirstWrite(act: () => Promise<void>): Promise<void> {
  while (writesOf(system.world).length === 0) await turn();
  await act();
}
