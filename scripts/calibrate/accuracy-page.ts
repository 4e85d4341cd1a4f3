import { beatenWords } from '../../src/app/evaluate/evaluate-text.ts';
import { frontierOf, isScoredRight, sizesOf, summarize } from '../../src/core/evaluate/score.ts';
import type { Scored, Summary } from '../../src/core/evaluate/score.ts';
import { labelOf } from '../../src/core/evaluate/truth.ts';
import { percent } from '../../src/core/units/percent.ts';
import { excessSection } from './excess.ts';
import type { Need } from './excess.ts';
import { leaveOneKindOut, pull, qualityOf, shareIn } from './fit.ts';
import type { Fitted, Quality } from './fit.ts';
import type { Sample } from './samples.ts';
import { changes, few } from './table.ts';

/** Traces that are scored together. */
export interface TraceSet {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly scored: readonly Scored[];
  /** Whether it is no part of another set. */
  readonly isWhole: boolean;
}

/** docs/accuracy.md, as Markdown that is not formatted yet. What differs from run to run (CPU time) is not in it. */
export function accuracyPage(
  sets: readonly TraceSet[],
  samples: readonly Sample[],
  fitted: Fitted,
  needs: readonly Need[],
): string {
  const tables = [confidenceSection(samples, fitted), holdsSection(sets), excessSection(needs)];
  return [introduction, ...sets.map(setSection), ...tables, boundsOfThis].join('\n\n');
}

const introduction = `# How accurate it is

This page is written by \`npm run calibrate\`, and a test compares it with a fresh run. The numbers are those of

\`\`\`sh
npm run -s oomkeeper -- evaluate DIR          # a table for people
npm run -s oomkeeper -- evaluate DIR --json   # one line for each trace, and a summary
\`\`\`

on labelled traces: recordings of real containers that the kernel killed (or did not), with the truth beside them. A trace
is read as the worker reads a cluster, by the same code; the truth is opened after all verdicts are made. Some of
them are in \`test/recordings\`; the rest is too large for this repository.

- **Right** is a verdict that the truth names, or accepts beside it; \`inconclusive\` is right only where nothing in the trace
  can decide.
- A size is **too small** if it is less than what the workload uses without a limit, and also if there is none although the
  cause is one that a size ends. **Slack** is how much more than that the other sizes are. Demand is cut off at the limit, so
  that no formula can have both at zero.
- Others' formulas are run on the same traces: VPA, KRR (also with its opt-in for kills), Fairwinds, "observed + 50%",
  "double it", and constant factors.`;

