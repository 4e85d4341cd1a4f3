import { isEmptyCard, type ReportCard } from '../../../../core/report/report-card.ts';
import { mostReportDays } from '../../../../core/report/report-period.ts';
import { reportLines } from '../../../../core/report/report-words.ts';
import { type Answer, answerOf } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine } from '../escape.ts';

export interface ReportInput {
  readonly card: ReportCard;
  /** How far it looks back. */
  readonly days: number;
  readonly scope: readonly string[];
  /** Sentences about names that do not exist: said first. */
  readonly unknown: readonly string[];
  /** Sentences about what may not be shown or could not be read; not escaped. */
  readonly notes: readonly string[];
}

/** `/oom report`: whether what was changed held. */
export function renderReport({ card, days, scope, unknown, notes }: ReportInput): Answer {
  const where = scope.length === 0 ? '' : ` in ${scope.map(escapeLine).join(' ')}`;
  const shown = Math.min(days, mostReportDays);
  const first = unknown.map((line) => `${escapeLine(line)}\n`).join('');
  const title = `${first}*Report card*${where}, ${periodWords(shown)}`;
  const lines = isEmptyCard(card)
    ? ['Nothing to report: no change was checked in this time.']
    : reportLines(card).map((line) => `• ${escapeLine(line)}`);
  const all = [...(days > mostReportDays ? [`Results are kept for ${mostReportDays} days.`] : []), ...notes].map(
    escapeLine,
  );
  return answerOf(
    [section(title), section(lines.join('\n')), ...all.map((note) => context(note))],
    [title, ...lines, ...all],
  );
}

function periodWords(days: number): string {
  return days === 1 ? 'last 24 h' : `last ${days} days`;
}
