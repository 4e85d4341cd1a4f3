import { array, assert, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { median, trendOf } from '../../../../src/core/evidence/statistics.ts';

function medianBySorting(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

const finite = double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
/** Of few different values many are equal. */
const repeated = integer({ min: 0, max: 3 });

test.each([
  ['amounts', array(finite, { maxLength: 300 })],
  ['many that are equal', array(repeated, { maxLength: 300 })],
])(
  'the median of %s is the one in the middle of them in order, and nothing is put in order for the caller',
  (_, arbitrary) => {
    assert(
      property(arbitrary, (values) => {
        const before = [...values];

        // Zero has a sign, which means nothing here.
        expect(median(values) + 0).toBe(medianBySorting(values) + 0);
        expect(values).toEqual(before);
      }),
    );
  },
);

test.each([
  ['up', (at: number) => at],
  ['down', (at: number) => -at],
  ['up and down again', (at: number) => Math.min(at, 4_001 - at)],
  ['down and up again', (at: number) => Math.max(at, 4_001 - at)],
  ['all the same', () => 7],
  ['a saw', (at: number) => at % 61],
])('of values that go %s it is right too', (_, valueAt) => {
  for (const length of [4_000, 4_001]) {
    const values = Array.from({ length }, (__, at) => valueAt(at));

    expect(median(values)).toBe(medianBySorting(values));
  }
});

test('of nothing there is no median, and what is no number ends it all the same', () => {
  expect(median([])).toBeNaN();
  expect(() => median([Number.NaN, 1, Number.NaN, 2, Number.NaN])).not.toThrow();
});

test('a line through points on a line is that line, although a quarter of them are wild', () => {
  const points = Array.from({ length: 100 }, (_, x) => ({ x, y: x % 4 === 1 ? 1e6 : 3 * x + 7 }));

  expect(trendOf(points)).toMatchObject({ slope: 3, intercept: 7 });
});
