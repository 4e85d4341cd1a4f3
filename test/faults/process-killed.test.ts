import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { threadsOf } from '../acceptance/threads.ts';
import { startSystem } from '../system.ts';
import { expectExactlyTheTruth, faultCount, fiftyIncidents } from './fifty-incidents.ts';

// At the same time: most of a run is waiting.
describe.concurrent('of 50 incidents none is lost, double or miscounted', () => {
  test.for([
    { name: 'watcher', seed: 11 },
    { name: 'worker', seed: 12 },
  ] as const)('while the $name is killed five times (seed $seed)', async ({ name, seed }, { onTestFinished }) => {
    const system = await startSystem();
    onTestFinished(system.stop);

    const { injected } = await fiftyIncidents(system, seed, async (random) => {
      await delay(random() * 300);
      await system.crash(name);
    });

    await expectExactlyTheTruth(system);
    expect(injected).toBe(faultCount);
  });

  test('while the bot is killed five times, now and then between a message and its answer (seed 13)', async ({
    onTestFinished,
  }) => {
    const system = await startSystem();
    onTestFinished(system.stop);
    let inBetween = 0;

    const { injected } = await fiftyIncidents(system, 13, async (random) => {
      if (random() < 0.5) {
        await delay(random() * 300);
        await system.crash('bot');
        return;
      }
      await atTheNextRoot(system.world, () => system.crash('bot'));
      inBetween += 1;
    });

    await expectExactlyTheTruth(system);
    expect(injected).toBe(faultCount);
    expect(inBetween).toBeGreaterThan(0);
  });
});

/**
 * Acts when Slack has accepted a root and has not answered yet: the worst moment to die. NOTE: `act` is called in the
 * middle of the simulator's work; what waits for a promise would be too late.
 */
function atTheNextRoot(world: World, act: () => Promise<void>): Promise<void> {
  const before = threadsOf(world).length;
  return new Promise((resolve, reject) => {
    const stop = world.slack.control.subscribe(() => {
      if (threadsOf(world).length <= before) return;
      stop();
      act().then(resolve, reject);
    });
  });
}
