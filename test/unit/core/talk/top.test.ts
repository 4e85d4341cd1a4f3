import { expect, test } from 'vitest';
import {
  countRankable,
  type Measured,
  rankAll,
  rankTop,
  topRow,
  type TopRow,
  usedShare,
} from '../../../../src/core/talk/top.ts';

const Mi = 2 ** 20;
const minute = 60_000;
const noKills = { day: 0, week: 0, atLeast: false, lastAt: null };

const now = 40 * minute;
const look = { now, settledMs: 10 * minute };

/** Uses `mebi` now, and grew to it by `perMinute` since it was started 40 minutes ago. */
function series(mebi: number, perMinute = 0): Measured['points'] {
  return Array.from({ length: 41 }, (_, at) => ({ t: at * minute, bytes: (mebi - (40 - at) * perMinute) * Mi }));
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

test('the row of a workload is about its pod nearest to the limit, and the one that is full first', () => {
  const pods: Measured[] = [
    { pod: 'a', startedAt: 0, limitBytes: 400 * Mi, points: series(300) },
    { pod: 'b', startedAt: 0, limitBytes: 200 * Mi, points: series(160, 2) },
    { pod: 'c', startedAt: 0, limitBytes: 400 * Mi, points: [] },
    { pod: 'd', startedAt: 0, limitBytes: 400 * Mi, points: series(300, 4) },
  ];

  const found = topRow(row('checkout'), pods, { day: 2, week: 5, atLeast: true, lastAt: 77 }, look);

  expect(found).toMatchObject({ pods: 4, pod: 'b', usedBytes: 160 * Mi, limitBytes: 200 * Mi, fullInMs: 20 * minute });
  expect(found).toMatchObject({ kills24h: 2, kills7d: 5, atLeast: true, lastKillAt: 77 });
});

test('of a workload that does not run only its kills are known', () => {
  const found = topRow(row('report'), [], { ...noKills, day: 1, week: 1 }, look);

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

test('the first page has some of each, and the pages after it all the others, nobody twice', () => {
  const many = (name: string, changes: Partial<TopRow>): TopRow[] =>
    Array.from({ length: 8 }, (_, at) => row(`${name}-${at}`, changes));
  const rows = [
    ...many('killed', { kills24h: 3, kills7d: 3 }),
    ...many('growing', { fullInMs: minute, bytesPerSecond: 1 }),
    ...many('near', {}),
    row('unknown', { usedBytes: null }),
  ];

  const ranked = rankAll(rows, 10);

  expect(ranked.slice(0, 10).map(({ row: one }) => one)).toEqual(rankTop(rows, 10).map(({ row: one }) => one));
  expect(new Set(ranked.slice(0, 10).map(({ group }) => group))).toEqual(new Set(['killed', 'growing', 'near']));
  const order = ranked.slice(10).map(({ group }) => ['killed', 'growing', 'near'].indexOf(group));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(new Set(ranked.map(({ row: one }) => one)).size).toBe(24);
});
