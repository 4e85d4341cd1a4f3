import { styleText } from 'node:util';
import { frontierOf, isScoredRight } from '../../core/evaluate/score.ts';
import type { Line, Scored, Summary } from '../../core/evaluate/score.ts';
import type { Truth } from '../../core/evaluate/truth.ts';
import { counted } from '../../core/talk/words.ts';
import { roughDuration } from '../../core/units/duration.ts';
import { percent } from '../../core/units/percent.ts';
import { formatBytes } from '../../core/units/quantity.ts';
import { textTable } from '../command-line/text-table.ts';

interface Row {
  readonly line: Line;
  readonly truth: Truth | null;
}

/** For a person: a table of all traces, then how good that was, then the sizes beside those of others. */
export function evaluationText(rows: readonly Row[], scored: readonly Scored[], summary: Summary | null): string {
  const wrong = new Set(scored.filter((one) => !isScoredRight(one)).map(({ line }) => line.id));
  const paragraphs = [
    table([['TRACE', 'VERDICT', 'FIX', 'TONIGHT', 'TRUTH', ''], ...rows.map((row) => cells(row, wrong))]),
    ...(summary === null
      ? [`${counted(rows.length, 'trace')} judged; none of them has a truth to be scored by.`]
      : [causeText(summary), causesTable(summary), sizesText(summary), frontier(summary), otherText(summary)]),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function cells({ line, truth }: Row, wrong: ReadonlySet<string>): readonly string[] {
  const { id, verdict, confidence, fix, mitigation } = line;
  return [
    id,
    verdict === null ? 'no memory kill' : `${verdict} ${percent(confidence)}`,
    `${fix.kind}${fix.bytes === null ? '' : ` ${formatBytes(fix.bytes)}`}${fix.holds === null ? '' : `, holds ${percent(fix.holds)}`}`,
    mitigation === null ? '' : tonight(mitigation),
    truth === null ? '' : [truth.label, truth.kind].join(' ').trim(),
    truth === null ? '' : wrong.has(id) ? 'wrong' : 'right',
  ];
}

function tonight({ bytes, buysSeconds }: NonNullable<Line['mitigation']>): string {
  return `${formatBytes(bytes)}${buysSeconds === null ? '' : `, for ${roughDuration(buysSeconds * 1000)}`}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = '', ...lines] = textTable(rows).split('\n');
  return [styleText('bold', head), ...lines].join('\n');
}

function causeText({ traces, right, macroF1, inconclusive, confidentlyWrong, brier, confidentShare }: Summary): string {
  return [
    `Cause: ${right} of ${traces} right, macro F1 ${macroF1.toFixed(2)}.`,
    `Left open although it could be decided: ${percent(inconclusive)}. Wrong with a confidence of 80% or more: ${percent(confidentlyWrong)}.`,
    `Right answers with a confidence of 80% or more: ${shown(confidentShare)}. Brier score ${brier.toFixed(3)}.`,
  ].join('\n');
}

function causesTable({ perLabel }: Summary): string {
  const rows = Object.entries(perLabel).map(([label, { n, precision, recall }]) => [
    label,
    String(n),
    shown(precision),
    percent(recall),
  ]);
  return table([['LABEL', 'TRACES', 'PRECISION', 'RECALL'], ...rows]);
}

function sizesText({ sizing }: Summary): string {
  const { n, violations, meanSlack, holdsCalibration } = sizing;
  const held =
    holdsCalibration === null
      ? 'No size is said to hold with 90% or more.'
      : `Of those said to hold with 90% or more, ${percent(holdsCalibration)} do.`;
  return `Sizes: ${counted(n, 'trace')}; too small or missing: ${percent(violations)}; mean slack of the others: ${shown(meanSlack)}. ${held}`;
}

/** Too small against too large: ours and the formulas of others on the same traces, the fewest too small first. */
function frontier(summary: Summary): string {
  const rows = frontierOf(summary, 'oomkeeper').map(([name, { violations, meanSlack, p90Slack }]) => [
    name,
    percent(violations),
    shown(meanSlack),
    shown(p90Slack),
  ]);
  return `${table([['FORMULA', 'TOO SMALL', 'MEAN SLACK', 'P90 SLACK'], ...rows])}\n${beatenWords(summary)}`;
}

/** Whether a formula of others is better, as a sentence. */
export function beatenWords({ sizing: { beatenBy } }: Summary): string {
  return beatenBy.length === 0
    ? 'No formula that is too small no more often has less slack.'
    : `Too small no more often, and with less slack: ${beatenBy.join(', ')}.`;
}

function otherText({ leak, falseAlarms, cpuMs }: Summary): string {
  return [
    `Leaks: ${leak.n}; raised as the fix: ${percent(leak.raisedAsFix)}; at 60% of a run the time of the kill was foretold for ${shown(leak.foretold)}, in the median off by ${shown(leak.medianTimeError)} of what was left.`,
    `Alarms where nothing was killed for memory: ${percent(falseAlarms)}. CPU for one verdict: ${cpuMs.p50} ms in the median, ${cpuMs.p99} ms at most in 99 of 100.`,
  ].join('\n');
}

function shown(share: number | null): string {
  return share === null ? '-' : percent(share);
}
