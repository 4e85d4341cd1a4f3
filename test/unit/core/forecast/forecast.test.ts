import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { z } from 'zod';

import type { UsagePoint } from '../../../../src/core/evidence/usage-now.ts';
import { forecast } from '../../../../src/core/forecast/forecast.ts';
import type { Forecast } from '../../../../src/core/forecast/forecast.ts';
import type { StallPoint } from '../../../../src/core/forecast/stall.ts';

const minute = 60_000;
const hour = 60 * minute;
const Mi = 2 ** 20;
const limit = 500 * Mi;
const startedAt = Date.UTC(2026, 10, 25, 12);

interface Series {
  /** Share of the limit, `minutes` after the start. */
  readonly share: (minutes: number) => number;
  readonly minutes: number;
  readonly everyMs?: number;
  readonly stalls?: readonly StallPoint[];
  readonly limitBytes?: number | null;
  readonly withinMs?: number;
  /** How long ago the last sample was taken. */
  readonly ageMs?: number;
}

function points({ share, minutes, everyMs = minute / 2 }: Series): UsagePoint[] {
  const count = Math.floor((minutes * minute) / everyMs) + 1;
  return Array.from({ length: count }, (_, index) => ({
    t: startedAt + index * everyMs,
    bytes: Math.round(share((index * everyMs) / minute) * limit),
  }));
}

/** What is foretold at the end of a series: of its last hour there are all samples, of the day before one every ten minutes. */
function foretold(series: Series): Forecast {
  const all = points(series);
  const end = all.at(-1)?.t ?? startedAt;
  return forecast(
    {
      startedAt,
      limitBytes: series.limitBytes === undefined ? limit : series.limitBytes,
      points: all.filter(({ t }) => t >= end - hour || (t >= end - 24 * hour && (end - t) % (10 * minute) === 0)),
      stalls: series.stalls ?? [],
    },
    end + (series.ageMs ?? 0),
    { withinMs: series.withinMs ?? 4 * hour, settledMs: 10 * minute },
  );
}

/** Deterministic noise, -1..1. */
function noise(x: number): number {
  return Math.sin(x * 12.9898) * Math.cos(x * 78.233);
}

const tooth = (minutes: number, period: number, low: number, high: number): number =>
  low + ((high - low) * (minutes % period)) / period;

test.each<{ what: string; series: Series; expected: Forecast['is'] }>([
  {
    what: 'a steady leak',
    series: { minutes: 40, share: (m) => 0.4 + m * 0.006 },
    expected: 'on-course',
  },
  {
    what: 'a steady leak with noise of a fiftieth of the limit',
    series: { minutes: 45, share: (m) => 0.4 + m * 0.006 + noise(m) * 0.02 },
    expected: 'on-course',
  },
  {
    what: 'a leak in stairs of three minutes, as a JVM makes them',
    series: { minutes: 50, share: (m) => 0.3 + Math.floor(m / 3) * 0.03 },
    expected: 'on-course',
  },
  {
    what: 'a leak that began after hours of calm',
    series: { minutes: 280, share: (m) => (m < 230 ? 0.5 : 0.5 + (m - 230) * 0.007) },
    expected: 'on-course',
  },
  {
    what: 'a slow rise above 80% of the limit',
    series: { minutes: 90, share: (m) => (m < 75 ? 0.8 : 0.8 + (m - 75) * 0.005) },
    expected: 'rising-near-limit',
  },
  {
    what: 'a leak of a fifteenth of its limit an hour',
    series: { minutes: 9 * 60, share: (m) => 0.2 + m * 0.0012 },
    expected: 'on-course',
  },
  {
    what: 'a leak of a fiftieth of its limit an hour, when it has less than four hours left',
    series: { minutes: 20 * 60, share: (m) => 0.54 + m * (0.02 / 60) },
    expected: 'on-course',
  },
  {
    what: 'a slow leak with noise that began this morning',
    series: { minutes: 22 * 60, share: (m) => 0.6 + Math.max(0, m - 17 * 60) * 0.001 + noise(m) * 0.01 },
    expected: 'on-course',
  },
  {
    what: 'a leak under a garbage collector that comes down every three minutes',
    series: { minutes: 60, share: (m) => 0.3 + m * 0.006 + tooth(m, 3, 0, 0.2) },
    expected: 'on-course',
  },
  {
    what: 'one that grows so slowly that it takes half a day to be seen',
    series: { minutes: 20 * 60, everyMs: minute, share: (m) => 0.3 + m * 0.0004 + tooth(m, 3.5, 0, 0.15) },
    expected: 'on-course',
  },
  {
    what: 'one that stands still for want of memory a third of the time',
    series: {
      minutes: 30,
      share: () => 0.9,
      stalls: [25, 26, 27, 28, 29, 30].map((m) => ({ t: startedAt + m * minute, seconds: m * 20 })),
    },
    expected: 'stalled',
  },
  {
    what: 'the same after its counter began anew',
    series: {
      minutes: 30,
      share: () => 0.9,
      stalls: [26, 27, 28, 29, 30].map((m) => ({ t: startedAt + m * minute, seconds: m > 28 ? (m - 28) * 20 : 900 })),
    },
    expected: 'stalled',
  },
])('$what is warned of: $expected', ({ series, expected }) => {
  expect(foretold(series).is).toBe(expected);
});

