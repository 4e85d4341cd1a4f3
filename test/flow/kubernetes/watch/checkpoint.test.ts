import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../../../src/adapters/kubernetes/watch/resume-point.ts';
import { createPod, kill, restart } from './killed-pod.ts';
import { idsOf, untilCheckpoint, untilQueued } from './watch-world.ts';
import { start, watch } from './watch-worlds.ts';
import { eventually } from '../../../eventually.ts';

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
    const began = performance.now();
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
    // Once a second, at the beginning and at the end.
    expect(writes.length).toBeLessThanOrEqual(3 + (performance.now() - began) / 1_000);
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
    await eventually(() => expect(queue.refused).toBeGreaterThan(3));
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
    await eventually(() => expect(queue.refused).toBeGreaterThan(0));
    world.server.faults.inject({ kind: 'cut-watches' });
    await eventually(() => expect(running.reconnects).toContain('broken'));
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
    await eventually(() => expect(refused.length).toBeGreaterThan(0));
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

    await eventually(() => expect(cutAndLook()).toBe(String(world.store.resourceVersion())));
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
        if (found.kind === 'ahead') throw new Error('no warning is expected here');
        asked.push(...idsOf([found]));
        return found.suspect ? ways.b.promise : ways.a.promise;
      },
    });
    await untilCheckpoint(world);
    const before = world.store.resourceVersion();

    kill(world.store, 'odd', { id: 'b', reason: 'Error' });
    kill(world.store, 'web', { id: 'a' });
    await eventually(() => expect(asked).toEqual(['a']));
    [clock.jumpMs, clock.looks] = [120_000, 0];
    await eventually(() => expect(clock.looks).toBeGreaterThan(3));
    ways.a.resolve();
    await eventually(() => expect(asked).toEqual(['a', 'b']));
    await eventually(() => expect(idsOf(running.queued)).toEqual(['a']));
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
    await eventually(() => expect(world.checkpoints.get('pods')?.resourceVersion).toBe(String(before)));
    await running.stop();
    const again = await watch(world);
    await untilQueued(again, 2);

    expect(again.queued.map((found) => [idsOf([found])[0], found.suspect])).toContainEqual(['b', true]);
  });
});
