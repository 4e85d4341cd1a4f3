import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../../sandbox/clock.ts';
import { encodeJson } from '../../../../sandbox/kubernetes/objects/json-value.ts';
import { createPod, failProbe, kill, restart } from './killed-pod.ts';
import { followTimers } from './follow-timers.ts';
import { idsOf, runWatcher, synced, untilCheckpoint, untilQueued } from './watch-world.ts';
import type { WatchWorld } from './watch-world.ts';
import { start, watch } from './watch-worlds.ts';
import { eventually } from '../../../eventually.ts';

describe('what stands in a list is old or new', () => {
  const minutes = (count: number): number => Date.now() - count * 60_000;

  test('by the look-back', async () => {
    const world = await start();
    for (const name of ['old', 'new']) createPod(world.store, name);
    restart(world.store, 'old', { id: 'old', at: minutes(70) });
    restart(world.store, 'new', { id: 'new', at: minutes(50) });

    const running = await watch(world);
    await untilQueued(running, 1);
    await untilCheckpoint(world);

    expect(idsOf(running.queued)).toEqual(['new']);
    expect(running.queued[0]?.startedBeforeWatch).toBe(true);
  });

  test("by the API server's clock, not by ours", async () => {
    const world = await start();
    createPod(world.store, 'web');
    restart(world.store, 'web', { id: 'a', at: minutes(50) });

    const running = await watch(world, { now: () => Date.now() + 2 * 3_600_000 });
    await untilQueued(running, 1);

    expect(idsOf(running.queued)).toEqual(['a']);
  });

  test('by the checkpoint, where that is newer', async () => {
    const world = await start();
    for (const name of ['before', 'after']) createPod(world.store, name);
    restart(world.store, 'before', { id: 'before', at: minutes(45) });
    restart(world.store, 'after', { id: 'after', at: minutes(5) });
    world.store.compact();
    const from = minutes(20);
    world.checkpoints.set('pods', { resourceVersion: '1', at: from });

    const running = await watch(world);
    await untilQueued(running, 1);
    await untilCheckpoint(world);

    kill(world.store, 'before', { id: 'now' });
    await untilQueued(running, 2);

    expect(running.queued.map(({ containerId, away }) => [containerId, away?.from])).toEqual([
      ['containerd://after', from],
      ['containerd://now', undefined],
    ]);
  });
});

test('all namespaces share one downtime, though their checkpoints are of different times and come one by one', async () => {
  const minutesAgo = (count: number): number => Date.now() - count * 60_000;
  const world = await start();
  for (const namespace of ['shop', 'pay']) {
    createPod(world.store, 'web', { namespace });
    restart(world.store, 'web', { id: namespace, at: minutesAgo(5) }, namespace);
  }
  world.store.compact();
  const from = minutesAgo(18);
  world.checkpoints.set('pods/namespaces/shop', { resourceVersion: '1', at: minutesAgo(20) });
  world.checkpoints.set('pods/namespaces/pay', { resourceVersion: '1', at: from });

  const running = await watch(world, {
    namespaces: ['shop', 'pay'],
    checkpoints: {
      read: async (stream) => {
        if (stream.endsWith('/pay')) await sleep(300);
        return world.checkpoints.get(stream) ?? null;
      },
      write: () => Promise.resolve(),
      move: () => Promise.resolve('moved'),
    },
  });
  await untilQueued(running, 2);

  expect(idsOf(running.queued)).toEqual(['pay', 'shop']);
  expect(running.queued.map(({ away }) => away?.from)).toEqual([from, from]);
});

test('a queue that was emptied, and the checkpoint with it, gets what is within the look-back once more', async () => {
  const world = await start();
  for (const name of ['web', 'api']) createPod(world.store, name);
  const running = await watch(world);
  kill(world.store, 'web', { id: 'queued' });
  await untilQueued(running, 1);
  await untilCheckpoint(world);

  world.checkpoints.clear();
  kill(world.store, 'api', { id: 'later' });
  await untilQueued(running, 4);
  await untilCheckpoint(world);

  expect(idsOf(running.queued)).toEqual(['later', 'later', 'queued', 'queued']);
  expect(running.queued.map(({ away }) => away)).toEqual([null, null, null, null]);
  expect(running.reconnects).toContain('checkpoint-lost');
});

