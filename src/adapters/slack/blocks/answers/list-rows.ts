import { commonVerdict } from '../../../../core/incident/storm-outlook.ts';
import type { Loaded } from '../../../../core/incident/incident.ts';
import { warningOf } from '../../../../core/incident/triggers.ts';
import { confidenceWord } from '../../../../core/talk/confidence-word.ts';
import { causeWords } from '../../../../core/talk/storm-words.ts';
import { standingOf } from '../../../../core/talk/moment.ts';
import { counted } from '../../../../core/talk/words.ts';
import { roughDuration } from '../../../../core/units/duration.ts';
import { withoutFormat } from '../elements.ts';
import { escapeLine } from '../escape.ts';
import { headline } from '../headline.ts';
import type { Cell } from '../table.ts';

/** An incident, whether its cause may be shown here, and the address of its thread, if it has one. */
export interface Listed extends Loaded {
  readonly namesOnly: boolean;
  readonly url: string | null;
}

/** One line of the list: an incident, or all those of a storm that have no thread of their own. */
export type ListRow =
  | { readonly is: 'incident'; readonly listed: Listed }
  | { readonly is: 'storm'; readonly id: string; readonly url: string | null; readonly members: readonly Listed[] };

export const listColumns = [
  { name: 'Incident' },
  { name: 'Container' },
  { name: 'Verdict' },
  { name: 'State' },
  { name: 'Kills' },
] as const;

/** `now` is ms UTC. */
export function listCells(row: ListRow, now: number): readonly Cell[] {
  if (row.is === 'storm') {
    const { id, url, members } = row;
    return [
      linked(id, url),
      counted(members.length, 'incident'),
      commonCause(members),
      'storm',
      stormKills(members, now),
    ];
  }
  const { listed } = row;
  const { incident } = listed;
  const { cluster, namespace, workload, container } = incident.subject;
  return [
    linked(incident.id, listed.url),
    `${cluster}/${namespace ?? '-'}/${workload.name} ${container ?? ''}`,
    causeOf(listed),
    stateOf(listed),
    killsOf(listed, now),
  ];
}

/** The row as mrkdwn, with the sentence that the table has no room for. */
export function listLine(row: ListRow, now: number): string {
  if (row.is === 'storm') {
    const { id, url, members } = row;
    return `:red_circle: *Storm* ${counted(members.length, 'incident')} · ${mrkdwnLink(id, url)} · ${stormKills(members, now)}\n${escapeLine(commonCause(members))}`;
  }
  const { listed } = row;
  const { incident, tally } = listed;
  const kills = warningOf(listed) !== null ? killsOf(listed, now) : `× ${tally.count}, last ${agoOf(listed, now)}`;
  const title = headline(listed, standingOf(incident));
  return `${title} · ${mrkdwnLink(incident.id, listed.url)} · ${kills}\n${escapeLine(verdictOf(listed))}`;
}

function linked(text: string, url: string | null): Cell {
  return url === null ? text : { text, url };
}

/** `text` has no characters that Slack reserves; the address is ours. */
export function mrkdwnLink(text: string, url: string | null): string {
  return url === null ? text : `<${url}|${text}>`;
}

/** The first words of the headline, which show the state. */
function stateOf(loaded: Loaded): string {
  const [state = ''] = /\*[^*]+\*/.exec(headline(loaded, standingOf(loaded.incident))) ?? [];
  return withoutFormat(state);
}

/** The table has room for one word; the lines have the sentence. */
function causeOf({ incident, namesOnly }: Listed): string {
  if (namesOnly) return 'in its channel';
  const verdict = incident.explained?.diagnosis.hypotheses[0];
  return verdict === undefined ? '' : `${causeWords[verdict.cause]} (${confidenceWord(verdict.confidence)})`;
}

export function verdictOf({ incident, namesOnly }: Listed): string {
  if (namesOnly) return 'its cause is only shown in its own channel';
  return incident.explained?.diagnosis.hypotheses[0]?.sentence ?? 'collecting evidence';
}

/** `leak (30 of 38)`: the verdict that most of them have; of those whose cause may be shown. */
function commonCause(members: readonly Listed[]): string {
  const most = commonVerdict(
    members.map(({ incident, namesOnly }) => ({
      verdict: namesOnly ? null : (incident.explained?.diagnosis.hypotheses[0]?.cause ?? null),
    })),
  );
  return most === null ? '' : `${causeWords[most.cause]} (${most.count} of ${members.length})`;
}

export function killsOf(loaded: Loaded, now: number): string {
  if (warningOf(loaded) !== null) return `none, warned ${agoOf(loaded, now)}`;
  return `${loaded.tally.count}, last ${agoOf(loaded, now)}`;
}

function stormKills(members: readonly Listed[], now: number): string {
  const kills = members.reduce((sum, { tally }) => sum + tally.count, 0);
  const lastAt = Math.max(...members.map(({ tally }) => tally.lastAt));
  return `${kills}, last ${roughDuration(now - lastAt)} ago`;
}

function agoOf({ tally }: Loaded, now: number): string {
  return `${roughDuration(now - tally.lastAt)} ago`;
}
