import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../../src/core/units/duration.ts';

test.each([
  ['30s', 30_000],
  ['15m', 900_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['250ms', 250],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['0s', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '30', 's', '30 s', '-5m', '1w', '1h-5m', '1e3s', '99999999999999d'])(
  'the text "%s" is refused',
  (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'bad-duration' }));
  },
);

test.each([
  [0, '0s'],
  [250, '250ms'],
  [30_000, '30s'],
  [90_000, '1m30s'],
  [5_400_000, '1h30m'],
  [86_400_000, '24h'],
  [604_800_000, '7d'],
  [-60_000, '-1m'],
])('%d ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
