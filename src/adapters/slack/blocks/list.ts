import { warningOf } from '../../../core/incident/triggers.ts';
import type { Loaded } from '../../../core/incident/incident.ts';
import type { Kill } from '../../../core/kill/kill.ts';
import { standingOf } from '../../../core/talk/moment.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { type Answer, answerOf, tableAnswer } from './answer.ts';
import { context, section, withoutFormat } from './elements.ts';
import { escapeLine } from './escape.ts';
import { headline } from './headline.ts';
import { table } from './table.ts';
import { percent } from '../../../core/units/percent.ts';
import { roughDuration } from '../../../core/units/duration.ts';

/** An incident, and whether its cause may be shown here. */
export interface Listed extends Loaded {
  readonly namesOnly: boolean;
}

export interface ListInput {
  /** Open incidents, newest kill first. */
  readonly incidents: readonly Listed[];
  /** Unexplained exits 137, newest last; `why` is null where it may not be shown. */
  readonly suspects: readonly { readonly kill: Kill; readonly why: string | null }[];
  /** Sentences about incidents that may not be shown here. */
  readonly leftOut: readonly string[];
  readonly scope: readonly string[];
  /** Clusters that could not be asked. */
  readonly unreachable: readonly string[];
  /** Clusters with more open incidents than were read. */
  readonly cut: readonly string[];
  /** Sentences about names that do not exist, and about what could not be read. */
  readonly unknown: readonly string[];
  /** ms UTC */
  readonly now: number;
}

const SHOWN = 15;
const SHOWN_SUSPECTS = 3;

const columns = [
  { name: 'Incident' },
  { name: 'Container' },
  { name: 'Verdict' },
  { name: 'State' },
  { name: 'Kills' },
] as const;

/** `/oom list`: the open incidents, a row each. */
export function renderList(input: ListInput): Answer {
  const { incidents, suspects, leftOut, scope, unreachable, cut, unknown, now } = input;
  const where = scope.length === 0 ? '' : ` in ${scope.map(escapeLine).join(' ')}`;
  const more = incidents.length > SHOWN ? [`… and ${incidents.length - SHOWN} more`] : [];
  const notes = [
    ...more,
    ...unknown.map(escapeLine),
    ...unreachable.map(unreachableLine),
    ...cut.map(cutLine),
    ...leftOut,
    ...suspectLines(suspects),
  ];
  if (incidents.length === 0) {
    const title = `*No open incident*${where}.`;
    const hint = 'Ask `/oom help` for what else I can tell.';
    return answerOf([section(title), ...notes.map((line) => context(line)), context(hint)], [title, ...notes]);
  }
  const shown = incidents.slice(0, SHOWN);
  const hint = 'More about one: `/oom why INC-…` or `/oom show INC-…`';
  return tableAnswer({
    title: `*${incidents.length} open*${where}`,
    table: table(
      columns,
      shown.map((loaded) => cellsOf(loaded, now)),
    ),
    lines: shown.map((loaded) => lineOf(loaded, now)),
    notes: [...notes.map((line) => context(line)), context(hint)],
    noteLines: notes,
  });
}

function cellsOf(loaded: Listed, now: number): readonly string[] {
  const { incident } = loaded;
  const { cluster, namespace, workload, container } = incident.subject;
  return [
    incident.id,
    `${cluster}/${namespace ?? '-'}/${workload.name} ${container ?? ''}`,
    causeOf(loaded),
    stateOf(loaded),
    killsOf(loaded, now),
  ];
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
  return verdict === undefined ? '' : `${verdict.cause} (${percent(verdict.confidence)})`;
}

function verdictOf({ incident, namesOnly }: Listed): string {
  if (namesOnly) return 'its cause is only shown in its own channel';
  return incident.explained?.diagnosis.hypotheses[0]?.sentence ?? 'collecting evidence';
}

function killsOf(loaded: Loaded, now: number): string {
  if (warningOf(loaded) !== null) return `none, warned ${agoOf(loaded, now)}`;
  return `${loaded.tally.count}, last ${agoOf(loaded, now)}`;
}

function agoOf({ tally }: Loaded, now: number): string {
  return `${roughDuration(now - tally.lastAt)} ago`;
}

function lineOf(loaded: Listed, now: number): string {
  const { incident, tally } = loaded;
  const standing = headline(loaded, standingOf(incident));
  const kills = warningOf(loaded) !== null ? killsOf(loaded, now) : `× ${tally.count}, last ${agoOf(loaded, now)}`;
  return `${standing} · ${incident.id} · ${kills}\n${escapeLine(verdictOf(loaded))}`;
}

function unreachableLine(cluster: string): string {
  return `:warning: *Incomplete:* the incidents of ${escapeLine(cluster)} cannot be read at the moment.`;
}

function cutLine(cluster: string): string {
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
