import { expect, test } from 'vitest';
import { growthOf } from '../../../../src/core/forecast/growth.ts';
import {
  countRankable,
  type Measured,
  rankTop,
  topRow,
  type TopRow,
  usedShare,
} from '../../../../src/core/talk/top.ts';

const Mi = 2 ** 20;
const minute = 60_000;
const noKills = { day: 0, week: 0, atLeast: false, lastAt: null };

/** Points a minute apart. */
function course(...mebi: readonly number[]): Measured['points'] {
  return mebi.map((size, at) => ({ t: at * minute, bytes: size * Mi }));
}

function row(name: string, changes: Partial<TopRow> = {}): TopRow {
  return {
    cluster: 'prod',
    namespace: 'shop',
    workload: { kind: 'Deployment', name },
    container: 'app',
    pods: 1,
    pod: `${name}-1`,
    usedBytes: 100 * Mi,
    limitBytes: 400 * Mi,
    fullInMs: null,
    bytesPerSecond: null,
    kills24h: 0,
    kills7d: 0,
    atLeast: false,
    lastKillAt: null,
    ...changes,
  };
}

test('steady growth is told with the time that is left to the limit', () => {
  const growth = growthOf(course(100, 110, 120, 130, 140), 200 * Mi);

  expect(growth?.bytesPerSecond).toBeCloseTo((10 * Mi) / 60);
  expect(growth?.fullInMs).toBe(6 * minute);
});

test.each([
  ['too few points', course(100, 110, 120), 200],
  ['no limit', course(100, 110, 120, 130), null],
  ['a limit of 0', course(100, 110, 120, 130), 0],
  ['a flat course', course(100, 100, 100, 100, 100), 200],
  ['a falling course', course(140, 130, 120, 110, 100), 200],
  ['a course that goes up and down', course(100, 140, 100, 140, 100, 140), 200],
  ['growth that is next to nothing', course(100, 100.1, 100.2, 100.3), 200],
  ['growth whose end is days away', course(100, 110, 120, 130).map(({ t, bytes }) => ({ t: t * 600, bytes })), 1000],
])('%s is not called growing', (_, points, limitMi) => {
  expect(growthOf(points, limitMi === null ? null : limitMi * Mi)).toBeNull();
});

test('what is over its limit already is at it now', () => {
  expect(growthOf(course(100, 120, 140, 210), 200 * Mi)?.fullInMs).toBe(0);
});

test('the row of a workload is about its pod nearest to the limit, and the one that is full first', () => {
  const pods: Measured[] = [
    { pod: 'a', limitBytes: 400 * Mi, points: course(300) },
    { pod: 'b', limitBytes: 200 * Mi, points: course(100, 120, 140, 160) },
    { pod: 'c', limitBytes: 400 * Mi, points: [] },
  ];

  const found = topRow(row('checkout'), pods, { day: 2, week: 5, atLeast: true, lastAt: 77 });

  expect(found).toMatchObject({ pods: 3, pod: 'b', usedBytes: 160 * Mi, limitBytes: 200 * Mi, fullInMs: 2 * minute });
  expect(found).toMatchObject({ kills24h: 2, kills7d: 5, atLeast: true, lastKillAt: 77 });
});

test('of a workload that does not run only its kills are known', () => {
  const found = topRow(row('report'), [], { ...noKills, day: 1, week: 1 });

  expect(found).toMatchObject({ pods: 0, pod: null, usedBytes: null, limitBytes: null, kills24h: 1 });
});

test.each([
  [{ usedBytes: 100, limitBytes: 400 }, 0.25],
  [{ usedBytes: 100, limitBytes: 0 }, null],
  [{ usedBytes: 100, limitBytes: null }, null],
  [{ usedBytes: null, limitBytes: 400 }, null],
])('the share of %o is %s', (sizes, share) => {
  expect(usedShare(sizes)).toBe(share);
});

test('killed comes before growing before near, each by its own measure, and nobody twice', () => {
  const rows = [
    row('low', { usedBytes: 40 * Mi }),
    row('near', { usedBytes: 390 * Mi }),
    row('slow', { fullInMs: 90 * minute, bytesPerSecond: 1 }),
    row('fast', { fullInMs: 5 * minute, bytesPerSecond: 1, usedBytes: 395 * Mi }),
    row('once', { kills24h: 1, kills7d: 1, lastKillAt: 5 }),
    row('often', { kills24h: 9, kills7d: 9, lastKillAt: 4, fullInMs: minute, bytesPerSecond: 1 }),
    row('unlimited', { limitBytes: null }),
    row('long-ago', { kills7d: 3, usedBytes: null }),
  ];

  const ranked = rankTop(rows, 15);

  expect(ranked.map(({ group, row: one }) => `${group} ${one.workload.name}`)).toEqual([
    'killed often',
    'killed once',
    'growing fast',
    'growing slow',
    'near near',
    'near low',
  ]);
  expect(countRankable(rows)).toBe(6);
});

test('no question takes more than its third while the others have answers', () => {
  const many = (name: string, changes: Partial<TopRow>): TopRow[] =>
    Array.from({ length: 20 }, (_, at) => row(`${name}-${String(at).padStart(2, '0')}`, changes));
  const rows = [
    ...many('killed', { kills24h: 3, kills7d: 3 }),
    ...many('growing', { fullInMs: minute, bytesPerSecond: 1 }),
    ...many('near', {}),
  ];

  const count = (of: readonly TopRow[]): Record<string, number> =>
    Object.fromEntries(
      Object.entries(Object.groupBy(rankTop(of, 15), ({ group }) => group)).map(([group, all]) => [group, all.length]),
    );

  expect(count(rows)).toEqual({ killed: 5, growing: 5, near: 5 });
  expect(count(rows.slice(0, 20).map((one) => ({ ...one, usedBytes: null })))).toEqual({ killed: 15 });
});
