import { expect, test } from 'vitest';
import type { UsageRun, UsageSample } from '../../../../../src/core/evidence/evidence.ts';
import { partsOf, shapeOfRun } from '../../../../../src/core/evidence/shape/long-run.ts';
import { killAt, killedAt, Mi, minute, runBefore, samplesOf } from '../../../../fixtures/findings.ts';

const limit = 256 * Mi;
const day = 24 * 60 * minute;

/** A run that is known in 240 steps, and closely in its last 90 min. */
function longRun(runMs: number, usage: (leftMs: number) => number, everyMs = 30_000): UsageRun {
  const from = killedAt - runMs;
  const near = killedAt - 90 * minute;
  const course = (since: number) => (age: number) => usage(killedAt - since - age);
  const samples: UsageSample[] = [
    ...samplesOf(course(from), from, near, runMs / 240),
    ...samplesOf(course(near), near, killedAt, everyMs),
  ];
  return runBefore(killAt(killedAt, runMs), () => 0, runMs, { samples });
}

const week = 7 * day;

test.each([
  ['a leak of a week', week, (left: number) => 100 + 150 * (1 - left / week), 'steady'],
  ['a leak of two days', 2 * day, (left: number) => 100 + 150 * (1 - left / (2 * day)), 'steady'],
  [
    'a week that is calm until its last four minutes',
    week,
    (left: number) => Math.max(150, 250 - left / 2400),
    'sudden',
  ],
  ['a week that is calm until its last hour', week, (left: number) => Math.max(150, 250 - left / 36_000), 'steady'],
  [
    'a rise that came every day before',
    week,
    (left: number) => (left % day < 70 * minute ? 250 - (left % day) / 42_000 : 140),
    'spiky',
  ],
])('%s', (_, runMs, usage, pattern) => {
  expect(shapeOfRun(longRun(runMs, usage), limit)?.pattern).toBe(pattern);
});

test('a run that was seen evenly has one part', () => {
  const run = runBefore(killAt(killedAt, 40 * minute), () => 100, 30_000);

  expect(partsOf(run.samples)).toBeNull();
});

test('a gap of half an hour in a run of two hours makes no second part', () => {
  const run = runBefore(killAt(killedAt, 2 * 60 * minute), () => 100, 30_000);
  const samples = run.samples.filter((_, index) => index < 100 || index > 160);

  expect(partsOf(samples)).toBeNull();
});

test('the close part of a week is its last minutes, and the whole is evenly apart', () => {
  const parts = partsOf(longRun(week, () => 100).samples);

  const [first] = parts?.close ?? [];
  expect(killedAt - (first?.t ?? 0)).toBeLessThan(100 * minute);
  expect(parts?.whole.length).toBeGreaterThan(200);
  expect(parts?.whole.length).toBeLessThan(260);
});
