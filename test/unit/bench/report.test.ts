import { describe, expect, test } from 'vitest';
import { circumstances, residentBytes, throughputBeside, timesBeside } from '../../../bench/report.ts';

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, index) => index + 1);

describe('times beside a floor', () => {
  test.each([
    ['one sample is both quantiles', [7], 7, 7],
    ['of two the median is the smaller', [9, 4], 4, 9],
    ['of a hundred the 99th is the 99th percentile', upTo(100), 50, 99],
    ['of two hundred it is the 198th', upTo(200).toReversed(), 100, 198],
    ['what is printed has two digits after the point', [1 / 3, 1 / 3], 0.33, 0.33],
  ])('%s', (_, samples, p50, p99) => {
    expect(timesBeside(samples, [1])).toMatchObject({ p50, p99 });
  });

  test('are divided quantile by quantile', () => {
    expect(timesBeside([10, 30], [4, 5])).toEqual({
      p50: 10,
      p99: 30,
      floor: { p50: 4, p99: 5 },
      ratio: { p50: 2.5, p99: 6 },
    });
  });

  test.each([
    ['ours', [], [1]],
    ['the floor', [1], []],
  ])('are refused where nothing was measured of %s', (_, ours, floor) => {
    expect(() => timesBeside(ours, floor)).toThrow('nothing was measured');
  });
});

test('of rounds the medians count, so that one that was disturbed does not', () => {
  expect(throughputBeside([900, 10, 800], [1_000, 1_100, 2])).toEqual({
    perSecond: 800,
    floor: { perSecond: 1_000 },
    ratio: { perSecond: 0.8 },
  });
});

test('it is said where and when something was measured', () => {
  expect(circumstances()).toEqual({
    machine: expect.stringMatching(/^\d+ x .+, \d+ GiB, \w+ \w+$/),
    node: process.version,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
});

test('the memory of a process that has gone is not known', () => {
  expect(residentBytes([process.pid, 2 ** 30])).toBeUndefined();
});
