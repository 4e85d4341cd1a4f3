import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import { encodeJson } from '../../../sandbox/kubernetes/json-value.ts';
import type { Checkpoint } from '../../../src/adapters/kubernetes/resume-point.ts';
import { createPod, kill, restart } from './killed-pod.ts';
import { followTimers } from './follow-timers.ts';
import { idsOf, runWatcher, synced, untilCheckpoint, untilQueued } from './watch-world.ts';
import type { WatchWorld } from './watch-world.ts';
import { start, watch } from './watch-worlds.ts';

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

test('one absence is told of all namespaces, though their checkpoints are of different times and come one by one', async () => {
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

describe('the checkpoint', () => {
  test('holds up no kill, however slow it is to write', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const slow = Promise.withResolvers<never>();
    let asked = 0;
    const hangs = (): Promise<never> => {
      asked += 1;
      return slow.promise;
    };
    const running = await watch(world, {
      checkpoints: { read: () => Promise.resolve(null), write: hangs, move: hangs },
    });

    for (const id of ['a', 'b', 'c']) {
      kill(world.store, 'web', { id });
      restart(world.store, 'web', { id });
    }
    await untilQueued(running, 3);
    const during = asked;
    slow.reject(new Error('away'));

    expect([idsOf(running.queued), during]).toEqual([['a', 'b', 'c'], 1]);
  });

  test('is not written with every line, and stands at the last one when the watcher has stopped', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const writes: Checkpoint[] = [];
    const write = async (stream: string, checkpoint: Checkpoint): Promise<void> => {
      world.checkpoints.set(stream, checkpoint);
      writes.push(checkpoint);
    };
    const running = await watch(world, {
      checkpoints: {
        read: () => Promise.resolve(null),
        write,
        move: async (...moved) => write(...moved).then(() => 'moved'),
      },
    });

    for (let at = 0; at < 100; at += 1) {
      kill(world.store, 'web', { id: `${at}` });
      await untilQueued(running, at + 1);
    }
    await running.stop();

    expect(world.checkpoints.get('pods')?.resourceVersion).toBe(String(world.store.resourceVersion()));
    expect(writes.length).toBeLessThan(50);
  });

  /** Takes what it is given, and refuses it as long as it is `away`. */
  function queueThatIsAway(away: boolean) {
    const queue = {
      away,
      refused: 0,
      emit: (): Promise<void> => {
        if (!queue.away) return Promise.resolve();
        queue.refused += 1;
        return Promise.reject(new Error('away'));
      },
    };
    return queue;
  }

  test('passes no kill while the queue is away, and then all of them are queued', async () => {
    const world = await start();
    for (let at = 0; at < 5; at += 1) createPod(world.store, `web-${at}`);
    const queue = queueThatIsAway(false);
    const running = await watch(world, { emit: queue.emit });
    await untilCheckpoint(world);

    queue.away = true;
    const before = world.store.resourceVersion();
    for (let at = 0; at < 5; at += 1) kill(world.store, `web-${at}`, { id: `${at}` });
    await expect.poll(() => queue.refused, { timeout: 5_000 }).toBeGreaterThan(3);
    const during = world.checkpoints.get('pods');
    queue.away = false;
    await untilQueued(running, 5);
    await untilCheckpoint(world);

    expect(during?.resourceVersion).toBe(String(before));
    expect(idsOf(running.queued)).toEqual(['0', '1', '2', '3', '4']);
  });

  test('passes no kill that waits for the queue although the watch breaks meanwhile', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const queue = queueThatIsAway(true);
    const running = await watch(world, { emit: queue.emit });
    await untilCheckpoint(world);
    const before = world.checkpoints.get('pods')?.resourceVersion;

    kill(world.store, 'web', { id: 'a' });
    await expect.poll(() => queue.refused, { timeout: 5_000 }).toBeGreaterThan(0);
    world.server.faults.inject({ kind: 'cut-watches' });
    await expect.poll(() => running.reconnects).toContain('broken');
    const during = world.checkpoints.get('pods')?.resourceVersion;
    queue.away = false;
    await untilQueued(running, 1);
    await untilCheckpoint(world);

    expect(during).toBe(before);
    expect(idsOf(running.queued)).toEqual(['a']);
  });

  test('is left where it was when the watcher is stopped while the queue is away', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const refused: string[] = [];
    const first = await watch(world, {
      emit: (lost) => {
        refused.push(lost.fingerprint);
        return Promise.reject(new Error('away'));
      },
    });
    kill(world.store, 'web', { id: 'a' });
    await expect.poll(() => refused.length).toBeGreaterThan(0);
    await first.stop();

    world.store.remove('pods', 'shop', 'web');
    const second = await watch(world);
    await untilQueued(second, 1);

    expect(idsOf(second.queued)).toEqual(['a']);
  });

  test('moves with lines that hold no kill too, although a watch is cut before its bookmark', async () => {
    const world = await start();
    createPod(world.store, 'web');
    await watch(world);
    await untilCheckpoint(world);

    for (const name of ['a', 'b', 'c']) createPod(world.store, name);
    const cutAndLook = (): string | undefined => {
      world.server.faults.inject({ kind: 'cut-watches' });
      return world.checkpoints.get('pods')?.resourceVersion;
    };

    await expect.poll(cutAndLook, { interval: 100, timeout: 10_000 }).toBe(String(world.store.resourceVersion()));
  });

  test('does not pass an exit that was decided while an earlier kill was on its way to the queue', async () => {
    const world = await start();
    for (const name of ['odd', 'web']) createPod(world.store, name);
    const clock = { jumpMs: 0, looks: 0 };
    const ways = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
    const asked: string[] = [];
    const running = await watch(world, {
      suspectWindowMs: 60_000,
      now: () => {
        clock.looks += 1;
        return performance.now() + clock.jumpMs;
      },
      emit: (found) => {
        asked.push(...idsOf([found]));
        return found.suspect ? ways.b.promise : ways.a.promise;
      },
    });
    await untilCheckpoint(world);
    const before = world.store.resourceVersion();

    kill(world.store, 'odd', { id: 'b', reason: 'Error' });
    kill(world.store, 'web', { id: 'a' });
    await expect.poll(() => asked).toEqual(['a']);
    [clock.jumpMs, clock.looks] = [120_000, 0];
    await expect.poll(() => clock.looks, { timeout: 5_000 }).toBeGreaterThan(3);
    ways.a.resolve();
    await expect.poll(() => asked).toEqual(['a', 'b']);
    await expect.poll(() => idsOf(running.queued)).toEqual(['a']);
    const during = world.checkpoints.get('pods');
    ways.b.resolve();
    await untilCheckpoint(world);

    expect(during?.resourceVersion).toBe(String(before));
    expect(idsOf(running.queued)).toEqual(['a', 'b']);
  });

  test('does not pass an exit that is not decided yet, but what came before it', async () => {
    const world = await start();
    for (const name of ['odd', 'web']) createPod(world.store, name);
    const running = await watch(world, { suspectWindowMs: 60_000 });

    kill(world.store, 'web', { id: 'a' });
    const before = world.store.resourceVersion();
    kill(world.store, 'odd', { id: 'b', reason: 'Error' });
    kill(world.store, 'web', { id: 'c' });
    await untilQueued(running, 2);
    await expect.poll(() => world.checkpoints.get('pods')?.resourceVersion, { timeout: 5_000 }).toBe(String(before));
    await running.stop();
    const again = await watch(world);
    await untilQueued(again, 2);

    expect(again.queued.map((found) => [idsOf([found])[0], found.suspect])).toContainEqual(['b', true]);
  });
});

