import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { Failure } from '../../../src/core/failure.ts';
import { admitKill } from '../../../src/flow/admit.ts';
import { advance, advanceWhenFree } from '../../../src/flow/advance.ts';
import type { Wait } from '../../../src/flow/held-lease.ts';
import type { ClusterWriter, Store } from '../../../src/flow/needs.ts';
import { sweep } from '../../../src/flow/sweep.ts';
import { amira, hour, sam, useWorlds, type WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();

async function proposed(): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  return { ...world, id };
}

test('a click that comes between the look and its end does not wait for the next time to look', async () => {
  const { id, ...world } = await proposed();
  const postpone: Store['postpone'] = async (...args) => {
    await world.ask(id, 'acknowledge', sam);
    await world.store.postpone(...args);
  };

  await world.lookWith(id, { store: { ...world.store, postpone } });

  expect(await world.store.due(10)).toEqual([id]);
});

test('an incident that is forgotten is looked at no more', async () => {
  const { id, ...world } = await proposed();
  await world.redis.del(clusterKeys(world.name).of(id).incident);

  expect(await advance(id, world.needs)).toBe('gone');
  expect(await world.store.update(id, () => null)).toBeNull();
  expect(await world.store.due(10)).toEqual([]);
});

/** As if every lease was over at once: what is left is what the commits guarantee. */
function leaseless(world: WorkerWorld): Store {
  const setAside = (): Promise<void> => Promise.reject(new Error('nothing is set aside here'));
  const lease = { extend: async () => true, release: async () => undefined, setAside };
  return { ...world.store, take: () => Promise.resolve({ is: 'taken', crashes: 0, lease }) };
}

interface PretendClock {
  readonly now: () => number;
  readonly wait: Wait;
  /** Lets so many ms go by, in the order of what is waited for. */
  readonly pass: (ms: number) => Promise<void>;
}

function pretendClock(): PretendClock {
  let time = 0;
  const waiting: { readonly at: number; readonly end: () => void }[] = [];
  return {
    now: () => time,
    wait: async (ms, signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal?.addEventListener('abort', () => {
        resolve();
      });
      waiting.push({ at: time + ms, end: resolve });
      await promise;
    },
    pass: async (ms) => {
      const until = time + ms;
      for (;;) {
        const next = waiting.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        waiting.splice(waiting.indexOf(next), 1);
        time = next.at;
        next.end();
        await nextTurn();
      }
      time = until;
    },
  };
}

/** One lease over everything, by the pretend clock. */
function pretendLease({ now }: PretendClock) {
  let held: { readonly by: object; readonly until: number } | null = null;
  const holder = () => (held !== null && held.until > now() ? held.by : null);
  const take: Store['take'] = async (_, { forMs }) => {
    const by = {};
    const extend = async (): Promise<boolean> => {
      if (holder() !== null && holder() !== by) return false;
      held = { by, until: now() + forMs };
      return true;
    };
    const release = async (): Promise<void> => {
      if (holder() === by) held = null;
    };
    const setAside = (): Promise<void> => Promise.reject(new Error('nothing is set aside here'));
    return (await extend()) ? { is: 'taken', crashes: 0, lease: { extend, release, setAside } } : { is: 'held' };
  };
  const steal = (): void => {
    held = { by: {}, until: Infinity };
  };
  return { take, holder, steal };
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
  const attempt = await world.store.take(id, { forMs: 5_000, alone: false });
  await world.ask(id, 'acknowledge', sam);

  const hinted = advanceWhenFree(id, world.needs);
  if (attempt.is === 'taken') await attempt.lease.release();
  await hinted;

  expect((await world.incident(id)).acknowledged?.by).toBe(sam);
});

test('a worker that died holding an incident keeps it only until its lease is over', async () => {
  const { id, ...world } = await proposed();
  await world.store.take(id, { forMs: 100, alone: false });
  await world.ask(id, 'acknowledge', sam);

  // Whoever waits for the lease leaves it to the sweep, which looks at it by itself.
  await advanceWhenFree(id, world.needs);
  await sweep(world.needs);

  expect((await world.incident(id)).acknowledged?.by).toBe(sam);
});

test('even without a lease each step is done once', async () => {
  const { id, ...world } = await proposed();
  const needs = { ...world.needs, store: leaseless(world) };
  await world.ask(id, 'apply', sam);
  await world.ask(id, 'approve', amira);
  await world.ask(id, 'acknowledge', sam);

  await Promise.all([advance(id, needs), advance(id, needs), advance(id, needs)]);
  world.pass(2 * hour);
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
      carryOut: async (...[plan, means, mayWrite]: Parameters<typeof carryOut>) => {
        started.resolve();
        await goOn.promise;
        if (means !== 'resize') await carryOut(plan, means, mayWrite);
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

/** A worker on a pretend clock that is in the middle of a write, until it may go on. */
async function writingSlowly() {
  const { id, ...world } = await proposed();
  const clock = pretendClock();
  const { take, holder, steal } = pretendLease(clock);
  const needs = {
    ...world.needs,
    wait: clock.wait,
    store: { ...world.store, take },
    pace: { ...world.needs.pace, leaseMs: 30_000 },
  };
  await world.ask(id, 'apply', amira);
  const [started, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writer: ClusterWriter = {
    carryOut: async (...change) => {
      started.resolve();
      await goOn.promise;
      await world.needs.writer.carryOut(...change);
    },
  };
  const late = advance(id, { ...needs, writer });
  await started.promise;
  const finish = async () => {
    goOn.resolve();
    return late;
  };
  return { ...world, id, needs, clock, holder, steal, finish };
}

test('a step that takes longer than the lease keeps its incident from others until it is over', async () => {
  const { id, needs, clock, finish, holder, cluster } = await writingSlowly();

  await clock.pass(47_000);
  const other = await advance(id, needs);

  expect(other).toBe('held');
  expect(await finish()).toBe('advanced');
  expect(cluster.asked).toBe(1);
  expect(holder()).toBeNull();
});

test('who has lost an incident to another one takes no further step in it', async () => {
  const { id, needs, clock, finish, steal, remediation } = await writingSlowly();

  steal();
  await clock.pass(needs.pace.leaseMs);

  expect(await finish()).toBe('held');
  expect((await remediation(id)).state).toBe('applying');
});

test('a step that hangs leaves its incident to others in the end', async () => {
  const { id, needs, clock, finish, cluster } = await writingSlowly();

  await clock.pass(2 * hour);
  const other = await advance(id, needs);

  expect(other).toBe('advanced');
  expect(await finish()).toBe('held');
  expect(cluster.writes).toHaveLength(1);
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
