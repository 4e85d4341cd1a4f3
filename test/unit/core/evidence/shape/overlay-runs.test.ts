import { describe, expect, test } from 'vitest';

import { overlayOf } from '../../../../../src/core/evidence/shape/overlay-runs.ts';
import type { UsageRun } from '../../../../../src/core/evidence/evidence.ts';
import { killAt, killedAt, Mi, runBefore } from '../../../../fixtures/findings.ts';
import type { Usage } from '../../../../fixtures/findings.ts';

const second = 1000;
const limitBytes = 80 * Mi;

/** Runs of 55 s, sampled every 15 s at other ages each time: `late` is how long after the start it began, in seconds. */
function runsOf(usage: Usage, late: readonly number[], runMs = 55 * second): UsageRun[] {
  return late.map((seconds, index) => {
    const kill = killAt(killedAt - (late.length - 1 - index) * 120 * second, runMs, { limitBytes });
    const startedAt = Date.parse(kill.startedAt ?? '');
    const samples = [0, 1, 2, 3].map((nth) => {
      const age = (seconds + nth * 15) * second;
      return { t: startedAt + age, workingSetBytes: usage(age) * Mi };
    });
    return { ...runBefore(kill, usage, 15 * second), samples };
  });
}

const line: Usage = (age) => 30 + (0.9 * age) / second;
const bend: Usage = (age) => 90 * (1 - Math.exp(-age / (25 * second)));

describe('runs of a minute laid over each other', () => {
  test.each<[string, Usage, string]>([
    ['a line', line, 'steady'],
    ['a bend', bend, 'slowing'],
    ['a level close below the limit', (age) => 75 + (age % 7) / 10, 'flat'],
  ])('show %s that the four samples of one do not', (_, usage, pattern) => {
    const overlay = overlayOf(runsOf(usage, [2, 5, 8, 11]), limitBytes);

    expect(overlay).toMatchObject({ runs: 4, shape: { pattern, count: 16 } });
  });

  test('keep the times of the latest run', () => {
    const runs = runsOf(line, [2, 5, 8]);

    const run = overlayOf(runs, limitBytes)?.shape.run;

    expect(run).toMatchObject({ startedAt: killedAt - 55 * second, killedAt });
    expect(run?.samples.every(({ t }) => t > killedAt - 55 * second && t <= killedAt)).toBe(true);
  });

  test('count a sample that a query repeats once', () => {
    const runs = runsOf(line, [2, 5, 8]).map((run) => ({
      ...run,
      samples: run.samples.flatMap((one) => [one, { ...one, t: one.t + second }]),
    }));

    expect(overlayOf(runs, limitBytes)?.shape.count).toBe(12);
  });

  test.each<[string, UsageRun[]]>([
    ['one run', runsOf(line, [2])],
    ['runs that do not last alike', [...runsOf(line, [2], 20 * second), ...runsOf(line, [5], 55 * second)].slice(0, 2)],
    ['runs that go their own ways', runsOf((age) => (Math.floor(age / 7000) % 2 === 0 ? 30 : 70), [2, 5, 8, 11])],
    ['runs that stay far below the limit', runsOf(() => 30, [2, 5, 8, 11])],
    ['runs under other limits', runsOf(line, [2, 5, 8, 11]).map((run) => ({ ...run, limitBytes: 64 * Mi }))],
    ['runs that nobody saw end', runsOf(line, [2, 5, 8]).map((run) => ({ ...run, killedAt: null }))],
  ])('say nothing of %s', (_, runs) => {
    expect(overlayOf(runs, limitBytes)).toBeNull();
  });
});
