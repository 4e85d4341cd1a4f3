import { describe, expect, test } from 'vitest';

import { mostSure, shapeOf, startsFromNothing } from '../../../../../src/core/evidence/shape/run-shape.ts';
import type { Pattern } from '../../../../../src/core/evidence/shape/run-shape.ts';
import { median, trendOf } from '../../../../../src/core/evidence/statistics.ts';
import { killAt, killedAt, runBefore, Mi, minute } from '../../../../fixtures/findings.ts';

const runMs = 60 * minute;
const kill = killAt(killedAt, runMs);

describe('the pattern of a run', () => {
  const cases: readonly (readonly [string, Pattern, (share: number) => number])[] = [
    ['a straight line', 'steady', (share) => 80 + 170 * share],
    ['a straight line after a quick start', 'steady', (share) => (share < 0.03 ? 20 : 80 + 170 * share)],
    ['a level', 'flat', () => 230],
    ['a level after a quick start', 'flat', (share) => (share < 0.03 ? 20 : 230)],
    ['a climb that bends', 'slowing', (share) => 20 + 230 * (1 - Math.exp(-3 * share))],
    ['a level and a jump at the end', 'sudden', (share) => (share > 0.96 ? 250 : 120)],
    ['more samples in bursts than between them', 'irregular', (share) => (Math.floor(share * 120) % 5 < 2 ? 100 : 230)],
    ['peaks from a level', 'spiky', (share) => (Math.floor(share * 20) % 5 === 4 ? 240 : 90)],
  ];

  test.each(cases)('of %s is %s', (_, pattern, usage) => {
    const run = runBefore(kill, (age) => usage(age / runMs), 30_000);

    expect(shapeOf(run, 256 * Mi)?.pattern).toBe(pattern);
  });

  test('is the same whatever the unit of time', () => {
    const shapes = [minute, runMs, 24 * runMs].map((ms) => {
      const run = runBefore(killAt(killedAt, ms), (age) => 80 + (170 * age) / ms, ms / 60);
      return shapeOf(run, 256 * Mi);
    });

    for (const shape of shapes) {
      expect(shape?.rise).toBeCloseTo(shapes[0]?.rise ?? Number.NaN, 2);
      expect(shape?.headStart).toBeCloseTo(shapes[0]?.headStart ?? Number.NaN, 0);
      expect(shape?.pattern).toBe('steady');
    }
  });

  test.each([
    { from: 20, isNothing: true },
    { from: 60, isNothing: false },
  ])('says from $from of 256Mi what it began from, however often and how late it was seen', ({ from, isNothing }) => {
    const run = runBefore(kill, (age) => from + ((256 - from) * age) / runMs, runMs / 20);
    const { samples } = run;
    const views = [samples, samples.slice(1), samples.slice(3), samples.filter((_, index) => index % 3 === 2)];

    for (const seen of views) {
      const shape = shapeOf({ ...run, samples: seen }, 256 * Mi);

      expect(shape?.baseShare).toBeCloseTo(from / 256, 2);
      expect(shape && startsFromNothing(shape)).toBe(isNothing);
    }
  });

  test('needs at least four samples, and six to be sure of', () => {
    const [three, four, six] = [3.4, 4.4, 6.4].map((many) =>
      shapeOf(
        runBefore(kill, () => 100, runMs / many),
        256 * Mi,
      ),
    );

    expect(three).toBeNull();
    expect([four, six].map((shape) => shape && mostSure(shape) >= 0.8)).toEqual([false, true]);
  });
});

describe('a robust line', () => {
  const line = Array.from({ length: 40 }, (_, x) => ({ x, y: 3 + 2 * x }));

  test('is not moved by wild points', () => {
    const wild = line.map((point) => (point.x % 5 === 0 ? { ...point, y: 1000 } : point));

    expect(trendOf(wild)?.slope).toBeCloseTo(2, 1);
  });

  test('has a slope, an intercept and an order', () => {
    expect(trendOf(line)).toEqual({ slope: 2, intercept: 3, tau: 1 });
  });

  test('needs more than two points', () => {
    expect(trendOf(line.slice(0, 2))).toBeNull();
  });

  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[], Number.NaN],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
