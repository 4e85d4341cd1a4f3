import { describe, expect, test } from 'vitest';
import { fit, leaveOneKindOut, qualityOf, rising, shareIn } from '../../../scripts/calibrate/fit.ts';
import type { Sample } from '../../../scripts/calibrate/samples.ts';
import { changes, tableModule } from '../../../scripts/calibrate/table.ts';

function samples(count: number, one: Partial<Sample>): readonly Sample[] {
  const usual: Sample = { said: 'leak', raw: 0.7, right: true, kind: 'leak/linear', weight: 1, whole: true };
  return Array.from({ length: count }, () => ({ ...usual, ...one }));
}

describe('a confidence', () => {
  test('that is too low is raised by what was right, and the more of it the more', () => {
    const [few, many] = [3, 30].map((count) => shareIn(fit(samples(count, {})), { said: 'leak', raw: 0.7 }));

    expect(few).toBeGreaterThan(0.7);
    expect(many).toBeGreaterThan(few ?? 1);
    expect(many).toBeLessThan(1);
  });

  test('that is too high is lowered by what was wrong', () => {
    const fitted = fit([...samples(5, { raw: 0.9 }), ...samples(5, { raw: 0.9, right: false })]);

    expect(shareIn(fitted, { said: 'leak', raw: 0.9 })).toBeLessThan(0.8);
  });

  test('never falls as the rule is surer, even where less was right', () => {
    const fitted = fit([...samples(20, { raw: 0.65 }), ...samples(20, { raw: 0.95, right: false })]);
    const shares = [0.3, 0.5, 0.6, 0.7, 0.8, 0.95].map((raw) => shareIn(fitted, { said: 'leak', raw }));

    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  test('of a cause without traces is what the rule says, and at most what all causes together show', () => {
    const fitted = fit([...samples(10, { raw: 0.9 }), ...samples(10, { raw: 0.9, right: false })]);

    expect(shareIn(fitted, { said: 'page-cache', raw: 0.5 })).toBeLessThanOrEqual(0.5);
    expect(shareIn(fitted, { said: 'page-cache', raw: 0.9 })).toBeLessThan(0.75);
  });

  test('is judged by tables that have not seen its kind', () => {
    const all = [...samples(20, { raw: 0.7 }), ...samples(20, { raw: 0.7, kind: 'leak/stepwise', right: false })];
    const seen = qualityOf(all, (one) => shareIn(fit(all), one));

    expect(leaveOneKindOut(all).brier).toBeGreaterThan(seen.brier);
  });
});

test.each([
  [
    [1, 2, 3],
    [1, 2, 3],
  ],
  [
    [3, 1],
    [2, 2],
  ],
  [
    [1, 4, 2, 3],
    [1, 3, 3, 3],
  ],
  [[], []],
])('the nearest values to %j that never fall are %j', (values, nearest) => {
  expect(rising(values.map((share) => ({ share, weight: 1 })))).toEqual(nearest);
});

test('a table says of how many traces each share is, and has no step that is none', () => {
  const step = { share: 0.8, n: 2, right: 1 };

  expect(
    changes([
      { ...step, from: 0 },
      { ...step, from: 0.5 },
    ]),
  ).toEqual([{ from: 0, share: 0.8, n: 4, right: 2 }]);
  expect(tableModule({ causes: { leak: [{ ...step, from: 0 }] }, others: [] })).toContain('[0, 0.8], // 1 of 2');
});
