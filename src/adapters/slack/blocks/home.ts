import type { types } from '@slack/bolt';
import { bySeverity } from '../../../core/home/worst-first.ts';
import { isEmptyCard, type ReportCard } from '../../../core/report/report-card.ts';
import { reportLines } from '../../../core/report/report-words.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { namesOf } from '../../../core/talk/words.ts';
import { context, section } from './elements.ts';
import { escapeLine, withPeople } from './escape.ts';
import { fit } from './fit.ts';
import { type HomeIncident, openBlock, type Waiting, waitingBlocks } from './home-incidents.ts';
import { blockInReadersTime } from './readers-time.ts';

export interface HomeInput {
  /** What became of what the reader clicked here. */
  readonly news: readonly Notice[];
  /** Requests that wait for the reader. */
  readonly waiting: readonly Waiting[];
  /** Open incidents, the worst first. */
  readonly open: readonly HomeIncident[];
  /** Of the last seven days. */
  readonly card: ReportCard;
  /** All clusters that are spoken for. */
  readonly clusters: readonly string[];
  /** Id of the channel that incidents are usually posted in. */
  readonly channel: string;
  /** Sentences about what is missing; not escaped. */
  readonly notes: readonly string[];
  /** ms UTC */
  readonly now: number;
}

/** Slack takes 100 blocks; each that waits has two. */
const mostBlocks = 100;
const mostWaiting = 10;
const mostOpen = 40;

/** The Home tab of a person. */
export function renderHome(input: HomeInput): types.HomeView {
  const { news, waiting, open, notes, now } = input;
  const isQuiet = waiting.length + open.length === 0 && isEmptyCard(input.card);
  const blocks: types.KnownBlock[] = [
    ...news.map(({ text, people }) => section(`:information_source: ${withPeople(text, people)}`)),
    ...(isQuiet
      ? beginning(input)
      : [...waitingPart(waiting, now), divider, ...openPart(open), divider, ...cardPart(input.card)]),
    ...notes.map((note) => context(escapeLine(note))),
  ];
  const shown = blocks.slice(0, mostBlocks - 1).map((block) => blockInReadersTime(block, now));
  return homeView([...shown, context('Only you see this. It follows what happens for 15 minutes after you open it.')]);
}

/** A Home tab that says one thing, such as why nothing is shown. */
export function renderPlainHome(text: string): types.HomeView {
  return homeView([section(escapeLine(text))]);
}

const divider = { type: 'divider' } as const satisfies types.DividerBlock;

function homeView(blocks: types.KnownBlock[]): types.HomeView {
  return { type: 'home', callback_id: 'home', blocks };
}

function waitingPart(waiting: HomeInput['waiting'], today: number): readonly types.KnownBlock[] {
  const more = waiting.length - mostWaiting;
  return [
    header(
      waiting.length === 0 ? 'Nothing is waiting for your approval' : `Waiting for your approval (${waiting.length})`,
    ),
    ...waiting.slice(0, mostWaiting).flatMap((one) => waitingBlocks(one, today)),
    ...(more > 0 ? [context(`… and ${more} more; each is in its own thread.`)] : []),
  ];
}

function openPart(open: readonly HomeIncident[]): readonly types.KnownBlock[] {
  const shown = open.slice(0, mostOpen);
  const more = open.length - shown.length;
  const byCluster = Map.groupBy(shown, ({ incident }) => incident.subject.cluster);
  return [
    header(open.length === 0 ? 'No open incidents' : `Open incidents (${open.length})`),
    ...[...byCluster].flatMap(([cluster, some]) => [
      section(
        `*${escapeLine(cluster)}*: ${countWords(open.filter(({ incident }) => incident.subject.cluster === cluster))}`,
      ),
      ...some.map(openBlock),
    ]),
    ...(more > 0 ? [context(`… and ${more} more: \`/oom list\``)] : []),
  ];
}

/** `3 open: 1 critical, 2 low` */
function countWords(incidents: readonly HomeIncident[]): string {
  const counts = bySeverity(incidents).flatMap(({ severity, count }) =>
    severity === null ? [] : [`${count} ${severity}`],
  );
  return `${incidents.length} open${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`;
}

function cardPart(card: ReportCard): readonly types.KnownBlock[] {
  const lines = isEmptyCard(card)
    ? ['No change was checked in the last 7 days.']
    : reportLines(card).map((line) => `• ${line}`);
  return [header('Report card, last 7 days'), section(lines.map(escapeLine).join('\n'))];
}

/** How to begin where nothing has happened yet. */
function beginning({ clusters, channel }: HomeInput): readonly types.KnownBlock[] {
  if (clusters.length === 0)
    return [
      header('No cluster yet'),
      section(
        'I have not heard from any worker. Start `oomkeeper watcher` and `oomkeeper worker` for a cluster; it then appears here.',
      ),
    ];
  const names = fit(escapeLine(namesOf(clusters.slice(0, 5), clusters.length).replace(/ or /, ' and ')), 300);
  return [
    header('All quiet'),
    section(
      `No open incident in ${names}, and nothing is waiting for you. When something is killed for memory, I open a thread in <#${channel}> that says why and what to do; what you may approve appears here.`,
    ),
    section(
      'Try `/oom top` for what is nearest to its limit, `/oom status` for how I am doing, or `/oom help` for everything else.',
    ),
  ];
}

function header(text: string): types.HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text, emoji: false } };
}
