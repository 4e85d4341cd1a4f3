import { describe, expect, test } from 'vitest';

import { shapeOf } from '../../../../src/core/evidence/shape/run-shape.ts';
import type { Shape } from '../../../../src/core/evidence/shape/run-shape.ts';
import { killAt, killedAt, Mi, runBefore } from '../../../fixtures/findings.ts';

/**
 * Resident memory of real runtimes, Mi, once a second until a limit was reached: OpenJDK 17 with the serial collector
 * and Node.js 24, on a busy machine.
 */
const leakInJvm = [
  35, 39, 42, 45, 48, 50, 53, 54, 57, 61, 65, 68, 72, 76, 80, 84, 88, 119, 120, 120, 120, 120, 120, 120, 120, 120, 120,
  120, 120, 120, 120, 120, 120, 157, 157, 157, 157, 157, 157, 157, 157, 157, 157, 157, 157, 157, 157, 157,
];
const cacheInJvm = [
  38, 54, 61, 69, 76, 76, 84, 86, 103, 103, 103, 121, 121, 121, 121, 121, 121, 140, 140, 140, 140, 140, 140, 140, 140,
  140, 140, 143,
];
const burstsInJvm = [
  34, 35, 36, 37, 38, 44, 48, 56, 143, 143, 143, 143, 143, 143, 143, 143, 160, 160, 160, 160, 160, 160, 160, 160, 160,
  160, 160, 160, 160,
];
const leakInNode = [
  47, 50, 54, 56, 60, 60, 68, 74, 78, 82, 86, 92, 92, 92, 94, 94, 99, 101, 106, 114, 114, 119, 123, 137, 137, 137, 137,
  137, 137,
];

function shapeOfSeries(series: readonly number[], limit: number): Shape | null {
  const everyMs = 1000;
  const kill = killAt(killedAt, series.length * everyMs + 500);
  return shapeOf(
    runBefore(kill, (age) => series[Math.floor(age / everyMs)] ?? 0, everyMs),
    limit * Mi,
  );
}

describe('memory that a runtime takes in steps', () => {
  test.each([
    ['a leak in a JVM', leakInJvm, 186, 'steady'],
    ['a leak in Node.js', leakInNode, 139, 'steady'],
    ['a cache that fills in a JVM', cacheInJvm, 161, 'slowing'],
    ['bursts that a JVM keeps', burstsInJvm, 226, 'irregular'],
  ])('of %s is judged by its steps', (_, series, limit, pattern) => {
    expect(shapeOfSeries(series, limit)).toMatchObject({ isStairs: true, pattern });
  });

  test('is not what noise or a bend looks like', () => {
    const noisy = Array.from({ length: 40 }, (_, index) => 60 + 4 * index + 2 * Math.sin(index * 1.7));
    const bend = Array.from({ length: 40 }, (_, index) => 40 + 200 * (1 - Math.exp(-index / 15)));

    expect([noisy, bend].map((series) => shapeOfSeries(series, 230)?.isStairs)).toEqual([false, false]);
  });
});
