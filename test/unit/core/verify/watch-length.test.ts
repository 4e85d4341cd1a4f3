import { expect, test } from 'vitest';
import { watchOf } from '../../../../src/core/verify/watch-length.ts';
import type { WatchRequest } from '../../../../src/core/verify/watch-length.ts';
import { aKill, aPlan, killedAt, Mi } from '../../../fixtures/incidents.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Kills of runs that lasted so many minutes, one after another. */
function killsOf(...minutes: readonly number[]) {
  return minutes.map((length, index) => {
    const at = killedAt + index * 1000;
    return aKill({
      seenAt: at,
      startedAt: new Date(at - length * minute).toISOString(),
      finishedAt: new Date(at).toISOString(),
    });
  });
}

function watch(changes: Partial<WatchRequest>) {
  return watchOf({
    plan: aPlan(),
    cause: 'limit-too-low',
    kills: killsOf(80),
    appliedAt: killedAt + minute,
    isMeasured: true,
    leastMs: 15 * minute,
    mostMs: 7 * day,
    ...changes,
  });
}

const sameLimit = aPlan({ to: aPlan().from });
const every = (time: string): string => `it used to be killed every ${time}`;
const table: readonly [string, Partial<WatchRequest>, 'runs' | 'peak' | 'time', number, string][] = [
  ['twice the run before', {}, 'runs', 160, every('80 min')],
  ['the median of the last three', { kills: killsOf(500, 10, 80, 90) }, 'runs', 160, every('80 min')],
  ['never less than a quarter of an hour', { kills: killsOf(1) }, 'runs', 15, every('60 s')],
  ['until a peak where kills were days apart', { kills: killsOf(3000) }, 'peak', 15, every('2 d')],
  ['until a peak where they came with load', { cause: 'traffic-spike' }, 'peak', 15, 'its kills came with load'],
  [
    'a day where that is not measured',
    { cause: 'traffic-spike', isMeasured: false },
    'time',
    1440,
    'its kills came with load',
  ],
  [
    'by runs where the limit stays: it will never use as much',
    { kills: killsOf(3000), plan: sameLimit },
    'runs',
    6000,
    every('2 d'),
  ],
  ['until a peak where no run is known', { kills: [] }, 'peak', 15, 'how long it usually ran before is not known'],
  [
    'a day where nothing is known',
    { kills: [], isMeasured: false },
    'time',
    1440,
    'how long it usually ran before is not known',
  ],
];

test.each(table)('a fix is watched for %s', (_, changes, by, minutes, why) => {
  expect(watch(changes)).toMatchObject({ by, forMs: minutes * minute, why, shortenedToMs: null });
});

test('a peak as high is nearly the limit that it was killed at: a scrape sees less than the kernel', () => {
  expect(watch({ cause: 'traffic-spike' }).peakBytes).toBe(Math.round(512 * Mi * 0.95));
});

test('runs after the change say nothing of what used to be', () => {
  expect(watch({ appliedAt: killedAt - minute, kills: killsOf(80) }).by).toBe('peak');
});

test('a pretended world keeps both numbers: how long it took, and how long it would', () => {
  expect(watch({ mostMs: minute })).toMatchObject({ forMs: 160 * minute, shortenedToMs: minute });
});
