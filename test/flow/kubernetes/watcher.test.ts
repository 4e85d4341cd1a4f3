import { afterEach, describe, expect, test } from 'vitest';
import { encodeJson } from '../../../sandbox/kubernetes/json-value.ts';
import { createPod, kill, restart } from './killed-pod.ts';
import { idsOf, runWatcher, startWatchWorld, synced, untilCheckpoint, untilQueued } from './watch-world.ts';
import type { RunningWatcher, WatchWorld } from './watch-world.ts';

const open: { stop?: () => Promise<void>; close?: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await (one.stop ?? one.close)?.();
});

async function start(...options: Parameters<typeof startWatchWorld>): Promise<WatchWorld> {
  const world = await startWatchWorld(...options);
  open.push({ close: world.close });
  return world;
}

async function watch(world: WatchWorld, changes: Parameters<typeof runWatcher>[1] = {}): Promise<RunningWatcher> {
  const running = runWatcher(world, changes);
  open.push({ stop: running.stop });
  await synced(running);
  return running;
}

describe('each kill is queued once', () => {
  test('from its state, and not again from its lastState', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const running = await watch(world);

    kill(world.store, 'web', { id: 'a' });
    restart(world.store, 'web', { id: 'a' });
    kill(world.store, 'web', { id: 'b' });
    await untilQueued(running, 2);
    await untilCheckpoint(world);

    expect(idsOf(running.queued)).toEqual(['a', 'b']);
  });

  test('over watches that are cut again and again', async () => {
    const world = await start();
    for (let at = 0; at < 10; at += 1) createPod(world.store, `web-${at}`);
    const running = await watch(world);
    const wanted: string[] = [];

    for (let round = 0; round < 12; round += 1) {
      for (let at = 0; at < 10; at += 1) {
        wanted.push(`${round}-${at}`);
        kill(world.store, `web-${at}`, { id: `${round}-${at}` });
        if (at === round % 10) world.server.faults.inject({ kind: 'cut-watches' });
        if (at % 3 === 0) await new Promise(setImmediate);
      }
    }
    await untilQueued(running, wanted.length);
    await untilCheckpoint(world);

    expect(idsOf(running.queued)).toEqual(wanted.toSorted());
    expect(running.reconnects).toContain('broken');
  });

  test('when a watch has fallen silent without being closed', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const running = await watch(world, { pace: { watchSeconds: 25, halfOpenMs: 300 } });

    world.server.faults.inject({ kind: 'freeze-watches' });
    kill(world.store, 'web', { id: 'a' });
    await untilQueued(running, 1);

    expect(running.reconnects).toContain('half-open');
    expect(idsOf(running.queued)).toEqual(['a']);
  });

  test('when the history is compacted away while the watch hears nothing', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const running = await watch(world);
    kill(world.store, 'web', { id: 'a' });
    await untilQueued(running, 1);

    world.server.faults.inject({ kind: 'freeze-watches' });
    restart(world.store, 'web', { id: 'a' });
    kill(world.store, 'web', { id: 'b' });
    world.server.faults.inject({ kind: '410' });
    await untilQueued(running, 2);

    expect(idsOf(running.queued)).toEqual(['a', 'b']);
    expect(running.reconnects).toContain('cluster-expired');
  });

  test('when the history is compacted away while no watcher is there', async () => {
    const world = await start();
    createPod(world.store, 'web');
    const first = await watch(world);
    await untilCheckpoint(world);
    await first.stop();

    kill(world.store, 'web', { id: 'a' });
    world.store.compact();
    const second = await watch(world);
    await untilQueued(second, 1);

    expect(idsOf(second.queued)).toEqual(['a']);
    expect(second.reconnects).toContain('cluster-expired');
  });

  test('over a restart, with kills while nobody watched and a pod that is gone by then', async () => {
    const world = await start();
    createPod(world.store, 'web');
    createPod(world.store, 'job');
    const first = await watch(world);
    kill(world.store, 'web', { id: 'a' });
    await untilQueued(first, 1);
    await untilCheckpoint(world);
    await first.stop();

    restart(world.store, 'web', { id: 'a' });
    kill(world.store, 'web', { id: 'b' });
    restart(world.store, 'web', { id: 'b' });
    kill(world.store, 'job', { id: 'c' });
    world.store.remove('pods', 'shop', 'job');
    const second = await watch(world);
    await untilQueued(second, 2);
    await untilCheckpoint(world);

    expect(idsOf(second.queued).filter((id) => id !== 'a')).toEqual(['b', 'c']);
  });

  test('where streaming lists are refused, page by page', async () => {
    const world = await start();
    for (let at = 0; at < 501; at += 1) createPod(world.store, `web-${at}`);
    restart(world.store, 'web-7', { id: 'a' });
    restart(world.store, 'web-99', { id: 'b' });
    const { transport } = world;
    // The server refuses this query in the words that it has for a gate that is off.
    const older = (path: string): string => path.replace('&resourceVersionMatch=NotOlderThan', '');
    const running = await watch(world, {
      transport: { ...transport, open: (call) => transport.open({ ...call, path: older(call.path) }) },
    });

    kill(world.store, 'web-500', { id: 'c' });
    await untilQueued(running, 3);

    expect(idsOf(running.queued)).toEqual(['a', 'b', 'c']);
    const log = world.server.requestLog();
    expect(log.filter(({ status }) => status === 422)).toHaveLength(2);
    expect(log.filter(({ path }) => path.startsWith('/api/v1/pods?limit='))).toHaveLength(2);
  });

  test('when the resume point lies in the future of a server that was restored from a backup', async () => {
    const world = await start();
    createPod(world.store, 'web');
    world.checkpoints.set('pods', { resourceVersion: '9000000', at: Date.now() });
    restart(world.store, 'web', { id: 'a' });

    const running = await watch(world, { pace: { watchSeconds: 1, halfOpenMs: 5_000 } });
    await untilQueued(running, 1);

    expect(idsOf(running.queued)).toEqual(['a']);
  });

  test('of the namespaces that are watched, and of no other', async () => {
    const world = await start();
    for (const namespace of ['shop', 'bank', 'kube-system']) createPod(world.store, 'web', { namespace });
    const running = await watch(world, { namespaces: ['shop', 'bank'] });

    kill(world.store, 'web', { id: 'system' }, 'kube-system');
    kill(world.store, 'web', { id: 'shop' }, 'shop');
    kill(world.store, 'web', { id: 'bank' }, 'bank');
    await untilQueued(running, 2);
    await untilCheckpoint(world, 'pods/namespaces/bank');

    expect(idsOf(running.queued)).toEqual(['bank', 'shop']);
    expect([...world.checkpoints.keys()].toSorted()).toEqual(['pods/namespaces/bank', 'pods/namespaces/shop']);
  });
});

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
    world.checkpoints.set('pods', { resourceVersion: '1', at: minutes(20) });

    const running = await watch(world);
    await untilQueued(running, 1);
    await untilCheckpoint(world);

    expect(idsOf(running.queued)).toEqual(['after']);
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
      encode: (object) => (object.metadata.name === 'bad' ? '{"terminated":{"oops"' : encodeJson(object)),
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
  test('passes no kill while the queue is away, and then all of them are queued', async () => {
    const world = await start();
    for (let at = 0; at < 5; at += 1) createPod(world.store, `web-${at}`);
    const queue = { away: false, refused: 0 };
    const running = await watch(world, {
      emit: () => {
        if (!queue.away) return Promise.resolve();
        queue.refused += 1;
        return Promise.reject(new Error('away'));
      },
    });
    await untilCheckpoint(world);

    queue.away = true;
    const before = world.store.resourceVersion();
    for (let at = 0; at < 5; at += 1) kill(world.store, `web-${at}`, { id: `${at}` });
    await expect.poll(() => queue.refused).toBeGreaterThan(3);
    const during = world.checkpoints.get('pods');
    queue.away = false;
    await untilQueued(running, 5);
    await untilCheckpoint(world);

    expect(during?.resourceVersion).toBe(String(before));
    expect(idsOf(running.queued)).toEqual(['0', '1', '2', '3', '4']);
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

  test('does not pass an exit that is not decided yet, but what came before it', async () => {
    const world = await start();
    for (const name of ['odd', 'web']) createPod(world.store, name);
    const running = await watch(world, { suspectWindowMs: 60_000 });

    kill(world.store, 'web', { id: 'a' });
    const before = world.store.resourceVersion();
    kill(world.store, 'odd', { id: 'b', reason: 'Error' });
    kill(world.store, 'web', { id: 'c' });
    await untilQueued(running, 2);
    await expect.poll(() => world.checkpoints.get('pods')?.resourceVersion).toBe(String(before));
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
  test('leaves no connection behind', async () => {
    const world = await start();
    const running = await watch(world);
    expect(world.server.openWatches()).toBe(2);

    await running.stop();

    await expect.poll(world.server.openWatches).toBe(0);
    await expect
      .poll(() => process.getActiveResourcesInfo().filter((kind) => /^T(LS|CP)(Socket)?Wrap$/i.test(kind)))
      .toEqual([]);
  });

  test('comes soon although the server hangs, refuses, or waits for the queue', async () => {
    const world = await start();
    createPod(world.store, 'web');
    world.server.faults.inject({ kind: 'hang', count: 1, path: '/events' });
    const hanging = runWatcher(world);
    await expect.poll(() => world.server.requestLog().length).toBe(1);
    await hanging.stop();

    world.server.faults.inject({ kind: 'http-500', count: 1_000 });
    const refused = runWatcher(world);
    await expect.poll(() => refused.reconnects.length).toBeGreaterThan(1);

    expect(refused.watcher.problem()).toMatch(/cannot be opened: .* 500: /);
    await refused.stop();
  });
});

test('a stream that cannot be opened is named with the reason, and the other one works', async () => {
  const world = await start();
  createPod(world.store, 'web');
  world.server.faults.inject({ kind: 'http-500', count: 1_000, path: '/events' });
  const running = runWatcher(world);
  open.push({ stop: running.stop });

  kill(world.store, 'web', { id: 'a' });
  await untilQueued(running, 1);

  expect(running.watcher.problem()).toMatch(/^The watch on events cannot be opened: /);
});
