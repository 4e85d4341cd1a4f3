import { expect, test } from 'vitest';
import type { CounterHistory } from '../../../src/core/kill/counted-rise.ts';
import type { OomCount } from '../../../src/core/kill/oom-count.ts';
import { readPod } from '../../../src/core/kill/pod.ts';
import { admitSure } from '../../../src/flow/admit.ts';
import { createCounterWatch } from '../../../src/flow/watch-counters.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, minute, useWorlds, type WorkerWorld } from './worker-world.ts';

/*
 * A process is killed, the limit is raised, and only then the counter shows the kill: 30 to 48 s late, as measured. By
 * that time the pod shows the new limit.
 */
const worlds = useWorlds();
const containerId = 'c'.repeat(64);
const second = 1000;
const everyMs = 30 * second;

async function changed() {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.look(id);
  const remediation = await world.remediation(id);
  return { ...world, id, changedAt: remediation.writtenAt ?? NaN, to: remediation.plan.to.limitBytes ?? NaN };
}

/** Counters of the pod that was changed, read by rounds; `killedAt` are the kernel's times, shown 40 s late. */
function countersOf(world: WorkerWorld & { to: number }, killedAt: readonly number[], history: CounterHistory | null) {
  let clock = 0;
  const bytes = `${world.to / Mi}Mi`;
  const pod = readPod({
    metadata: {
      name: 'pod-1',
      namespace: 'shop',
      uid: 'pod-1',
      labels: { 'pod-template-hash': '7d9f' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'checkout-7d9f', controller: true }],
    },
    spec: { containers: [{ name: 'app', resources: { limits: { memory: bytes } } }] },
    status: {
      containerStatuses: [
        {
          name: 'app',
          containerID: `containerd://${containerId}`,
          state: { running: { startedAt: new Date(Math.min(...killedAt) - hour).toISOString() } },
        },
      ],
    },
  });
  const counted = (at: number): OomCount => ({
    namespace: 'shop',
    pod: 'pod-1',
    podUid: 'pod-1',
    container: 'app',
    containerId,
    value: killedAt.filter((killed) => killed + 40 * second <= at).length,
    atMs: at,
  });
  const watch = createCounterWatch({
    cluster: world.name,
    everyMs,
    lookBackMs: hour,
    counts: async (agoMs) => [counted(clock - agoMs)].filter(({ value }) => agoMs > 0 || value > 0),
    podOf: async () => pod,
    history: async () => history,
    store: world.store,
    admit: (kill) => admitSure(kill, world.needs),
    lease: async () => ({ extend: async () => true }),
    onUnreported: () => undefined,
    now: () => clock,
  });
  return {
    until: async (from: number, to: number) => {
      for (clock = from; clock <= to; clock += everyMs) await watch.round();
    },
  };
}

/** Rows every 15 s that each show what had happened until then. */
function rowsOf(killedAt: readonly number[], limitAt: (t: number) => number): CounterHistory {
  const from = Math.min(...killedAt) - minute;
  const times = Array.from({ length: 40 }, (_, index) => from + index * 15 * second);
  return {
    counts: times.map((t) => ({ readAt: t, value: killedAt.filter((at) => at <= t).length })),
    limits: times.map((at) => ({ at, bytes: limitAt(at) })),
  };
}

test.each([['the counter’s history is there'], ['nobody remembers']])(
  'a process that was killed 25 s before the change does not make it fail: %s',
  async (how) => {
    const world = await changed();
    const killedAt = [world.changedAt - 25 * second];
    const rows = rowsOf(killedAt, (t) => (t < world.changedAt ? 512 * Mi : world.to));
    const counters = countersOf(world, killedAt, how === 'nobody remembers' ? null : rows);

    await counters.until(world.changedAt - 2 * minute, world.changedAt + 2 * minute);
    world.pass(3 * minute);
    await world.look(world.id);

    const loaded = await world.store.load(world.id);
    expect(loaded?.tally.count).toBe(2);
    expect(await world.remediation(world.id)).toMatchObject({ state: 'verifying' });
  },
);

test('of one that is killed after the change the limit is the new one, and the change has failed', async () => {
  const world = await changed();
  const killedAt = [world.changedAt + 40 * second];
  const counters = countersOf(
    world,
    killedAt,
    rowsOf(killedAt, () => world.to),
  );

  await counters.until(world.changedAt - 2 * minute, world.changedAt + 3 * minute);
  world.pass(3 * minute);
  await world.look(world.id);

  const { remediations } = await world.incident(world.id);
  expect(remediations[0]).toMatchObject({ state: 'failed' });
});

test('of a kill with a change of the limit in its time, both limits are kept', async () => {
  const world = await changed();
  const killedAt = [world.changedAt + 2 * second];
  const rows = rowsOf(killedAt, (t) => (t < world.changedAt ? 512 * Mi : world.to));
  const counters = countersOf(world, killedAt, rows);

  await counters.until(world.changedAt - 2 * minute, world.changedAt + 2 * minute);

  const loaded = await world.store.load(world.id);
  expect(loaded?.tally.recent.at(-1)).toMatchObject({ limitInForceBytes: 512 * Mi, orLimitBytes: world.to });
});
