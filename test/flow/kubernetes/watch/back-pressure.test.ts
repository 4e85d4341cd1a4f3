import { expect, test } from 'vitest';
import { follow, type Follower } from '../../../../src/adapters/kubernetes/watch/follow.ts';
import { usualPace } from '../../../../src/adapters/kubernetes/watch/watch-stream.ts';
import { createPod, kill } from './killed-pod.ts';
import { start } from './watch-worlds.ts';
import { eventually } from '../../../eventually.ts';

test('no more is read than what is safe already, so that a queue that is away fills no memory', async () => {
  const world = await start();
  const stopping = new AbortController();
  const safe = Promise.withResolvers<void>();
  const following = (settle: Follower['settle']) => {
    const taken: unknown[] = [];
    const synced = Promise.withResolvers<void>();
    const ignore = (): void => undefined;
    const done = follow({
      transport: world.transport,
      path: '/api/v1/pods',
      resume: String(world.store.resourceVersion()),
      pace: usualPace,
      random: () => 0,
      signal: stopping.signal,
      follower: {
        take: (_type, object) => taken.push(object),
        settle,
        reached: ignore,
        answered: ignore,
        heard: ignore,
        problem: ignore,
        reconnect: ignore,
        synced: synced.resolve,
      },
    });
    return { taken, synced: synced.promise, done };
  };
  createPod(world.store, 'web');
  const held = following(async () => safe.promise);
  const free = following(async () => undefined);
  await Promise.all([held.synced, free.synced]);

  for (let at = 1; at <= 5; at += 1) {
    kill(world.store, 'web', { id: `${at}` });
    await eventually(() => expect(free.taken.length).toBe(at));
  }
  // It comes over a connection of its own.
  await eventually(() => expect(held.taken.length).toBeGreaterThan(0));
  const takenMeanwhile = held.taken.length;
  safe.resolve();
  await eventually(() => expect(held.taken.length).toBe(5));
  stopping.abort();
  await Promise.all([held.done, free.done]);

  expect(takenMeanwhile).toBe(1);
});
