import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { admitKill } from '../../../src/flow/admit.ts';
import { advance, advanceWhenFree } from '../../../src/flow/advance.ts';
import type { ClusterWriter, Store } from '../../../src/flow/needs.ts';
import { sweep } from '../../../src/flow/sweep.ts';
import { amira, minute, sam, useWorlds, type WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();

async function proposed(): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  return { ...world, id };
}

/** As if every lease was over at once: what is left is what the commits guarantee. */
function leaseless(world: WorkerWorld): Store {
  return { ...world.store, lease: () => Promise.resolve({ release: () => Promise.resolve() }) };
}

/** The resize is refused, and the template cannot be reached just now. */
function refusing(...[, means]: Parameters<ClusterWriter['carryOut']>): Promise<void> {
  return Promise.reject(
    means === 'resize'
      ? new Failure('resize-refused', 'The node has not so much memory.')
      : new Failure('cluster-unreachable', 'No route.', { retry: 'backoff' }),
  );
}

test('of two workers that advance one incident at the same time one does it, and the other leaves it', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);

  const both = await Promise.all([advance(id, world.needs), advance(id, world.needs)]);

  expect(both.toSorted()).toEqual(['advanced', 'held']);
  expect(world.cluster.asked).toBe(1);
  expect((await world.remediation(id)).state).toBe('verifying');
});

test('a hint that finds its incident held waits, and its news are not left lying', async () => {
  const { id, ...world } = await proposed();
  const lease = await world.store.lease(id, 5_000);
  await world.ask(id, 'acknowledge', sam);

  const hinted = advanceWhenFree(id, world.needs);
  await lease?.release();
  await hinted;

  expect((await world.incident(id)).acknowledged?.by).toBe(sam);
});

test('a worker that died holding an incident keeps it only until its lease is over', async () => {
  const { id, ...world } = await proposed();
  await world.store.lease(id, 100);
  await world.ask(id, 'acknowledge', sam);

  await advanceWhenFree(id, world.needs);

  expect((await world.incident(id)).acknowledged?.by).toBe(sam);
});

test('even without a lease each step is done once', async () => {
  const { id, ...world } = await proposed();
  const needs = { ...world.needs, store: leaseless(world) };
  await world.ask(id, 'apply', sam);
  await world.ask(id, 'approve', amira);
  await world.ask(id, 'acknowledge', sam);

  await Promise.all([advance(id, needs), advance(id, needs), advance(id, needs)]);
  world.pass(15 * minute);
  await Promise.all([advance(id, needs), advance(id, needs), advance(id, needs)]);

  const thread = await world.thread(id);
  expect((await world.remediation(id)).state).toBe('held');
  expect(new Set(thread).size).toBe(thread.length);
  expect(thread).toHaveLength(2 + 2 + 1 + 3);
  expect(await world.answers(id, sam)).toHaveLength(1);
  expect(await world.answers(id, amira)).toEqual([]);
  expect(world.cluster.writes).toHaveLength(1);
});

test('a worker that is slower than its lease does not report one means as the next', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);
  const started = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const { carryOut } = world.needs.writer;
  const slow = {
    ...world.needs,
    store: leaseless(world),
    writer: {
      carryOut: async (...[plan, means, subject]: Parameters<typeof carryOut>) => {
        started.resolve();
        await goOn.promise;
        if (means !== 'resize') await carryOut(plan, means, subject);
      },
    },
  };

  const late = advance(id, slow);
  await started.promise;
  await advance(id, { ...world.needs, store: leaseless(world), writer: { carryOut: refusing } });
  const before = await world.remediation(id);
  goOn.resolve();
  await late;

  expect(before).toMatchObject({ state: 'applying', means: 'patch-workload', writtenAt: null });
  expect((await world.remediation(id)).state).toBe('verifying');
  expect(world.cluster.writes).toEqual([expect.stringContaining('patch the template')]);
});

test('sweep and hints together do each step once', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);

  await Promise.all([sweep(world.needs), advanceWhenFree(id, world.needs), sweep(world.needs)]);

  expect(world.cluster.asked).toBe(1);
  expect((await world.remediation(id)).state).toBe('verifying');
});

test('kills that are admitted by many workers at once open one incident', async () => {
  const world = await worlds.open();
  const kills = await Promise.all(Array.from({ length: 12 }, () => world.kill()));

  const admissions = await Promise.all([...kills, ...kills].map(async (kill) => admitKill(kill, world.needs)));

  const [only, ...others] = await world.store.open(10);
  expect(admissions.filter(({ is }) => is === 'opened')).toHaveLength(1);
  expect(admissions.filter(({ is }) => is === 'joined')).toHaveLength(11);
  expect(only?.tally.count).toBe(12);
  expect(others).toEqual([]);
});