test('a liveness kill is ignored with its reason, also when its Event came before the watcher did', async () => {
  const world = await start();
  createPod(world.store, 'web');
  const pod = world.store.get('pods', 'shop', 'web');
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const killing = 'Container app failed liveness probe, will be restarted';
  world.store.create('events', {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: 'web.1', namespace: 'shop' },
    involvedObject: {
      kind: 'Pod',
      namespace: 'shop',
      name: 'web',
      uid: pod?.metadata.uid,
      fieldPath: 'spec.containers{app}',
    },
    reason: 'Killing',
    message: killing,
    type: 'Normal',
    lastTimestamp: at,
  });
  world.checkpoints.set('pods', { resourceVersion: String(world.store.resourceVersion()), at: Date.now() });

  restart(world.store, 'web', { id: 'a', reason: 'Error' });
  const running = await watch(world);
  await expect.poll(() => running.ignored.length, { timeout: 5_000 }).toBe(1);

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
    await expect.poll(sockets).toBe(0);
    await expect.poll(timers.pending).toBe(0);

    expect(world.server.openWatches()).toBe(0);
    expect(socketsDuring).toBeGreaterThan(0);
    expect(timersDuring).toBeGreaterThan(0);
  });

  test('comes soon although the server hangs, refuses, or waits for the queue', async () => {
    const world = await start();
    createPod(world.store, 'web');
    world.server.faults.inject({ kind: 'hang', count: 1, path: '/events' });
    const hanging = runWatcher(world);
    await expect.poll(() => world.server.requestLog().length).toBeGreaterThan(0);
    await hanging.stop();

    world.server.faults.inject({ kind: 'http-500', count: 1_000 });
    const refused = runWatcher(world);
    await expect.poll(refused.watcher.problem).toMatch(/cannot be opened: .* 500: /);
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

  await expect.poll(running.watcher.problem).toMatch(/^The watch on events cannot be opened: /);
});
