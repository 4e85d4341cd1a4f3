import { describe, expect, test } from 'vitest';
import type { Kill } from '../../../src/core/kill/kill.ts';
import type { OomCount } from '../../../src/core/kill/oom-count.ts';
import { readPod } from '../../../src/core/kill/pod.ts';
import type { PodView } from '../../../src/core/kill/pod.ts';
import { terminationFingerprint } from '../../../src/core/kill/fingerprint.ts';
import { admitKill, admitSure } from '../../../src/flow/admit.ts';
import { createCounterWatch } from '../../../src/flow/watch-counters.ts';
import { useWorlds } from './worker-world.ts';
import type { WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();
const containerId = 'c'.repeat(64);
const podUid = '11111111-2222-3333-4444-555555555555';
const everyMs = 30_000;

/** The pod of a counter, its container born so long ago. */
function podView(now: number, ageMs: number): PodView | null {
  return readPod({
    metadata: { name: 'web-1', namespace: 'shop', uid: podUid },
    spec: { nodeName: 'n1', containers: [{ name: 'app', resources: { limits: { memory: '64Mi' } } }] },
    status: {
      containerStatuses: [
        {
          name: 'app',
          containerID: `containerd://${containerId}`,
          state: { running: { startedAt: new Date(now - ageMs).toISOString() } },
        },
      ],
    },
  });
}

interface Counter {
  value: number;
  /** As it was a look-back ago; null = nobody knows. */
  before: number | null;
  /** Whether others were counted a look-back ago. */
  others?: boolean;
  /** What the labels do not name. */
  without?: 'podUid' | 'containerId';
}

async function watchCounter(world: WorkerWorld, counter: Counter, ageMs = 60_000) {
  const born = await world.now();
  let now = podView(born, ageMs);
  const count = (value: number, atMs: number): OomCount => ({
    namespace: 'shop',
    pod: 'web-1',
    podUid,
    container: 'app',
    containerId,
    value,
    atMs,
    ...(counter.without === undefined ? {} : { [counter.without]: null }),
  });
  const other = (atMs: number): OomCount => ({ ...count(0, atMs), pod: 'other', containerId: 'o'.repeat(64) });
  const before = (atMs: number): readonly OomCount[] => [
    ...(counter.before === null ? [] : [count(counter.before, atMs)]),
    ...(counter.others === true ? [other(atMs)] : []),
  ];
  const unreported: string[] = [];
  let clock = born;
  const lease = { isMine: true };
  const watch = createCounterWatch({
    cluster: world.name,
    everyMs,
    lookBackMs: 3_600_000,
    counts: (agoMs) =>
      Promise.resolve(
        agoMs > 0 ? before(clock - agoMs) : [count(counter.value, clock)].filter(({ value }) => value > 0),
      ),
    podOf: () => Promise.resolve(now),
    store: world.store,
    admit: (kill) => admitSure(kill, world.needs),
    lease: () => Promise.resolve(lease.isMine ? { extend: () => Promise.resolve(lease.isMine) } : null),
    onUnreported: (_, why) => unreported.push(why),
    now: () => clock,
  });
  return {
    unreported,
    lease,
    round: async () => {
      clock += everyMs;
      await watch.round();
    },
    /** The pod is gone, or another one has its name, or its container has begun again twice. */
    lose: (pod: PodView | null = null) => {
      now = pod;
    },
  };
}

/** What the watcher calls the kill of the container itself. */
function ownKill(world: WorkerWorld): string {
  return terminationFingerprint(world.name, podUid, 'app', {
    containerId: `containerd://${containerId}`,
    startedAt: null,
    finishedAt: null,
    exitCode: 137,
  });
}

async function kills(world: WorkerWorld): Promise<number> {
  const open = await world.store.open(10);
  return open.reduce((sum, { tally }) => sum + tally.count, 0);
}

/** The watcher's word for a message of the kernel, or for the mark on an exit. */
function childKill(world: WorkerWorld, changes: Partial<Kill>): Promise<Kill> {
  return world.kill().then((kill) => ({
    ...kill,
    kind: 'child-process' as const,
    subject: { cluster: world.name, namespace: 'shop', workload: { kind: 'Pod', name: 'web-1' }, container: 'app' },
    podUid: podUid,
    containerId: `containerd://${containerId}`,
    exitCode: null,
    ...changes,
  }));
}

describe('a counter of kernel kills', () => {
  test('opens one incident with as many kills, at the second look', async () => {
    const world = await worlds.open();
    const counter = await watchCounter(world, { value: 2, before: null });

    await counter.round();
    expect(await kills(world)).toBe(0);
    await counter.round();
    await counter.round();

    const [opened, ...others] = await world.store.open(10);
    expect(others).toEqual([]);
    expect(opened?.tally.count).toBe(2);
    expect(opened?.incident.trigger).toMatchObject({ kind: 'child-process', exitCode: null, pod: 'web-1' });
    expect(world.hinted).toContain(`show ${opened?.incident.id}`);
  });

  test('is about the container’s own kill when that was admitted', async () => {
    const world = await worlds.open();
    await world.killed({ fingerprint: ownKill(world) });
    const counter = await watchCounter(world, { value: 1, before: null });

    await counter.round();
    await counter.round();

    expect(await kills(world)).toBe(1);
  });

  test.each([
    ['stood there before', 5, 0],
    ['stood lower before', 3, 2],
    ['was not known before', null, 0],
  ])('of a container that has run for long, which %s', async (_, before, expected) => {
    const world = await worlds.open();
    const counter = await watchCounter(world, { value: 5, before }, 30 * 3_600_000);

    await counter.round();
    await counter.round();

    expect(await kills(world)).toBe(expected);
  });

  test('goes on where another worker left it, and tells nothing twice', async () => {
    const world = await worlds.open();
    const state = { value: 1, before: null };
    const first = await watchCounter(world, state);
    await first.round();
    await first.round();
    state.value = 3;

    const second = await watchCounter(world, state);
    await second.round();
    await second.round();

    expect(await kills(world)).toBe(3);
  });

  test('that rose just before a worker started again is not taken for one that began again', async () => {
    const world = await worlds.open();
    const state: Counter = { value: 1, before: null };
    const first = await watchCounter(world, state);
    await first.round();
    await first.round();
    state.before = 0;

    const second = await watchCounter(world, state);
    await second.round();
    await second.round();

    expect(await kills(world)).toBe(1);
  });

  test('which another worker watched meanwhile is read anew: what was read before is old', async () => {
    const world = await worlds.open();
    const state: Counter = { value: 1, before: null };
    const [first, second] = [await watchCounter(world, state), await watchCounter(world, state)];
    await first.round();
    first.lease.isMine = false;
    await first.round();
    state.value = 3;
    await second.round();
    await second.round();

    first.lease.isMine = true;
    await first.round();
    await first.round();

    expect(await kills(world)).toBe(3);
  });

  test.each([
    ['began again at 0, with its kubelet, and stands where it stood: there was another', 0, 2],
    ['nobody read for a while, and stands where it stood', null, 1],
  ])('that %s', async (_, aRoundBefore, expected) => {
    const world = await worlds.open();
    const state: Counter = { value: 1, before: null };
    const counter = await watchCounter(world, state);
    await counter.round();
    await counter.round();

    state.value = 0;
    await counter.round();
    Object.assign(state, { value: 1, before: aRoundBefore });
    await counter.round();
    await counter.round();
    await counter.round();

    expect(await kills(world)).toBe(expected);
  });

  test('makes an unexplained SIGKILL of that run a kill, of the container', async () => {
    const world = await worlds.open();
    world.cluster.usage = null;
    const fingerprint = ownKill(world);
    await admitKill(await world.kill({ suspect: true, fingerprint }), world.needs);
    const counter = await watchCounter(world, { value: 1, before: null });

    await counter.round();
    await counter.round();

    const open = await world.store.open(10);
    expect(open.map(({ incident, tally }) => [incident.trigger.kind, tally.count])).toEqual([['container', 1]]);
    expect(await world.store.suspects()).toEqual([]);
  });

  test('of a pod that is gone before the second look is told as the first one saw it', async () => {
    const world = await worlds.open();
    const counter = await watchCounter(world, { value: 1, before: null });

    await counter.round();
    counter.lose();
    await counter.round();

    const [opened] = await world.store.open(10);
    expect(opened?.incident.trigger).toMatchObject({ kind: 'child-process', limitBytes: 64 * 2 ** 20, node: 'n1' });
    expect(counter.unreported).toEqual([]);
  });

  test('that rose again as its pod went is told as the pod was seen before', async () => {
    const world = await worlds.open();
    const state: Counter = { value: 1, before: null };
    const counter = await watchCounter(world, state);

    await counter.round();
    counter.lose();
    state.value = 2;
    await counter.round();
    await counter.round();

    const [opened, ...others] = await world.store.open(10);
    expect([opened?.tally.count, others]).toEqual([2, []]);
    expect(opened?.tally.recent.map(({ node }) => node)).toEqual(['n1', 'n1']);
  });

  test('of a pod that nobody has seen is told as its labels name it', async () => {
    const world = await worlds.open();
    const counter = await watchCounter(world, { value: 1, before: null, others: true });
    counter.lose();

    await counter.round();
    await counter.round();

    const open = await world.store.open(10);
    expect(open.map(({ incident, tally }) => [incident.trigger, tally.count])).toEqual([
      [expect.objectContaining({ kind: 'child-process', pod: 'web-1', podUid, limitBytes: null }), 1],
    ]);
    expect(open[0]?.incident.subject).toMatchObject({ namespace: 'shop', container: 'app' });
  });

  test('of a pod that is gone is about the container’s own kill when that was admitted', async () => {
    const world = await worlds.open();
    await world.killed({ fingerprint: ownKill(world) });
    const counter = await watchCounter(world, { value: 1, before: null, others: true });
    counter.lose();

    await counter.round();
    await counter.round();

    expect(await kills(world)).toBe(1);
  });

  test('of a pod whose name another one has taken is told', async () => {
    const world = await worlds.open();
    const counter = await watchCounter(world, { value: 1, before: null, others: true });
    counter.lose(readPod({ metadata: { name: 'web-1', namespace: 'shop', uid: 'another' } }));

    await counter.round();
    await counter.round();

    expect(await kills(world)).toBe(1);
  });

  test.each([
    ['gone-without-uid', 'podUid', null],
    ['no-container-id', 'containerId', null],
    ['restarted-since', undefined, readPod({ metadata: { name: 'web-1', namespace: 'shop', uid: podUid } })],
  ] as const)('that is not told says once why: %s', async (why, without, pod) => {
    const world = await worlds.open();
    const state = { value: 1, before: null, others: true, ...(without === undefined ? {} : { without }) };
    const counter = await watchCounter(world, state);
    counter.lose(pod);

    await counter.round();
    await counter.round();

    expect([await kills(world), counter.unreported]).toEqual([0, [why]]);
  });

  test('that stood so before it was known, of a pod that is gone, tells nothing', async () => {
    const world = await worlds.open();
    const counter = await watchCounter(world, { value: 5, before: 5 });
    counter.lose();

    await counter.round();
    await counter.round();

    expect(await kills(world)).toBe(0);
  });
});

describe('three witnesses of one kill', () => {
  const victim = { process: 'worker', pid: 7, rssBytes: 1024 };

  test('the kernel’s message, then the counter, then the mark on an exit count one', async () => {
    const world = await worlds.open();
    const report = await childKill(world, { victim });
    await admitKill(report, world.needs);
    await admitKill(report, world.needs);
    const counter = await watchCounter(world, { value: 1, before: null });
    await counter.round();
    await counter.round();
    const marked = await admitKill(await childKill(world, { exitCode: 1, fingerprint: 'mark' }), world.needs);

    expect([marked.is, await kills(world)]).toEqual(['known', 1]);
  });

  test('the mark first, then its message and the counter count one', async () => {
    const world = await worlds.open();
    await admitKill(await childKill(world, { exitCode: 1, fingerprint: 'mark' }), world.needs);
    await admitKill(await childKill(world, { victim }), world.needs);
    const counter = await watchCounter(world, { value: 1, before: null });
    await counter.round();
    await counter.round();

    expect(await kills(world)).toBe(1);
  });

  test('two processes told at the same time are two', async () => {
    const world = await worlds.open();
    const told = [7, 8, 9].map((pid) =>
      childKill(world, { victim: { ...victim, pid }, fingerprint: `process ${pid}` }),
    );

    await Promise.all((await Promise.all(told)).map((kill) => admitKill(kill, world.needs)));

    expect(await kills(world)).toBe(3);
  });

  test('a worker that dies after a kill was numbered finds the number again', async () => {
    const world = await worlds.open();
    const kill = await childKill(world, { victim });
    const dies = { ...world.store, admit: () => Promise.reject(new Error('died')) };
    await expect(admitKill(kill, { ...world.needs, store: dies })).rejects.toThrow('died');

    await admitKill(kill, world.needs);
    await admitKill(kill, world.needs);

    expect(await kills(world)).toBe(1);
  });

  test('the number is the maximum of them: what one missed, another has', async () => {
    const world = await worlds.open();
    await admitKill(await childKill(world, { victim, fingerprint: 'first' }), world.needs);
    const state = { value: 3, before: null };
    const counter = await watchCounter(world, state);
    await counter.round();
    await counter.round();
    expect(await kills(world)).toBe(3);

    for (const fingerprint of ['second', 'third', 'fourth'])
      await admitKill(await childKill(world, { victim, fingerprint }), world.needs);
    expect(await kills(world)).toBe(4);
  });

  test('the container’s own kill is the one that its message was told of before', async () => {
    const world = await worlds.open();
    const told = await childKill(world, { victim, fingerprint: 'process' });
    await admitKill(told, world.needs);

    const own = await admitKill({ ...told, kind: 'container', exitCode: 137, reason: 'OOMKilled' }, world.needs);
    const counter = await watchCounter(world, { value: 1, before: null });
    await counter.round();
    await counter.round();

    expect([own.is, await kills(world)]).toEqual(['known', 1]);
  });

  test('one run has no part in the numbers of the next', async () => {
    const world = await worlds.open();
    const first = await childKill(world, { victim, fingerprint: 'first' });
    await admitKill(first, world.needs);

    const next = `containerd://${'d'.repeat(64)}`;
    await admitKill({ ...first, containerId: next, fingerprint: 'second' }, world.needs);

    expect(await kills(world)).toBe(2);
  });
});

describe('an end by which a runtime may have given up', () => {
  const gaveUp = async (world: WorkerWorld, exitCode: number): Promise<Kill> => ({
    ...(await world.kill({ suspect: true })),
    kind: 'self',
    exitCode,
    reason: 'Error',
  });
  const heap = [
    '<--- Last few GCs --->',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  ];

  test.each([
    [134, heap, 'opened'],
    [139, heap, 'opened'],
    [3, ['Terminating due to java.lang.OutOfMemoryError: Java heap space'], 'opened'],
    [134, ['assertion failed'], 'not-memory'],
    [134, null, 'suspect'],
    [1, ['MemoryError'], 'not-memory'],
    [2, ['fatal error: runtime: out of memory'], 'not-memory'],
  ])('exit code %i, its log %j: %s', async (exitCode, log, expected) => {
    const world = await worlds.open();
    world.cluster.log = log;

    expect((await admitKill(await gaveUp(world, exitCode), world.needs)).is).toBe(expected);
  });

  test('with exit code 1 is looked at where the workload has an incident', async () => {
    const world = await worlds.open();
    await world.killed();
    world.cluster.log = ['Traceback (most recent call last):', 'MemoryError'];

    expect((await admitKill(await gaveUp(world, 1), world.needs)).is).toBe('joined');
  });
});