/** One set of traces. Its numbers are those of the summary. */
export function setSection({ name, about, scored }: TraceSet): string {
  const summary = summarize(scored);
  return [
    `## ${name}`,
    about,
    causeLines(summary),
    labelTable(summary),
    wrongTable(scored),
    sizeLines(summary),
    frontier(summary),
    otherLines(summary),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function causeLines(summary: Summary): string {
  const { traces, right, macroF1, inconclusive, confidentlyWrong, confidentShare, brier } = summary;
  return [
    `**Cause**: ${right} of ${traces} right, macro F1 ${macroF1.toFixed(2)}. Left open although it could be decided:`,
    `${percent(inconclusive)}. Wrong with a confidence of 80% or more: ${percent(confidentlyWrong)}. Of the right answers`,
    `${shown(confidentShare)} have such a confidence; Brier score ${brier.toFixed(3)}.`,
  ].join(' ');
}

function labelTable({ perLabel }: Summary): string {
  return table(
    ['Label', 'Traces', 'Precision', 'Recall'],
    Object.entries(perLabel).map(([label, { n, precision, recall }]) => [
      `\`${label}\``,
      String(n),
      shown(precision),
      percent(recall),
    ]),
  );
}

/** Which kinds are taken for what. */
function wrongTable(scored: readonly Scored[]): string {
  const wrong = scored.filter((one) => !isScoredRight(one));
  if (wrong.length === 0) return '';
  const kinds = Map.groupBy(wrong, ({ truth, line, wasKilled }) =>
    [`\`${truth.label}\``, truth.kind, `\`${labelOf(line.verdict, wasKilled)}\``].join('|'),
  );
  return `Wrong:\n\n${table(
    ['Truth', 'Kind', 'Said', 'Traces'],
    [...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([kind, of]) => [...kind.split('|'), String(of.length)]),
  )}`;
}

function sizeLines(summary: Summary): string {
  const { n, violations, meanSlack, holdsCalibration } = summary.sizing;
  const held =
    holdsCalibration === null
      ? 'No size is said to hold with 90% or more.'
      : `Of the sizes that are said to hold with 90% or more, ${percent(holdsCalibration)} do.`;
  return `**Size**: of ${n} sizes ${percent(violations)} are too small or missing; the others have ${shown(meanSlack)} slack on average. ${held} ${beatenWords(summary)}`;
}

function frontier(summary: Summary): string {
  return table(
    ['Formula', 'Too small', 'Mean slack', 'P90 slack'],
    frontierOf(summary, '**Oomkeeper**').map(([name, { violations, meanSlack, p90Slack }]) => [
      name,
      percent(violations),
      shown(meanSlack),
      shown(p90Slack),
    ]),
  );
}

function otherLines({ leak, falseAlarms }: Summary): string {
  return `**Leaks**: ${leak.n}, of which ${percent(leak.raisedAsFix)} got a higher limit as their fix. With 60% of a run shown, the time of the kill is foretold for ${shown(leak.foretold)} of them, and is off by ${shown(leak.medianTimeError)} of the time that was left (median). **Alarms** where nothing was killed for memory: ${percent(falseAlarms)}.`;
}

function confidenceSection(samples: readonly Sample[], fitted: Fitted): string {
  const rows = Object.entries(fitted.causes).flatMap(([cause, steps]) =>
    changes(steps)
      .filter(({ n }) => n > 0)
      .map(({ from, share, n, right }) => [`\`${cause}\``, from.toFixed(2), few(right), few(n), share.toFixed(2)]),
  );
  const quality = (name: string, { brier, confidentlyWrong, confidentShare }: Quality): readonly string[] => [
    name,
    brier.toFixed(3),
    percent(confidentlyWrong),
    percent(confidentShare),
  ];
  return [
    `## What a confidence means`,
    `A rule says how sure it is; what is shown is how many such answers were right (\`src/core/diagnose/confidence-table.ts\`).
Each trace is judged whole, at its first kill, with a third of its samples, and both: together they count as one trace. What
a rule says of itself weighs as much as ${pull} traces, and a confidence never falls when a rule is surer. A cause that no trace
has is shown as sure as its rule says, and never surer than all causes together; none is surer than (n + 1) of (n + 2) after n
traces.`,
    table(['Verdict', 'Rule says at least', 'Right', 'Of', 'Shown'], rows),
    `On the whole traces:`,
    table(
      ['Confidence', 'Brier score', 'Wrong at 80% or more', 'Right answers at 80% or more'],
      [
        quality(
          'as the rules say',
          qualityOf(samples, ({ raw }) => raw),
        ),
        quality(
          'as shown',
          qualityOf(samples, (one) => shareIn(fitted, one)),
        ),
        quality('as shown, each kind judged by a table made without it', leaveOneKindOut(samples)),
      ],
    ),
  ].join('\n\n');
}

/** How many of the sizes that are said to hold do, over all sets of which none holds traces of another. */
function holdsSection(sets: readonly TraceSet[]): string {
  const sized = sets.filter(({ isWhole }) => isWhole).flatMap(({ scored }) => sizesOf(scored));
  const rows = [0, 0.6, 0.7, 0.8, 0.9].map((from, index, all) => {
    const to = all[index + 1] ?? Infinity;
    const inside = sized.filter(({ holds }) => holds >= from && holds < to);
    const held = inside.filter(({ bytes, peak }) => bytes >= peak);
    const mean = inside.reduce((sum, { holds }) => sum + holds, 0) / inside.length;
    return [from.toFixed(1), shown(inside.length === 0 ? null : mean), String(held.length), String(inside.length)];
  });
  return [
    '## What "likely to hold" means',
    'Each size says how likely it is to hold. So many of the sizes above were enough for what the workload really uses:',
    table(['Said at least', 'Said on average', 'Held', 'Of'], rows),
  ].join('\n\n');
}

const boundsOfThis = `## What this does not show

The rules were made by looking at these traces, so that they do worse on others. Time is compressed (a leak takes minutes,
not days), sizes are 40 to 400 MiB, and the programs are synthetic.
`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function shown(share: number | null): string {
  return share === null ? '–' : percent(share);
}
