import type { ChartSeries } from '../../../core/evidence/chart-series.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { median } from '../../../core/evidence/statistics.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { plainText } from '../blocks/escape.ts';
import { fit } from '../blocks/fit.ts';
import { roughDuration, dayMs } from '../../../core/units/duration.ts';

/** Small, because a thread shows it small: letters of 13 are still read at two thirds of the size. */
const width = 640;
const height = 334;
const plot = { left: 72, right: 620, top: 88, bottom: 250 };

/** Opaque, with a border, so that it reads in a light and in a dark window alike. */
const colours = {
  card: '#ffffff',
  border: '#c9ccd1',
  text: '#1d1c1d',
  faint: '#5c5f66',
  grid: '#e8e9ec',
  usage: '#1264a3',
  area: '#dcebf7',
  limit: '#b3261e',
  request: '#6b4fa0',
  proposed: '#1b7f4d',
} as const;

/** Characters that surely have room. */
const longestTitle = 56;
const longestSubtitle = 82;

/** No line is drawn between two samples that are further apart than this many of the steps around them. */
const gapSteps = 4;
/** Steps on each side that are "around": sources look more often at what is new than at what is old. */
const around = 5;

/** Shorter than this, labels of whole seconds would say the same; longer than the other, times need their day. */
const shortestMs = 5_000;
const longestOfTimesMs = dayMs;

const legendLeft = 20;
const legendTop = 298;
const legendLine = 22;
const legendGap = 16;
const keyWidth = 32;
/** Of most letters, at 13. */
const letterWidth = 7.2;

interface Scale {
  readonly x: (t: number) => number;
  readonly y: (bytes: number) => number;
  readonly most: number;
}

/**
 * The series of usage against request and limit, with the kills marked, as an SVG of 640 x 334. Each line carries its
 * word and its own dashes: colour alone is not enough.
 */
export function chartSvg(series: ChartSeries): string {
  const scale = scaleOf(series);
  const kills = killsWithin(series);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter">`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${colours.card}" stroke="${colours.border}"/>`,
    label(20, 32, fit(`Memory of ${series.title}`, longestTitle), { size: 18, weight: 600 }),
    label(20, 54, subtitle(series), { size: 13, fill: colours.faint }),
    ...gridLines(scale),
    ...timeLabels(series, scale),
    ...usage(series, scale),
    ...levels(series, scale),
    ...kills.flatMap((at) => killMark(at, scale)),
    legend(series, kills.length),
    '</svg>',
  ].join('\n');
}

/** A description of the picture for people who cannot see it. */
export function chartAltText(series: ChartSeries): string {
  const last = series.samples.at(-1);
  const kills = killsWithin(series);
  const high = series.samples.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  const parts = [
    `Chart of the memory of ${series.title} from ${clockTime(series.from)} to ${clockTime(series.to, series.from)}.`,
    `Highest sample ${formatBytes(high)}${last ? `, last ${formatBytes(last.bytes)}` : ''}.`,
    series.limitBytes === null ? 'No limit.' : `Limit ${formatBytes(series.limitBytes)}.`,
    series.requestBytes === null ? null : `Request ${formatBytes(series.requestBytes)}.`,
    series.proposedBytes === null ? null : `Proposed limit ${formatBytes(series.proposedBytes)}.`,
    kills.length === 0
      ? null
      : `Killed ${kills.length === 1 ? 'once' : `${kills.length} times`}, last at ${clockTime(kills.at(-1) ?? 0, series.from)}.`,
  ];
  return parts.filter((part) => part !== null).join(' ');
}

/** A mark at the edge would suggest that it happened there. */
function killsWithin({ kills, from, to }: ChartSeries): readonly number[] {
  return kills.filter((at) => at >= from && at <= to);
}

function subtitle({ from, to, source }: ChartSeries): string {
  const span = `${roughDuration(to - from)}, ${clockTime(from)} to ${clockTime(to, from)}`;
  return fit(`${span} · ${source}`, longestSubtitle);
}

function scaleOf({ samples, limitBytes, requestBytes, proposedBytes, from, to }: ChartSeries): Scale {
  const highest = Math.max(
    1,
    ...samples.map(({ bytes }) => bytes),
    limitBytes ?? 0,
    requestBytes ?? 0,
    proposedBytes ?? 0,
  );
  const most = highest * 1.08;
  const span = Math.max(1, to - from);
  return {
    most,
    x: (t) => plot.left + ((t - from) / span) * (plot.right - plot.left),
    y: (bytes) => plot.bottom - (bytes / most) * (plot.bottom - plot.top),
  };
}

/** Whole steps of 1, 2 or 5 with their binary unit, so that the labels are sizes people write. */
function gridLines({ most, y }: Scale): string[] {
  const unit = 2 ** (10 * Math.floor(Math.log2(most / 4) / 10));
  const rough = most / 4 / unit;
  const step = ([1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => size >= rough) ?? 1000) * unit;
  const lines: string[] = [];
  for (let bytes = 0; bytes <= most; bytes += step) {
    const at = y(bytes);
    lines.push(
      `<line x1="${plot.left}" x2="${plot.right}" y1="${one(at)}" y2="${one(at)}" stroke="${colours.grid}"/>`,
      label(plot.left - 10, at + 5, formatBytes(Math.round(bytes)), { size: 13, fill: colours.faint, anchor: 'end' }),
    );
  }
  return lines;
}

function timeLabels({ from, to }: ChartSeries, { x }: Scale): string[] {
  const shares = to - from < shortestMs ? [0] : [0, 0.25, 0.5, 0.75, 1];
  return shares.map((share) => {
    const at = from + (to - from) * share;
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    const iso = new Date(at).toISOString();
    const words = to - from > longestOfTimesMs ? iso.slice(5, 16).replace('T', ' ') : iso.slice(11, 19);
    return label(x(at), plot.bottom + 20, words, { size: 13, fill: colours.faint, anchor });
  });
}

function usage({ samples }: ChartSeries, { x, y }: Scale): string[] {
  return runsOf(samples).flatMap((run) => {
    const points = run.map(({ t, bytes }) => `${one(x(t))},${one(y(bytes))}`);
    const [first] = run;
    const last = run.at(-1);
    if (!first || !last) return [];
    const floor = one(plot.bottom);
    return [
      `<polygon points="${one(x(first.t))},${floor} ${points.join(' ')} ${one(x(last.t))},${floor}" fill="${colours.area}"/>`,
      run.length === 1
        ? `<circle cx="${one(x(first.t))}" cy="${one(y(first.bytes))}" r="4" fill="${colours.usage}"/>`
        : `<polyline points="${points.join(' ')}" fill="none" stroke="${colours.usage}" stroke-width="2" stroke-linejoin="round"/>`,
    ];
  });
}

function runsOf(samples: ChartSeries['samples']): ChartSeries['samples'][] {
  const steps = samples.slice(1).map(({ t }, index) => t - (samples[index]?.t ?? t));
  const usual = steps.map((_, index) => median(steps.slice(Math.max(0, index - around), index + around + 1)));
  const runs: ChartSeries['samples'][] = [];
  for (const [index, sample] of samples.entries()) {
    const run = runs.at(-1);
    const [step = 0, most = 0] = [steps[index - 1], usual[index - 1]];
    if (run === undefined || step > most * gapSteps) runs.push([sample]);
    else run.push(sample);
  }
  return runs;
}

function levels({ limitBytes, requestBytes, proposedBytes }: ChartSeries, { y }: Scale): string[] {
  const request = requestBytes === limitBytes ? null : requestBytes;
  const proposed = proposedBytes === limitBytes ? null : proposedBytes;
  return [
    level(limitBytes, colours.limit, '', y),
    level(request, colours.request, '3 4', y),
    level(proposed, colours.proposed, '9 5', y),
  ].filter((line) => line !== '');
}

function level(bytes: number | null, colour: string, dashes: string, y: Scale['y']): string {
  if (bytes === null) return '';
  const at = one(y(bytes));
  return `<line x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}"/>`;
}

