import { expect, test } from 'vitest';
import { countedRise } from '../../../../src/core/kill/counted-rise.ts';

const known = { from: 0, to: 100 };
const readings = [
  { readAt: 30, value: 0 },
  { readAt: 45, value: 1 },
  { readAt: 60, value: 1 },
  { readAt: 75, value: 3 },
];
const limits = [
  { at: 20, bytes: 64 },
  { at: 40, bytes: 64 },
  { at: 60, bytes: 128 },
  { at: 80, bytes: 128 },
];

test.each([
  ['nothing is remembered', null, 1, { from: 0, to: 100, limits: [] }],
  ['it rose by one', { counts: readings, limits }, 1, { from: 30, to: 45, limits: [64, 128] }],
  [
    'it rose by two at once, and this is the first',
    { counts: readings, limits },
    2,
    { from: 60, to: 75, limits: [128] },
  ],
  ['the second of them', { counts: readings, limits }, 3, { from: 60, to: 75, limits: [128] }],
  ['the rise is not in it yet', { counts: readings, limits }, 4, { from: 0, to: 100, limits: [] }],
  [
    'the kubelet began to count anew meanwhile',
    { counts: [{ readAt: 10, value: 2 }, ...readings], limits: [] },
    1,
    { from: 30, to: 45, limits: [] },
  ],
  ['it had risen before the first reading', { counts: readings.slice(1), limits }, 1, { from: 0, to: 45, limits: [] }],
  ['no limit is known', { counts: readings, limits: [] }, 2, { from: 60, to: 75, limits: [] }],
])('a kill lies between the last lower reading and the first that shows it: %s', (_, history, value, expected) => {
  expect(countedRise(history, value, known)).toEqual(expected);
});
