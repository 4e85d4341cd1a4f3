import { describe, expect, onTestFinished, test } from 'vitest';
import { createPod, kill, restart } from './killed-pod.ts';
import { idsOf, untilCheckpoint, untilQueued } from './watch-world.ts';
import { start, watch } from './watch-worlds.ts';
import { eventually } from '../../../eventually.ts';

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

  test.each([
    ['cut', 'cut-watches'],
    ['ended in good order', 'end-watches'],
  ] as const)(
    'over watches that are %s before they have said anything, of a pod that is gone by then',
    async (_, kind) => {
      const world = await start();
      createPod(world.store, 'gone');
      const running = await watch(world);
      await untilCheckpoint(world);
      const watches = (): number =>
        world.server
          .requestLog()
          .filter(({ path }) => path.startsWith('/api/v1/pods?') && path.includes('resourceVersion=')).length;

      const enough = watches() + 3;
      const cutting = setInterval(() => {
        if (watches() < enough) world.server.faults.inject({ kind });
      }, 20);
      onTestFinished(() => clearInterval(cutting));
      await eventually(() => expect(watches()).toBe(enough));
      world.server.faults.inject({ kind });
      kill(world.store, 'gone', { id: 'a' });
      world.store.remove('pods', 'shop', 'gone');
      await untilQueued(running, 1);

      expect(idsOf(running.queued)).toEqual(['a']);
    },
  );

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
    expect(log.filter(({ status, path }) => status === 422 && !path.includes('/nodes'))).toHaveLength(2);
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