function killMark(at: number, { x }: Scale): string[] {
  const place = Math.min(Math.max(x(at), plot.left), plot.right);
  const [left, right, top] = [one(place - 6), one(place + 6), plot.top - 12];
  return [
    `<line x1="${one(place)}" x2="${one(place)}" y1="${plot.top}" y2="${plot.bottom}" stroke="${colours.limit}" stroke-width="1" stroke-dasharray="2 3"/>`,
    `<path d="M${left},${top} L${right},${top + 12} M${right},${top} L${left},${top + 12}" stroke="${colours.limit}" stroke-width="3" stroke-linecap="round"/>`,
  ];
}

function legend({ limitBytes, requestBytes, proposedBytes }: ChartSeries, kills: number): string {
  const entries: readonly (readonly [words: string, colour: string, dashes: string] | null)[] = [
    ['usage (samples)', colours.usage, ''],
    limitBytes === null
      ? null
      : [`limit${requestBytes === limitBytes ? ' = request' : ''} ${formatBytes(limitBytes)}`, colours.limit, ''],
    requestBytes === null || requestBytes === limitBytes
      ? null
      : [`request ${formatBytes(requestBytes)}`, colours.request, '3 4'],
    proposedBytes === null || proposedBytes === limitBytes
      ? null
      : [`proposed ${formatBytes(proposedBytes)}`, colours.proposed, '9 5'],
  ];
  const place = { left: legendLeft, y: legendTop };
  const parts: string[] = [];
  const next = (words: string, key: (left: number, y: number) => string): void => {
    const wide = keyWidth + words.length * letterWidth;
    if (place.left + wide > plot.right) Object.assign(place, { left: legendLeft, y: place.y + legendLine });
    parts.push(key(place.left, place.y - 5), label(place.left + keyWidth, place.y, words, { size: 13 }));
    place.left += wide + legendGap;
  };
  for (const [words, colour, dashes] of entries.filter((entry) => entry !== null))
    next(
      words,
      (left, y) =>
        `<line x1="${left}" x2="${left + 24}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="3" stroke-dasharray="${dashes}"/>`,
    );
  if (kills > 0)
    next(
      kills === 1 ? 'kill' : `${kills} kills`,
      (left, y) =>
        `<path d="M${left + 12},${y - 6} L${left + 24},${y + 6} M${left + 24},${y - 6} L${left + 12},${y + 6}" stroke="${colours.limit}" stroke-width="3" stroke-linecap="round"/>`,
    );
  return parts.join('\n');
}

interface LabelStyle {
  readonly size: number;
  readonly fill?: string;
  readonly weight?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
}

function label(
  x: number,
  y: number,
  text: string,
  { size, fill = colours.text, weight = 400, anchor = 'start' }: LabelStyle,
): string {
  return `<text x="${one(x)}" y="${one(y)}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeXml(text)}</text>`;
}

/** Names come from the cluster; a character that is invalid in XML would make the whole picture unreadable. */
function escapeXml(text: string): string {
  return plainText(text)
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\n\ufffe\uffff]/g, ' ');
}

function one(value: number): string {
  return value.toFixed(1);
}
