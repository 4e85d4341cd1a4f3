import { onTestFinished } from 'vitest';
import { runWatcher, startWatchWorld, synced } from './watch-world.ts';
import type { RunningWatcher, WatchWorld } from './watch-world.ts';

/** A world that is closed at the end of the test. */
export async function start(...options: Parameters<typeof startWatchWorld>): Promise<WatchWorld> {
  const world = await startWatchWorld(...options);
  onTestFinished(world.close);
  return world;
}

/** A watcher that sees everything, until the end of the test. */
export async function watch(
  world: WatchWorld,
  changes: Parameters<typeof runWatcher>[1] = {},
): Promise<RunningWatcher> {
  const running = runWatcher(world, changes);
  onTestFinished(running.stop);
  await synced(running);
  return running;
}
