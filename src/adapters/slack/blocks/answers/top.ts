import { rateWords } from '../../../../core/diagnose/rates.ts';
import { subjectKey } from '../../../../core/kill/kill.ts';
import { type Ranked, type TopGroup, type TopRow, usedShare } from '../../../../core/talk/top.ts';
import { formatBytes } from '../../../../core/units/quantity.ts';
import { type Answer, answerOf, tableAnswer } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine } from '../escape.ts';
import { fit } from '../fit.ts';
import { type Cell, table } from '../table.ts';
import { pageButtons, pageOf, pageWords } from './pages.ts';
import { percent } from '../../../../core/units/percent.ts';
import { roughDuration } from '../../../../core/units/duration.ts';

export interface TopInput {
  /** All that are known, in their order. */
  readonly ranked: readonly Ranked[];
  /** The row that the page begins with, and the command, if the page can be turned. */
  readonly from: number;
  readonly turn: string | null;
  /** Addresses of the threads of those that have an open incident, by `subjectKey`. */
  readonly urls: ReadonlyMap<string, string>;
  /** How many more there are than the workers named. */
  readonly more: number;
  /** How many running containers were looked at, and how many of them have no limit. */
  readonly containers: number;
  readonly withoutLimit: number;
  readonly scope: readonly string[];
  /** Sentences about names that do not exist: said first. */
  readonly unknown: readonly string[];
  /** Sentences about rows that may not be shown here. */
  readonly leftOut: readonly string[];
  /** Whether rows have to say which cluster they are of. */
  readonly manyClusters: boolean;
  /** Where usage comes from, by cluster. */
  readonly sources: readonly { readonly cluster: string; readonly source: string }[];
  /** Sentences about what is missing. */
  readonly notes: readonly string[];
}

/** Ten lines are to fit into one text. */
const longestName = 80;
const longestPod = 60;

const groupWords: Readonly<Record<TopGroup, string>> = {
  killed: 'killed lately',
  growing: 'growing',
  near: 'near its limit',
};

const columns = [
  { name: 'Container' },
  { name: 'Uses' },
  { name: 'Full in' },
  { name: 'Kills 24h / 7d', align: 'right' },
  { name: 'Why here' },
] as const;

/** `/oom top`: who was killed most, who is growing, who is nearest to the limit. */
export function renderTop(input: TopInput): Answer {
  const { ranked, from, turn, more, scope, manyClusters, sources, withoutLimit } = input;
  const where = scope.length === 0 ? '' : ` in ${escapeLine(fit(scope.join(' '), longestName))}`;
  const notes = [
    ...(withoutLimit > 0 ? [withoutLimitLine(input)] : []),
    ...sourceLines(sources, manyClusters),
    ...input.leftOut,
    ...input.notes.map((note) => `:warning: *Incomplete:* ${escapeLine(note)}`),
  ];
  const blocks = notes.map((note) => context(note));
  const first = input.unknown.map((line) => `${escapeLine(line)}\n`).join('');
  if (ranked.length === 0) {
    const title = `${first}*Nothing to show*${where}: no container with a limit and known usage, and no kill in the last 24 h.`;
    return answerOf([section(title), ...blocks], [title, ...notes]);
  }
  const page = pageOf(ranked, from);
  const parts = [pageWords(page), more > 0 ? `${more} more not shown` : null].filter((part) => part !== null);
  const others = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  const title = `${first}*Top ${ranked.length}*${where}${others}: killed most in 24 h, then growing, then nearest to the limit`;
  const cells = page.shown.map(({ row, group }) => cellsOf(row, group, input));
  const lines = page.shown.map(({ row, group }) => lineOf(row, group, input));
  return tableAnswer({
    title,
    table: table(columns, cells),
    lines,
    notes: [...pageButtons(page, turn), ...blocks],
    noteLines: notes,
  });
}

function withoutLimitLine({ withoutLimit, containers }: TopInput): string {
  const verb = withoutLimit === 1 ? 'has' : 'have';
  return `${withoutLimit} of ${containers} running or waiting containers ${verb} no memory limit and no place here.`;
}

/** Where usage comes from, a line for each cluster. mrkdwn. */
export function sourceLines(sources: TopInput['sources'], manyClusters: boolean): readonly string[] {
  return sources.map(({ cluster, source }) => `Usage${manyClusters ? ` of ${cluster}` : ''}: ${escapeLine(source)}`);
}

type Naming = Pick<TopInput, 'manyClusters' | 'urls'>;

function cellsOf(row: TopRow, group: TopGroup, { manyClusters, urls }: Naming): readonly Cell[] {
  const url = urls.get(subjectKey(row));
  const name = nameOf(row, manyClusters);
  return [
    url === undefined ? name : { text: name, url },
    usageWords(row),
    row.fullInMs === null ? '' : `${roughDuration(row.fullInMs)} (${rateWords(row.bytesPerSecond ?? 0)})`,
    killsWords(row),
    groupWords[group],
  ];
}

/** `prod/shop/checkout app`, and of more than one pod how many there are. */
function nameOf({ cluster, namespace, workload, container, pods }: TopRow, manyClusters: boolean): string {
  const place = [...(manyClusters ? [cluster] : []), namespace ?? '-', workload.name].join('/');
  return [place, container ?? '(pod)', ...(pods > 1 ? [`× ${pods}`] : [])].join(' ');
}

/** `94% of 512Mi`; what is not known is left out. */
function usageWords(row: TopRow): string {
  const { usedBytes, limitBytes } = row;
  const share = usedShare(row);
  if (limitBytes === null) return usedBytes === null ? '' : `${formatBytes(usedBytes)}, no limit`;
  return `${share === null ? '?' : percent(share)} of ${formatBytes(limitBytes)}`;
}

function killsWords({ kills24h, kills7d, atLeast }: TopRow): string {
  return kills7d === 0 ? '' : `${kills24h} / ${kills7d}${atLeast ? '+' : ''}`;
}

function lineOf(row: TopRow, group: TopGroup, { manyClusters, urls }: Naming): string {
  const url = urls.get(subjectKey(row));
  const thread = url === undefined ? '' : ` · <${url}|thread>`;
  const { pods, pod, usedBytes, limitBytes, fullInMs, bytesPerSecond, kills24h, kills7d, atLeast } = row;
  const share = usedShare(row);
  const parts = [
    share !== null && usedBytes !== null && limitBytes !== null
      ? `${percent(share)} of its limit (${formatBytes(usedBytes)} of ${formatBytes(limitBytes)}${pods > 1 && pod !== null ? ` in ${fit(pod, longestPod)}` : ''})`
      : pods === 0
        ? 'not running now'
        : 'usage not known',
    ...(fullInMs === null ? [] : [`at its limit in ${roughDuration(fullInMs)} at ${rateWords(bytesPerSecond ?? 0)}`]),
    ...(kills7d === 0
      ? []
      : [`${kills24h} kill${kills24h === 1 ? '' : 's'} in 24 h, ${kills7d}${atLeast ? ' or more' : ''} in 7 d`]),
  ];
  return `*${escapeLine(fit(nameOf(row, manyClusters), longestName))}*: ${escapeLine(parts.join('; '))} (${groupWords[group]})${thread}`;
}
