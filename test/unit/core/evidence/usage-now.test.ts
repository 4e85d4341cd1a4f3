import { expect, test } from 'vitest';
import { pointsOf, type UsageSeries } from '../../../../src/core/evidence/usage-now.ts';

const old = 'a'.repeat(64);
const now = 'b'.repeat(64);
const container = { isRunning: true, containerId: `containerd://${now}`, startedAt: 100_000 };

function series(hex: string | null, ...points: readonly (readonly [number, number])[]): UsageSeries {
  return { namespace: 'shop', pod: 'web-1', container: 'app', hex, points: points.map(([t, bytes]) => ({ t, bytes })) };
}

test('only the run that goes on now counts, though the dead one is still shown beside it', () => {
  const allSeries = [series(old, [90_000, 500], [110_000, 500]), series(now, [105_000, 50], [110_000, 60])];

  expect(pointsOf(container, allSeries)).toEqual([
    { t: 105_000, bytes: 50 },
    { t: 110_000, bytes: 60 },
  ]);
});

test('a source without ids is cut at the start of the run', () => {
  expect(pointsOf(container, [series(null, [90_000, 500], [105_000, 50])])).toEqual([{ t: 105_000, bytes: 50 }]);
});

test('the same container, seen with and without an id, is not added up', () => {
  const allSeries = [series(now, [105_000, 50]), series(null, [104_000, 49], [105_000, 50])];

  expect(pointsOf(container, allSeries)).toEqual([{ t: 105_000, bytes: 50 }]);
});

test('of another run alone nothing is known about this one', () => {
  expect(pointsOf(container, [series(old, [110_000, 500])])).toEqual([]);
});

test('what waits for its back-off uses nothing, whatever is still shown of it', () => {
  expect(pointsOf({ ...container, isRunning: false }, [series(null, [110_000, 500])])).toEqual([]);
});

test('values that are none are left out, and points come in the order of time', () => {
  const wild = series(null, [120_000, 70], [110_000, 60], [111_000, Number.NaN], [112_000, 0], [120_000, 71]);

  expect(pointsOf(container, [wild])).toEqual([
    { t: 110_000, bytes: 60 },
    { t: 120_000, bytes: 70 },
  ]);
});
