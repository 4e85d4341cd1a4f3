import { afterEach } from 'vitest';
import { runWatcher, startWatchWorld, synced } from './watch-world.ts';
import type { RunningWatcher, WatchWorld } from './watch-world.ts';

const worlds: WatchWorld[] = [];
/** Watchers that are stopped at the end of the test. */
export const watchers: RunningWatcher[] = [];

afterEach(async () => {
  for (const running of watchers.splice(0)) await running.stop();
  for (const world of worlds.splice(0)) await world.close();
});

/** A world that is closed at the end of the test. */
export async function start(...options: Parameters<typeof startWatchWorld>): Promise<WatchWorld> {
  const world = await startWatchWorld(...options);
  worlds.push(world);
  return world;
}

/** A watcher that sees everything, until the end of the test. */
export async function watch(
  world: WatchWorld,
  changes: Parameters<typeof runWatcher>[1] = {},
): Promise<RunningWatcher> {
  const running = runWatcher(world, changes);
  watchers.push(running);
  await synced(running);
  return running;
}
