import { costWords, type DebtRow, type MemoryPrice, spareFactor } from '../../../../core/talk/answers/debt.ts';
import { counted } from '../../../../core/talk/words.ts';
import { percent } from '../../../../core/units/percent.ts';
import { formatBytes, gibi, mebi } from '../../../../core/units/quantity.ts';
import { type Answer, answerOf, tableAnswer } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine } from '../escape.ts';
import { fit } from '../fit.ts';
import { table } from '../table.ts';
import { pageButtons, pageOf, pageWords } from './pages.ts';
import { sourceLines, type TopInput } from './top.ts';

type Debt = Pick<DebtRow, 'requestDebtBytes' | 'limitDebtBytes'>;

export interface DebtInput extends Pick<
  TopInput,
  'more' | 'scope' | 'unknown' | 'leftOut' | 'manyClusters' | 'sources' | 'notes'
> {
  /** The worst first. */
  readonly rows: readonly DebtRow[];
  /** Of all, those that are not shown too. */
  readonly total: Debt;
  /** Containers of workloads whose use is known, is not, and which were killed lately. */
  readonly measured: number;
  readonly notMeasured: number;
  readonly killed: number;
  /** Null where policy says none. */
  readonly price: MemoryPrice | null;
  /** The row that the page begins with, and the command, if the page can be turned. */
  readonly from: number;
  readonly turn: string | null;
}

const longestName = 80;

const columns = [
  { name: 'Container' },
  { name: 'Uses at most', align: 'right' },
  { name: 'Request', align: 'right' },
  { name: 'Limit', align: 'right' },
  { name: 'Requested above use', align: 'right' },
  { name: 'Limit above use', align: 'right' },
] as const;

/** `/oom debt`: limits and requests far above what is used, the worst first. */
export function renderDebt(input: DebtInput): Answer {
  const { rows, total, price, from, turn, scope, unknown, manyClusters, more } = input;
  const where = scope.length === 0 ? '' : ` in ${escapeLine(fit(scope.join(' '), longestName))}`;
  const first = unknown.map((line) => `${escapeLine(line)}\n`).join('');
  const notes = notesOf(input);
  if (rows.length === 0) {
    const title =
      input.measured === 0
        ? `${first}*Cannot tell*${where}: nothing was measured for long enough.`
        : `${first}*No debt*${where}: no limit or request is far above what ${counted(input.measured, 'measured container')} of workloads use.`;
    return answerOf([section(title), ...notes.map((note) => context(note))], [title, ...notes]);
  }
  const page = pageOf(rows, from);
  const part = pageWords(page);
  const parts = [part, more > 0 ? `${more} more not shown` : null].filter((one) => one !== null);
  const money = price === null ? '' : `, about ${costWords(total.requestDebtBytes, price)}`;
  const title = `${first}*${roughBytes(total.requestDebtBytes)} requested and ${roughBytes(total.limitDebtBytes)} of limits above what is used*${where}${money}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
  return tableAnswer({
    title,
    table: table(
      price === null ? columns : [...columns, { name: 'Costs', align: 'right' }],
      page.shown.map((row) => cellsOf(row, manyClusters, price)),
    ),
    lines: page.shown.map((row) => lineOf(row, manyClusters, price)),
    notes: [...pageButtons(page, turn), ...notes.map((note) => context(note))],
    noteLines: notes,
  });
}

function notesOf(input: DebtInput): readonly string[] {
  const { notMeasured, killed, price, rows } = input;
  return [
    `Above use: beyond the highest use and ${percent(spareFactor - 1)} to spare, where it is more than twice the use.${price === null ? '' : ' Requests cost money, because nodes are bought for them.'}`,
    ...(notMeasured > 0
      ? [`Not measured, or not for an hour yet: ${counted(notMeasured, 'container')} of workloads.`]
      : []),
    ...(killed > 0
      ? [`Left out: ${counted(killed, 'container')} of workloads that were killed in the last 7 days.`]
      : []),
    ...sourceLines(input.sources, input.manyClusters),
    ...(price === null && rows.length > 0 ? ['With `memoryPrice` in the policy file this is told in money too.'] : []),
    ...input.leftOut,
    ...input.notes.map((note) => `:warning: *Incomplete:* ${escapeLine(note)}`),
  ];
}

function nameOf({ cluster, namespace, workload, container, pods }: DebtRow, manyClusters: boolean): string {
  const place = [...(manyClusters ? [cluster] : []), namespace ?? '-', workload.name].join('/');
  return [place, container ?? '(pod)', ...(pods > 1 ? [`× ${pods}`] : [])].join(' ');
}

function cellsOf(row: DebtRow, manyClusters: boolean, price: MemoryPrice | null): readonly string[] {
  const { peakBytes, requestBytes, limitBytes, requestDebtBytes, limitDebtBytes } = row;
  return [
    nameOf(row, manyClusters),
    roughBytes(peakBytes),
    requestBytes === null ? '' : formatBytes(requestBytes),
    limitBytes === null ? '' : formatBytes(limitBytes),
    requestDebtBytes === 0 ? '' : roughBytes(requestDebtBytes),
    limitDebtBytes === 0 ? '' : roughBytes(limitDebtBytes),
    ...(price === null ? [] : [requestDebtBytes === 0 ? '' : costWords(requestDebtBytes, price)]),
  ];
}

function lineOf(row: DebtRow, manyClusters: boolean, price: MemoryPrice | null): string {
  const { peakBytes, requestBytes, limitBytes, requestDebtBytes, limitDebtBytes } = row;
  const asks = [
    requestBytes === null ? null : `requests ${formatBytes(requestBytes)}`,
    limitBytes === null ? null : `limit ${formatBytes(limitBytes)}`,
  ].filter((part) => part !== null);
  const above = [
    requestDebtBytes === 0 ? null : `${roughBytes(requestDebtBytes)} requested above use`,
    limitDebtBytes === 0 ? null : `${roughBytes(limitDebtBytes)} of limits above use`,
    price === null || requestDebtBytes === 0 ? null : costWords(requestDebtBytes, price),
  ].filter((part) => part !== null);
  return `*${escapeLine(fit(nameOf(row, manyClusters), longestName))}*: uses at most ${roughBytes(peakBytes)}, ${asks.join(', ')}; ${above.join(', ')}`;
}

/** `3.1Gi`: what was measured and summed up is no number that somebody wrote. */
function roughBytes(bytes: number): string {
  const tenth = gibi / 10;
  return bytes < gibi ? formatBytes(Math.round(bytes / mebi) * mebi) : `${Math.round(bytes / tenth) / 10}Gi`;
}
