import { expect, test } from 'vitest';
import { windowsOf } from '../../../../src/adapters/prometheus/windows.ts';
import type { UsageQuery } from '../../../../src/core/evidence/usage-query.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { killAt, minute } from '../../../fixtures/findings.ts';

const now = Date.UTC(2026, 10, 24, 12);
const hour = 60 * minute;
const day = 24 * hour;
const pod = 'checkout-bbbbbbb-11111';

function queryOf(kills: readonly Kill[], back = 7 * day): UsageQuery {
  return { namespace: 'shop', pod, container: 'app', pods: [pod], from: now - back, to: now, kills };
}

/** Minutes before now. */
function closeOf(kills: readonly Kill[]): readonly (readonly number[])[] {
  return windowsOf(queryOf(kills)).close.map(({ from, to }) => [from, to].map((at) => (now - at) / minute));
}

test.each([
  ['a kill just now', [killAt(now - 1000, 40 * minute)], [[90 + 1 / 60, 0]]],
  [
    'a kill some days ago',
    [killAt(now - 2 * day, hour)],
    [
      [2880 + 90, 2880 - 1],
      [90, 0],
    ],
  ],
  ['a container that was not killed', [], [[90, 0]]],
  [
    'three kills that are days apart',
    [3, 2, 1].map((ago) => killAt(now - ago * day, day)),
    [
      [4320 + 90, 4320 - 1],
      [2880 + 90, 2880 - 1],
      [1440 + 90, 1440 - 1],
      [90, 0],
    ],
  ],
])('every scrape of the 90 min before %s, and until now', (_, kills, windows) => {
  expect(closeOf(kills)).toEqual(windows);
});

test('kills that are minutes apart are one question, and only the last three have a part in it', () => {
  const kills = [40, 30, 20, 10, 1].map((ago) => killAt(now - ago * minute, 9 * minute));

  expect(closeOf(kills)).toEqual([[110, 0]]);
});

test('the whole time is asked for in up to 240 steps, limits in 24, and the days by the hour', () => {
  const { wide, seldom, days } = windowsOf(queryOf([killAt(now, day)]));

  expect([wide, seldom, days].map(({ from, to, stepMs }) => Math.round((to - from) / stepMs))).toEqual([233, 23, 336]);
  expect(days).toEqual({ from: now - 14 * day, to: now, stepMs: hour });
});

test('the same question a moment later is the same', () => {
  const wanted = queryOf([killAt(now - 5 * minute, 40 * minute)]);

  const [one, other] = [windowsOf(wanted), windowsOf({ ...wanted, to: wanted.to + 3000 })];

  expect(other.wide).toEqual(one.wide);
  expect(other.seldom).toEqual(one.seldom);
});

test('a crash loop of a week gets fewer steps, since each of them shows all runs of five minutes', () => {
  const { wide } = windowsOf(queryOf([killAt(now, 17_000)]));

  expect(Math.round((wide.to - wide.from) / wide.stepMs)).toBeLessThanOrEqual(60);
});

test('an eighth of the time is an eighth of each window but the days', () => {
  const { close, wide } = windowsOf(queryOf([killAt(now, hour)]), 1 / 8);

  expect(now - (close[0]?.from ?? 0)).toBe((90 * minute) / 8);
  expect(wide.to - wide.from).toBeLessThan(day);
});
