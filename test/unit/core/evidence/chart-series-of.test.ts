import { expect, test } from 'vitest';
import { chartSeriesOf } from '../../../../src/core/evidence/chart-series-of.ts';
import { chartSeriesSchema } from '../../../../src/core/evidence/chart-series.ts';
import type { Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import { findingsOf, killAt, killedAt, runBefore, survivingRun, Mi, minute } from '../../../fixtures/findings.ts';

const raise: Recommendation = {
  fix: { kind: 'raise-limit', limitBytes: 320 * Mi, requestBytes: 320 * Mi, holds: 0.9, why: '' },
  mitigation: null,
};
const kill = killAt(killedAt, 60 * minute);
const run = runBefore(kill, (age) => 100 + age / minute, 15_000);

function series(runs = [run], recommendation = raise) {
  const made = chartOr(runs, recommendation);
  return 'none' in made ? null : made;
}

function chartOr(runs = [run], recommendation = raise) {
  return chartSeriesOf({
    findings: findingsOf(runs),
    trigger: kill,
    recent: [kill],
    recommendation,
    now: killedAt + 2000,
  });
}

test('the chart has the samples, the limits before and after, the kills, and how it was measured', () => {
  const made = series();

  expect(chartSeriesSchema.parse(made)).toMatchObject({
    title: 'shop/checkout app',
    limitBytes: 256 * Mi,
    proposedBytes: 320 * Mi,
    kills: [killedAt],
    to: killedAt + 2000,
    source: 'working set, one sample each 15 s',
  });
  expect(made?.samples).toHaveLength(run.samples.length);
});

test('without usage or without a sample there is no chart', () => {
  const { usage: _usage, ...rest } = findingsOf([]);
  const none = { found: false, reason: 'no Prometheus', source: '', at: 0 } as const;

  expect(series([])).toBeNull();
  expect(
    chartSeriesOf({
      findings: { ...rest, usage: none },
      trigger: kill,
      recent: [kill],
      recommendation: raise,
      now: killedAt,
    }),
  ).toEqual({ none: null });
});

test('four samples are no chart, but a sentence that says so', () => {
  const few = (count: number) => ({ ...run, samples: run.samples.slice(-count) });

  expect(chartOr([few(4)])).toEqual({ none: 'There is no chart: 4 samples of its memory would not show a course.' });
  expect(chartOr([few(1)])).toEqual({ none: 'There is no chart: 1 sample of its memory would not show a course.' });
  expect(series([few(5)])?.samples).toHaveLength(5);
});

test('a long history is thinned, and its highest sample stays', () => {
  const long = runBefore(
    killAt(killedAt, 3000 * minute),
    (age) => (Math.round(age / 60_000) === 1234 ? 250 : 100),
    15_000,
  );
  const made = series([long]);

  expect(made?.samples.length).toBeLessThanOrEqual(400);
  expect(Math.max(...(made?.samples ?? []).map(({ bytes }) => bytes))).toBe(250 * Mi);
});

test('other pods are not drawn into it', () => {
  expect(series([run, survivingRun(() => 10, 60 * minute, 15_000)])?.samples).toHaveLength(run.samples.length);
});

test('what only buys time is the proposal where there is no fix with a size', () => {
  const leak: Recommendation = {
    fix: { kind: 'fix-leak', why: '' },
    mitigation: { kind: 'raise-limit', limitBytes: 512 * Mi, requestBytes: 512 * Mi, buysMs: null, why: '' },
  };

  expect(series([run], leak)?.proposedBytes).toBe(512 * Mi);
});
