import { expect, test } from 'vitest';
import { chartAltText, chartSvg } from '../../../../../src/adapters/slack/chart/chart-svg.ts';
import { drawChart } from '../../../../../src/adapters/slack/chart/draw-chart.ts';
import type { ChartSeries } from '../../../../../src/core/evidence/chart-series.ts';
import { Mi } from '../../../../fixtures/incidents.ts';

const minute = 60_000;
const from = Date.UTC(2026, 10, 24, 8);

function aSeries(changes: Partial<ChartSeries> = {}): ChartSeries {
  return {
    title: 'shop/checkout app',
    samples: Array.from({ length: 60 }, (_, at) => ({ t: from + at * minute, bytes: (200 + at * 5) * Mi })),
    limitBytes: 512 * Mi,
    requestBytes: 256 * Mi,
    proposedBytes: 640 * Mi,
    kills: [from + 59 * minute],
    from,
    to: from + 60 * minute,
    source: 'Prometheus, every 60 s',
    ...changes,
  };
}

const marks = (svg: string): number => svg.match(/<path /g)?.length ?? 0;
const runs = (svg: string): number => svg.match(/<polyline |<circle /g)?.length ?? 0;

test('usage, request, limit, what is proposed and each kill have a line and a word of their own', () => {
  const svg = chartSvg(aSeries());

  for (const words of ['usage (samples)', 'limit 512Mi', 'request 256Mi', 'proposed 640Mi', '>kill<'])
    expect(svg).toContain(words);
  expect(new Set(svg.match(/stroke-dasharray="[^"]*"/g)).size).toBeGreaterThan(3);
  // One above the plot, one in the legend.
  expect(marks(svg)).toBe(2);
});

test('whoever does not see it is told the same in words', () => {
  expect(chartAltText(aSeries())).toBe(
    'Chart of the memory of shop/checkout app from 08:00:00 UTC to 09:00:00 UTC. Highest sample 495Mi, last 495Mi. Limit 512Mi. Request 256Mi. Proposed limit 640Mi. Killed once, last at 08:59:00 UTC.',
  );
});

test('a gap between samples is left open', () => {
  const samples = aSeries().samples.filter((_, at) => at < 20 || at > 40);

  expect(runs(chartSvg(aSeries({ samples })))).toBe(2);
  expect(runs(chartSvg(aSeries()))).toBe(1);
});

test('a source that looks more often at what is new leaves no gaps in what is old', () => {
  const old = Array.from({ length: 30 }, (_, at) => ({ t: from + at * minute, bytes: 200 * Mi }));
  const recent = Array.from({ length: 100 }, (_, at) => ({ t: from + 30 * minute + at * 10_000, bytes: 200 * Mi }));

  expect(runs(chartSvg(aSeries({ samples: [...old, ...recent] })))).toBe(1);
});

test('kills outside of the window are neither marked nor told', () => {
  const series = aSeries({ kills: [from - 10 * minute, from + 30 * minute, from + 90 * minute] });

  expect(marks(chartSvg(series))).toBe(2);
  expect(chartAltText(series)).toContain('Killed once, last at 08:30:00 UTC.');
});

test('what is the same has one line', () => {
  const svg = chartSvg(aSeries({ requestBytes: 512 * Mi, proposedBytes: 512 * Mi }));

  expect(svg).toContain('limit = request 512Mi');
  expect(svg).not.toContain('proposed');
});

test('a window of more than a day has its days at the times', () => {
  expect(chartSvg(aSeries({ to: from + 4 * 24 * 60 * minute }))).toContain('>11-25 08:00<');
});

const odd: readonly [string, Partial<ChartSeries>][] = [
  ['one sample', { samples: [{ t: from, bytes: 300 * Mi }], to: from, kills: [from] }],
  ['no sample', { samples: [] }],
  ['a limit of 0', { limitBytes: 0, requestBytes: 0, proposedBytes: null }],
  [
    'nothing but zeros',
    { samples: [{ t: from, bytes: 0 }], limitBytes: null, requestBytes: null, proposedBytes: null },
  ],
  ['no limit', { limitBytes: null, requestBytes: null, proposedBytes: null }],
  ['a terabyte', { limitBytes: 2 ** 40 }],
  ['a hostile name', { title: `</text><script>&amp;"'\u0000\u001b\u202e\ud800\n]]>${'x'.repeat(500)}`, source: '<&>' }],
];

test.each(odd)('with %s it is a picture in which no number is missing', async (_, changes) => {
  const series = aSeries(changes);

  const svg = chartSvg(series);
  const { png, altText } = await drawChart(series);

  expect(svg).not.toMatch(/NaN|Infinity|undefined|<script/);
  expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
  expect(altText).not.toMatch(/NaN|Infinity|undefined/);
});

test('the words are in the picture', async () => {
  const [one, other] = await Promise.all(['shop/checkout', 'shop/cart'].map((title) => drawChart(aSeries({ title }))));

  // Without its fonts both would be the same.
  expect(Buffer.from(one?.png ?? []).equals(Buffer.from(other?.png ?? []))).toBe(false);
});