test.each<{ what: string; series: Series; why: string }>([
  {
    what: 'a garbage collector that comes down every five minutes',
    series: { minutes: 59, share: (m) => tooth(m, 5, 0.4, 0.85) },
    why: 'comes-down',
  },
  {
    what: 'one that comes down every half hour, on its way up',
    series: { minutes: 55, share: (m) => tooth(m, 30, 0.4, 0.9) },
    why: 'comes-down',
  },
  {
    what: 'a heap that is collected every three minutes while it warms up',
    series: { minutes: 70, share: (m) => 0.65 - 0.5 * Math.exp(-m / 35) + tooth(m, 3, 0, 0.15) },
    why: 'comes-down',
  },
  {
    what: 'bursts each of which is higher than the one before',
    series: { minutes: 65, share: (m) => (m % 6 > 4 ? 0.5 + m * 0.006 : 0.35) },
    why: 'comes-down',
  },
  {
    what: 'a leak under a garbage collector that is as high as it was this morning',
    series: {
      minutes: 5 * 60,
      share: (m) => (m < 60 ? 0.85 : 0.3 + Math.max(0, m - 240) * 0.006 + tooth(m, 3, 0, 0.15)),
    },
    why: 'comes-down',
  },
  {
    what: 'bursts that fit',
    series: { minutes: 60, share: (m) => (m % 10 > 7 ? 0.9 : 0.35) },
    why: 'comes-down',
  },
  ...[20, 40, 60, 120].flatMap((period) =>
    [0.02, 0.04].map((height) => ({
      what: `one that goes up and down by ${height} near its limit in ${period} minutes, when it goes up`,
      series: {
        minutes: 5 * period + period * 0.22,
        share: (m: number) => 0.86 + height * Math.sin((2 * Math.PI * m) / period),
      },
      why: 'not-growing',
    })),
  ),
  {
    what: 'a start that comes to its level, with noise',
    series: { minutes: 15, share: (m) => Math.min(0.87, 0.4 + m * 0.036) + noise(m) * 0.01 },
    why: 'not-growing',
  },
  {
    what: 'a slow leak that needs longer than anybody wants to know',
    series: { minutes: 20 * 60, share: (m) => 0.4 + m * (0.02 / 60) },
    why: 'too-far-off',
  },
  {
    what: 'one that stands at 92% of its limit',
    series: { minutes: 60, share: (m) => 0.92 + noise(m) * 0.01 },
    why: 'not-growing',
  },
  {
    what: 'a service whose cache fills its usage, but not its working set',
    series: { minutes: 60, share: (m) => 0.3 + noise(m) * 0.01 },
    why: 'not-growing',
  },
  {
    what: 'a start that climbs to its level in eight minutes',
    series: { minutes: 14, share: (m) => Math.min(0.87, 0.05 + m * 0.11) },
    why: 'not-growing',
  },
  {
    what: 'a start while it climbs',
    series: { minutes: 7, share: (m) => 0.05 + m * 0.11 },
    why: 'too-young',
  },
  {
    what: 'a warm-up of half an hour that bends towards its level',
    series: { minutes: 50, share: (m) => 0.85 - 0.6 * Math.exp(-m / 12) },
    why: 'levels-off',
  },
  {
    what: 'growth that has stopped',
    series: { minutes: 60, share: (m) => 0.3 + Math.min(m, 40) * 0.012 },
    why: 'levels-off',
  },
  {
    what: 'one stair, up to a new level',
    series: { minutes: 40, share: (m) => (m < 25 ? 0.5 : 0.75) },
    why: 'levels-off',
  },
  {
    what: 'a leak that needs more than the wanted time',
    series: { minutes: 60, share: (m) => 0.2 + m * 0.0025, withinMs: 2 * hour },
    why: 'too-far-off',
  },
  {
    what: 'growth of eight minutes that would need hours more',
    series: { minutes: 18, share: (m) => 0.2 + Math.max(0, m - 10) * 0.014 },
    why: 'too-far-off',
  },
  {
    what: 'a leak without a limit',
    series: { minutes: 40, share: (m) => 0.4 + m * 0.006, limitBytes: null },
    why: 'no-limit',
  },
  {
    what: 'one that comes down every two hours, and is about to for the third time',
    series: { minutes: 235, share: (m) => tooth(m, 120, 0.4, 0.9) },
    why: 'comes-down',
  },
  {
    what: 'a leak that nobody has seen for five minutes',
    series: { minutes: 40, share: (m) => 0.4 + m * 0.006, ageMs: 5 * minute },
    why: 'not-seen',
  },
  {
    what: 'one that stands still for its node, far below its limit',
    series: {
      minutes: 30,
      share: () => 0.3,
      stalls: [27, 28, 29, 30].map((m) => ({ t: startedAt + m * minute, seconds: m * 20 })),
    },
    why: 'not-growing',
  },
  {
    what: 'one that stands still for a hundredth of the time',
    series: {
      minutes: 30,
      share: () => 0.9,
      stalls: [27, 28, 29, 30].map((m) => ({ t: startedAt + m * minute, seconds: m * 0.6 })),
    },
    why: 'not-growing',
  },
])('$what is left in peace: $why', ({ series, why }) => {
  expect(foretold(series)).toMatchObject({ is: 'calm', why });
});

