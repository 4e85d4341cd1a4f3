import type { Kill } from '../../../../core/kill/kill.ts';
import { clockTime } from '../../../../core/talk/words.ts';
import { type Answer, answerOf, tableAnswer } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine } from '../escape.ts';
import { table } from '../table.ts';
import { listCells, listColumns, listLine, type ListRow } from './list-rows.ts';
import { pageButtons, pageOf, pageWords } from './pages.ts';

export interface ListInput {
  /** Newest kill first. */
  readonly rows: readonly ListRow[];
  /** The row that the page begins with. */
  readonly from: number;
  /** The command, if the page can be turned. */
  readonly turn: string | null;
  /** Unexplained exits 137, newest last; `why` is null where it may not be shown. */
  readonly suspects: readonly { readonly kill: Kill; readonly why: string | null }[];
  /** Sentences about incidents that may not be shown here. */
  readonly leftOut: readonly string[];
  readonly scope: readonly string[];
  /** Clusters that could not be asked. */
  readonly unreachable: readonly string[];
  /** Clusters with more open incidents than were read. */
  readonly cut: readonly string[];
  /** Sentences about names that do not exist: said first. */
  readonly unknown: readonly string[];
  /** Sentences about what could not be read. */
  readonly unreadable: readonly string[];
  /** ms UTC */
  readonly now: number;
}

const SHOWN_SUSPECTS = 3;

/** `/oom list`: the open incidents, a row each; those of a storm share one. */
export function renderList(input: ListInput): Answer {
  const { rows, from, turn, suspects, leftOut, scope, unreachable, cut, unknown, unreadable, now } = input;
  const where = scope.length === 0 ? '' : ` in ${scope.map(escapeLine).join(' ')}`;
  const first = unknown.map((line) => `${escapeLine(line)}\n`).join('');
  const notes = [
    ...unreadable.map(escapeLine),
    ...unreachable.map(unreachableLine),
    ...cut.map(cutLine),
    ...leftOut,
    ...suspectLines(suspects),
  ];
  if (rows.length === 0) {
    const title = `${first}*No open incident*${where}.`;
    const hint = 'Ask `/oom help` for what else I can tell.';
    return answerOf([section(title), ...notes.map((line) => context(line)), context(hint)], [title, ...notes]);
  }
  const page = pageOf(rows, from);
  const incidents = rows.reduce((sum, row) => sum + (row.is === 'storm' ? row.members.length : 1), 0);
  const part = pageWords(page);
  const hint = 'More about one: `/oom why INC-…` or `/oom show INC-…`';
  return tableAnswer({
    title: `${first}*${incidents} open*${where}${part === null ? '' : `, ${part}`}`,
    table: table(
      listColumns,
      page.shown.map((row) => listCells(row, now)),
    ),
    lines: page.shown.map((row) => listLine(row, now)),
    notes: [...pageButtons(page, turn), ...notes.map((line) => context(line)), context(hint)],
    noteLines: notes,
  });
}

function unreachableLine(cluster: string): string {
  return `:warning: *Incomplete:* the incidents of ${escapeLine(cluster)} cannot be read at the moment.`;
}

export function cutLine(cluster: string): string {
  return `:warning: *Incomplete:* ${escapeLine(cluster)} has more open incidents than I look at; these are the newest.`;
}

function suspectLines(suspects: ListInput['suspects']): readonly string[] {
  return suspects
    .slice(-SHOWN_SUSPECTS)
    .toReversed()
    .map(({ kill, why }) => {
      const { workload, namespace, container } = kill.subject;
      const whose = escapeLine(`${namespace ?? '-'}/${workload.name} ${container ?? ''}`);
      return `*Suspect:* ${whose} ended with ${kill.exitCode ?? 'no code'} at ${clockTime(kill.seenAt)}${why === null ? '' : `: ${escapeLine(why)}`}`;
    });
}
