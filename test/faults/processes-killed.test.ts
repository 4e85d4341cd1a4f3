import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { expectExactlyTheTruth, faultCount, fiftyIncidents } from './fifty-incidents.ts';

let system: System | undefined;
afterEach(async () => {
  await system?.stop();
  system = undefined;
});

describe('50 incidents, while a process is killed five times', () => {
  test.each([
    { name: 'watcher', seed: 11 },
    { name: 'worker', seed: 12 },
    { name: 'bot', seed: 13 },
  ] as const)('the $name: nothing is lost, nothing is double (seed $seed)', async ({ name, seed }) => {
    system = await startSystem();
    const { crash } = system;

    const run = await fiftyIncidents(system, seed, async (random) => {
      await delay(random() * 300);
      await crash(name);
    });

    await expectExactlyTheTruth(system);
    expect(run.injected).toBe(faultCount);
    expect(run.victims).toHaveLength(50);
  });
});
