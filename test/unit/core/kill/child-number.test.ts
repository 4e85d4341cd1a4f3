import { expect, test } from 'vitest';
import { numbersOf } from '../../../../src/core/kill/child-number.ts';
import { countOn } from '../../../../src/core/kill/oom-count.ts';

test.each([
  ['two kills within a scrape are two', [2], 0, 2],
  ['a counter that begins again goes on', [2, 1], 0, 3],
  ['also where it was not seen at 0', [3, 0, 2], 0, 5],
  ['what was there before does not count', [7, 8], 7, 1],
])('%s', (_, values, base, total) => {
  const counted = values.reduce(countOn, { last: base, total: 0 });

  expect(counted).toEqual({ last: values.at(-1), total });
});

test.each([
  ['a rise is told from what was told before', 1, 3, 0, [2, 3]],
  ['the container’s own kill is in the counter too', 0, 1, 1, []],
  ['children before the container’s own kill are told', 0, 3, 1, [1, 2]],
  ['the own kill as the latest of them tells nothing more', 2, 3, 1, [2]],
  ['where nothing has risen nothing is told', 3, 3, 0, []],
])('%s', (_, before, after, ownKills, numbers) => {
  expect(numbersOf(before, after, ownKills)).toEqual(numbers);
});

test('a counter that jumps tells of a bounded number', () => {
  const told = numbersOf(0, 100_000, 0);

  expect([told.length, told.at(-1)]).toEqual([100, 100_000]);
});
