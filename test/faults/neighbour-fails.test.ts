import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { processNames } from '../../scripts/system.ts';
import { startSystem } from '../system.ts';
import { expectExactlyTheTruth, faultCount, faultSettings, fiftyIncidents } from './fifty-incidents.ts';

// At the same time: most of a run is waiting.
describe.concurrent('of 50 incidents none is lost, double or miscounted', () => {
  test('while Redis is killed and started again five times (seed 14)', async ({ onTestFinished }) => {
    const system = await startSystem(faultSettings);
    onTestFinished(system.stop);
    const before = processNames.map((name) => system.process(name).pid);

    const { injected } = await fiftyIncidents(system, 14, async (random) => {
      await delay(random() * 300);
      await system.crashRedis(random() * 1_000);
    });

    await expectExactlyTheTruth(system);
    expect(injected).toBe(faultCount);
    const healthy = await Promise.all(
      processNames.map(async (name) => (await fetch(`${system.process(name).opsUrl}/healthz`)).status),
    );
    expect(healthy).toEqual([200, 200, 200]);
    expect(processNames.map((name) => system.process(name).pid)).toEqual(before);
  });

  test('while Slack takes messages and does not say so, ten times (seed 15)', async ({ onTestFinished }) => {
    const system = await startSystem(faultSettings);
    onTestFinished(system.stop);
    const { faults } = system.world.slack;

    await fiftyIncidents(system, 15, async (random) => {
      await delay(random() * 300);
      const holdMs = 100 + random() * 400;
      faults.inject({ kind: 'timeout-after-success', method: 'chat.postMessage', count: 2, holdMs });
    });

    await expectExactlyTheTruth(system);
    expect(faults.list().map(({ fired }) => fired)).toEqual(Array.from({ length: faultCount }, () => 2));
  });
});