test('the time at the limit is foretold by the rate and what is left', () => {
  const series = { minutes: 40, share: (m: number) => 0.4 + m * 0.006 };

  const found = foretold(series);

  if (found.is !== 'on-course') throw new Error(`it is ${found.is}`);
  expect(found.bytesPerSecond).toBeCloseTo((0.006 * limit) / 60, -2);
  expect((found.reachesAt - startedAt) / minute).toBeCloseTo(100, 0);
});

const allSeries = readFileSync(join(import.meta.dirname, '../../../recordings/courses/courses.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) =>
    z
      .object({
        trace: z.string(),
        label: z.enum(['healthy', 'leak']),
        kind: z.string(),
        limitBytes: z.number(),
        workingSetBytes: z.array(z.number()),
      })
      .parse(JSON.parse(line)),
  );

interface Sampled {
  readonly everyMs: number;
  /** Of the limit. */
  readonly noise: number;
  /** Share of the samples that are missing. */
  readonly missing: number;
}

const asRecorded: Sampled = { everyMs: minute, noise: 0, missing: 0 };
const otherwise: readonly Sampled[] = [
  { everyMs: minute, noise: 0.02, missing: 0.1 },
  { everyMs: minute / 2, noise: 0.01, missing: 0 },
  { everyMs: minute / 2, noise: 0.02, missing: 0.3 },
  { everyMs: minute / 4, noise: 0.01, missing: 0.1 },
];

/** Deterministic, 0..1, and not alike for neighbours. */
function scattered(index: number): number {
  const x = Math.sin(index * 127.1 + 11.7) * 43_758.5453;
  return x - Math.floor(x);
}

/**
 * Real containers, sampled once a second, whose time is compressed: a leak takes a minute. A second stands for a minute
 * here. A warning takes three looks in a row, as in the flow; answers with the minute that it came at.
 */
function warnedAt(
  { limitBytes, workingSetBytes }: (typeof allSeries)[number],
  { everyMs, noise: height, missing }: Sampled,
): number | null {
  const count = Math.floor(((workingSetBytes.length - 1) * minute) / everyMs) + 1;
  const all = Array.from({ length: count }, (_, index): UsagePoint => {
    const at = (index * everyMs) / minute;
    const [before, after] = [workingSetBytes[Math.floor(at)] ?? 0, workingSetBytes[Math.ceil(at)] ?? 0];
    const bytes = before + (after - before) * (at % 1) + (scattered(index) * 2 - 1) * height * limitBytes;
    return { t: startedAt + index * everyMs, bytes: Math.max(1, Math.min(limitBytes, bytes)) };
  }).filter((_, index) => scattered(index + 5_000) >= missing);
  const looks = Array.from({ length: workingSetBytes.length }, (_, index) => startedAt + index * minute);
  const dangers = looks.map((now) => {
    const seen = all.filter(({ t }) => t <= now && t >= now - hour);
    const pace = { withinMs: 4 * hour, settledMs: 10 * minute };
    return forecast({ startedAt, limitBytes, points: seen, stalls: [] }, now, pace).is !== 'calm';
  });
  const at = dangers.findIndex((_, index) => index >= 2 && dangers.slice(index - 2, index + 1).every(Boolean));
  return at === -1 ? null : at;
}

test.each(allSeries.filter(({ label }) => label === 'healthy'))(
  'recorded: $kind ($trace) is left in peace at every moment, however it is sampled',
  (series) => {
    expect([asRecorded, ...otherwise].map((sampled) => warnedAt(series, sampled))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  },
);

test.each(allSeries.filter(({ label, workingSetBytes }) => label === 'leak' && workingSetBytes.length > 12))(
  'recorded: a leak, $kind ($trace), is warned of before it is killed, however it is sampled',
  (series) => {
    // A run of a quarter of an hour is over when the first looks at it can be counted.
    const samplings = series.workingSetBytes.length > 20 ? [asRecorded, ...otherwise] : [asRecorded];
    const at = samplings.map((sampled) => warnedAt(series, sampled));

    expect(at.map((minutes) => minutes !== null && minutes < series.workingSetBytes.length - 1)).not.toContain(false);
  },
);

test('there were recordings to look at', () => {
  const counts = Object.groupBy(allSeries, ({ label }) => label);

  expect(counts.healthy?.length).toBeGreaterThanOrEqual(14);
  expect(counts.leak?.length).toBeGreaterThanOrEqual(22);
});

test('a line of a few samples says where it goes, and warns nobody', () => {
  const few = foretold({ share: (minutes) => 0.2 + minutes / 100, minutes: 50, everyMs: 9 * minute });

  if (few.is !== 'calm' || few.why !== 'few-samples') throw new Error(JSON.stringify(few));
  expect(few.growth.reachesAt - startedAt).toBeCloseTo(80 * minute, -4);
});