describe("an exit that nobody explains is a suspect after its window, whatever the cluster's clock does", () => {
  /** A cluster whose clock shows what it is told to. */
  async function startWithClock(now: () => number) {
    const world = await start({ clock: { ...createClock(), now } });
    createPod(world.store, 'web');
    return { world, running: await watch(world, { suspectWindowMs: 300 }) };
  }
  const cut = ({ server }: WatchWorld) => server.faults.inject({ kind: 'cut-watches' });

  test('it stands still, and watches are cut again and again', async () => {
    const still = Date.now() - 60_000;
    const { world, running } = await startWithClock(() => still);

    kill(world.store, 'web', { id: 'a', at: still, reason: 'Error' });
    const cutting = setInterval(() => cut(world), 50);
    onTestFinished(() => clearInterval(cutting));
    await untilQueued(running, 1);

    expect(running.queued.map(({ suspect }) => suspect)).toEqual([true]);
  });

  test.each([-10, 10])('it is set %i min further meanwhile', async (minutes) => {
    const moved = { byMs: 0 };
    const { world, running } = await startWithClock(() => Date.now() + moved.byMs);

    kill(world.store, 'web', { id: 'a', reason: 'Error' });
    moved.byMs = minutes * 60_000;
    cut(world);
    await untilQueued(running, 1);
    const next = Date.now() + moved.byMs;
    kill(world.store, 'web', { id: 'b', at: next });
    await untilQueued(running, 2);

    expect(running.queued.map(({ suspect }) => suspect)).toEqual([true, false]);
    // It was seen by our clock, and says how far the cluster's is ahead.
    const { seenAt = 0, clusterAheadMs = 0 } = running.queued[1] ?? {};
    expect(Math.abs(seenAt + moved.byMs - next)).toBeLessThan(30_000);
    expect(Math.round(clusterAheadMs / 60_000)).toBe(minutes);
  });
});

describe('bad input loses nothing else', () => {
  test('a megabyte of annotations, and a pod without a status', async () => {
    const world = await start();
    createPod(world.store, 'large', { annotations: { notes: 'x'.repeat(1024 * 1024) } });
    createPod(world.store, 'odd');
    createPod(world.store, 'web');
    const running = await watch(world);

    world.store.write('pods', 'shop', 'odd', (draft) => delete draft.status);
    world.store.write('pods', 'shop', 'odd', (draft) => delete draft.spec);
    kill(world.store, 'large', { id: 'a' });
    kill(world.store, 'web', { id: 'b' });
    await untilQueued(running, 2);

    expect(idsOf(running.queued)).toEqual(['a', 'b']);
    expect(running.dropped).toEqual([]);
  });

  test('a line that is no JSON is told and passed', async () => {
    const world = await start({
      encode: (object) =>
        object.metadata.name === 'bad' ? '{"terminated":{"exitCode":137,"oops"' : encodeJson(object),
    });
    createPod(world.store, 'web');
    const running = await watch(world);

    createPod(world.store, 'bad');
    kill(world.store, 'web', { id: 'a' });
    await untilQueued(running, 1);

    expect(running.dropped).toEqual(['malformed']);
    expect(running.watcher.problem()).toBeNull();
  });
});

test('a liveness kill is ignored with its reason, also when its Event came before the watcher did', async () => {
  const world = await start();
  createPod(world.store, 'web');
  failProbe(world.store, 'web');
  world.checkpoints.set('pods', { resourceVersion: String(world.store.resourceVersion()), at: Date.now() });

  restart(world.store, 'web', { id: 'a', reason: 'Error' });
  // A window that is over before the Events are listed would make a suspect of it.
  const running = await watch(world, { suspectWindowMs: 60_000 });
  await eventually(() => expect(running.ignored.length).toBe(1));

  expect(running.ignored[0]?.reason).toBe('liveness-probe');
  expect(running.queued).toEqual([]);
});

describe('the end', () => {
  test('leaves no connection and no timer behind', async () => {
    const world = await start();
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((kind) => /^(TLSWrap|TCPSocketWrap)$/.test(kind)).length;
    const timers = followTimers();
    onTestFinished(timers.end);
    const running = timers.within(() => runWatcher(world));
    onTestFinished(running.stop);
    await synced(running);
    const [socketsDuring, timersDuring] = [sockets(), timers.pending()];

    await running.stop();
    await eventually(() => expect(sockets()).toBe(0));
    await eventually(() => expect(timers.pending()).toBe(0));

    expect(world.server.openWatches()).toBe(0);
    expect(socketsDuring).toBeGreaterThan(0);
    expect(timersDuring).toBeGreaterThan(0);
  });

  test('comes soon although the server hangs, refuses, or waits for the queue', async () => {
    const world = await start();
    createPod(world.store, 'web');
    world.server.faults.inject({ kind: 'hang', count: 1, path: '/events' });
    const hanging = runWatcher(world);
    await eventually(() => expect(world.server.requestLog().length).toBeGreaterThan(0));
    await hanging.stop();

    world.server.faults.inject({ kind: 'http-500', count: 1_000 });
    const refused = runWatcher(world);
    await eventually(() => expect(refused.watcher.problem()).toMatch(/cannot be opened: .* 500: /));
    await refused.stop();

    expect(refused.reconnects).not.toEqual([]);
  });
});

test('a stream that cannot be opened is named with the reason, and the other one works', async () => {
  const world = await start();
  createPod(world.store, 'web');
  world.server.faults.inject({ kind: 'http-500', count: 1_000, path: '/events' });
  const running = runWatcher(world);
  onTestFinished(running.stop);

  kill(world.store, 'web', { id: 'a' });
  await untilQueued(running, 1);

  await eventually(() => expect(running.watcher.problem()).toMatch(/^The watch on events cannot be opened: /));
});
