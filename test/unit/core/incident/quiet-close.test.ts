import { expect, test } from 'vitest';
import { quietAfterMs, splitAtQuiet } from '../../../../src/core/incident/quiet-close.ts';

const HOUR = 3_600_000;
const hours = (...times: number[]) => times.map((time) => time * HOUR);

test.each([
  ['a single kill: a day', [0], 24],
  ['no kill at all: a day', [], 24],
  ['a crash loop: a day', [0, 0.1, 0.2], 24],
  ['every 10 h: three times that', [0, 10, 20], 30],
  ['in any order', [20, 0, 10], 30],
  ['one long gap does not count', [0, 10, 20, 120], 30],
  ['an even number of gaps: between the middle two', [0, 10, 30], 45],
  ['twice a week: never more than a week', [0, 84, 168], 168],
])('%s', (_, kills, expected) => {
  expect(quietAfterMs(hours(...kills))).toBe(expected * HOUR);
});

test('a kill on the deadline joins, a later one opens the next incident', () => {
  const incidents = splitAtQuiet(hours(0, 24, 48, 121, 122), (time) => time);

  expect(incidents).toEqual([hours(0, 24, 48), hours(121, 122)]);
});

test('the order of arrival does not matter', () => {
  const incidents = splitAtQuiet(hours(122, 0, 121, 48, 24), (time) => time);

  expect(incidents).toEqual([hours(0, 24, 48), hours(121, 122)]);
});

test('no kill, no incident', () => {
  expect(splitAtQuiet([], () => 0)).toEqual([]);
});
