import type { Loaded } from '../../../core/incident/incident.ts';
import type { Kill } from '../../../core/kill/kill.ts';
import { standingOf } from '../../../core/talk/moment.ts';
import { clockTime, roughDuration } from '../../../core/talk/words.ts';
import { type Answer, answerOf } from './answer.ts';
import { context, section } from './elements.ts';
import { escapeLine } from './escape.ts';
import { headline } from './headline.ts';

export interface ListInput {
  /** Open incidents, newest kill first. */
  readonly incidents: readonly Loaded[];
  /** Unexplained exits 137, newest last. */
  readonly suspects: readonly { readonly kill: Kill; readonly why: string }[];
  readonly scope: readonly string[];
  /** Clusters that could not be asked. */
  readonly unreachable: readonly string[];
  /** Clusters with more open incidents than were read. */
  readonly cut: readonly string[];
  /** ms UTC */
  readonly now: number;
}

const SHOWN = 15;
const SHOWN_SUSPECTS = 3;

/** `/oom list`: the open incidents, one line each. */
export function renderList({ incidents, suspects, scope, unreachable, cut, now }: ListInput): Answer {
  const where = scope.length === 0 ? '' : ` in ${scope.map(escapeLine).join(' ')}`;
  const title = incidents.length === 0 ? `*No open incident*${where}.` : `*${incidents.length} open*${where}`;
  const rows = incidents.slice(0, SHOWN).map((loaded) => row(loaded, now));
  if (incidents.length > SHOWN) rows.push(`… and ${incidents.length - SHOWN} more`);
  const notes = [...unreachable.map(unreachableLine), ...cut.map(cutLine), ...suspectLines(suspects)];
  const hint =
    incidents.length === 0 ? 'Ask `/oom help` for what else I can tell.' : 'More about one: `/oom why INC-…`';
  return answerOf(
    [section(title), ...rows.map((line) => section(line)), ...notes.map((line) => context(line)), context(hint)],
    [title, ...rows, ...notes],
  );
}

function row({ incident, tally }: Loaded, now: number): string {
  const verdict = incident.explained?.diagnosis.hypotheses[0];
  const what = verdict === undefined ? 'collecting evidence' : escapeLine(verdict.sentence);
  const when = `${roughDuration(now - tally.lastAt)} ago`;
  return `${headline(incident, standingOf(incident))} · ${incident.id} · × ${tally.count}, last ${when}\n${what}`;
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
      return `*Suspect:* ${whose} ended with ${kill.exitCode ?? 'no code'} at ${clockTime(kill.seenAt)}: ${escapeLine(why)}`;
    });
}
