import type { Pause } from '../../../../core/approve/policy.ts';
import type { Silence } from '../../../../core/incident/incident.ts';
import { isSilent } from '../../../../core/incident/is-silent.ts';
import { subjectKey } from '../../../../core/kill/kill.ts';
import type { Subject } from '../../../../core/kill/kill.ts';
import { severityWords } from '../../../../core/notify/impact-words.ts';
import { severitySchema } from '../../../../core/notify/severity.ts';
import { standingOf } from '../../../../core/talk/moment.ts';
import { concerns, handoffOf, nextKillAt, type Concern } from '../../../../core/talk/answers/handoff.ts';
import type { StatusAnswer } from '../../../../core/talk/question.ts';
import { aboutTime, clockTime } from '../../../../core/talk/words.ts';
import { roughDuration } from '../../../../core/units/duration.ts';
import { type Answer, answerOf } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine, mention } from '../escape.ts';
import { fit } from '../fit.ts';
import { headline } from '../headline.ts';
import { statusLine } from '../status-line.ts';
import { killsOf, listLine, type Listed, mrkdwnLink, verdictOf } from './list-rows.ts';

/** An incident, and the storm that it is only a line of; null where it is in none. */
export interface HandedOver extends Listed {
  readonly storm: { readonly id: string; readonly url: string | null } | null;
}

export interface HandoffInput {
  readonly incidents: readonly HandedOver[];
  /** Clusters in which nothing is changed at the moment. */
  readonly paused: readonly { readonly cluster: string; readonly pause: Pause }[];
  /** What policy freezes now. Without `isNamed` neither namespaces nor reason are shown. */
  readonly frozen: readonly { readonly cluster: string; readonly freeze: Freeze; readonly isNamed: boolean }[];
  /** Workloads whose kills open no thread. */
  readonly ignored: readonly Ignored[];
  readonly scope: readonly string[];
  /** Sentences about names that do not exist: said first. */
  readonly unknown: readonly string[];
  /** mrkdwn sentences about what is missing. */
  readonly notes: readonly string[];
  /** ms UTC */
  readonly now: number;
}

type Freeze = StatusAnswer['freezes'][number];

interface Ignored {
  readonly subject: Subject;
  readonly silence: Silence;
}

/** Lines in one group, and the longest one. */
const SHOWN = 5;
const LINE = 600;

const headings: Readonly<Record<Concern, string>> = {
  asked: 'Waiting for approval',
  merge: 'Waiting for merge',
  nobody: 'Nobody has taken these',
  bought: 'Bought time, not fixed',
  watched: 'Being watched',
  'under-way': 'Being changed',
  taken: 'Acknowledged',
  silent: 'Silenced',
  done: 'Held, closing by themselves',
};

/** `/oom handoff`: what the next shift must know. */
export function renderHandoff(input: HandoffInput): Answer {
  const { incidents, paused, frozen, scope, unknown, notes, now } = input;
  const where = scope.length === 0 ? '' : ` in ${scope.map(escapeLine).join(' ')}`;
  const groups = handoffOf(incidents, now);
  const first = unknown.map((line) => `${escapeLine(line)}\n`).join('');
  const count = incidents.length === 0 ? 'no open incident' : `${incidents.length} open${severities(incidents)}`;
  const lines = [
    `${first}*Handoff*${where}: ${count}`,
    ...paused.map((one) => pausedLine(one, now)),
    ...frozen.map((one) => frozenLine(one, now)),
    ...concerns.flatMap((concern) => groupText(concern, groups.get(concern) ?? [], now)),
    ...ignoredText(input),
  ];
  return answerOf([...lines.map((line) => section(line)), ...notes.map((note) => context(note))], [...lines, ...notes]);
}

/** ` (1 critical, 2 high)`; nothing where nobody has judged any. */
function severities(incidents: readonly HandedOver[]): string {
  const parts = severitySchema.options.flatMap((severity) => {
    const count = incidents.filter(({ incident }) => incident.impact?.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function pausedLine({ cluster, pause }: HandoffInput['paused'][number], now: number): string {
  const why = pause.reason === '' ? '' : `: ${escapeLine(pause.reason)}`;
  return `:large_yellow_circle: *${escapeLine(cluster)} is paused* since ${clockTime(pause.at, now)} by ${mention(pause.by)}${why}. Nothing is changed there until \`/oom resume ${escapeLine(cluster)}\`.`;
}

/** Nothing is approved or written there until it ends, whoever clicks. */
function frozenLine({ cluster, freeze, isNamed }: HandoffInput['frozen'][number], now: number): string {
  const { namespaces, reason, until } = freeze;
  const part = namespaces.includes('*') ? '' : ` (namespaces ${namespaces.map(escapeLine).join(', ')})`;
  const [where, why] = isNamed ? [part, `: ${escapeLine(reason)}`] : ['', ''];
  return `:large_yellow_circle: *Policy freezes ${escapeLine(cluster)}*${where} until ${clockTime(until, now)}${why}. Nothing is approved or changed there before.`;
}

/** Those that an open incident does not show already. */
function ignoredText({ ignored, incidents, now }: HandoffInput): readonly string[] {
  const open = new Set(
    incidents.filter(({ incident }) => isSilent(incident, now)).map(({ incident }) => subjectKey(incident.subject)),
  );
  const others = ignored.filter(({ subject }) => !open.has(subjectKey(subject)));
  if (others.length === 0) return [];
  const lines = others.slice(0, SHOWN).map(({ subject: { cluster, namespace, workload, container }, silence }) => {
    const name = [cluster, namespace ?? '-', workload.name].join('/');
    const why = silence.reason ? ` Reason: ${escapeLine(silence.reason)}` : '';
    return fit(
      `${escapeLine(`${name} ${container ?? ''}`.trimEnd())} until ${clockTime(silence.until, now)}, by ${mention(silence.by)}.${why}`,
      LINE,
    );
  });
  const more = others.length > SHOWN ? [`… and ${others.length - SHOWN} more`] : [];
  return [[`*Ignored: kills of these open no thread (${others.length})*`, ...lines, ...more].join('\n')];
}

function groupText(concern: Concern, members: readonly HandedOver[], now: number): readonly string[] {
  if (members.length === 0) return [];
  const alone = members.filter(({ storm }) => storm === null);
  const lines = [...stormLines(members, now), ...alone.map((one) => fit(lineOf(one, concern, now), LINE))];
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more in \`/oom list\``] : [];
  return [[`*${headings[concern]} (${members.length})*`, ...lines.slice(0, SHOWN), ...more].join('\n')];
}

/** What is only a line of a storm is one line here too. */
function stormLines(members: readonly HandedOver[], now: number): readonly string[] {
  const storms = new Map(members.flatMap(({ storm }) => (storm === null ? [] : [[storm.id, storm.url] as const])));
  return [...storms].map(([id, url]) =>
    listLine({ is: 'storm', id, url, members: members.filter(({ storm }) => storm?.id === id) }, now),
  );
}

function lineOf(listed: Listed, concern: Concern, now: number): string {
  const { incident, namesOnly, url } = listed;
  const standing = standingOf(incident);
  const severity = incident.impact?.severity ?? null;
  const next = nextKillAt(incident);
  const parts = [
    headline(listed, standing),
    mrkdwnLink(incident.id, url),
    severity === null || severity === 'low' ? null : severityWords(severity),
    `kills ${killsOf(listed, now)}`,
    `open for ${roughDuration(now - incident.openedAt)}`,
    namesOnly || next === null || next <= now ? null : `next kill expected about ${aboutTime(next, now)}`,
  ];
  const head = parts.filter((part) => part !== null).join(' · ');
  return [head, escapedMore(listed, concern, now)].filter((part) => part !== '').join('\n');
}

/** What is going on with it, else why it happened. */
function escapedMore(listed: Listed, concern: Concern, now: number): string {
  const { incident, namesOnly } = listed;
  const { silence, acknowledged } = incident;
  if (concern === 'silent' && silence !== null)
    return `Silent until ${clockTime(silence.until, now)}, by ${mention(silence.by)}.`;
  if (namesOnly) return escapeLine(verdictOf(listed));
  const by = concern === 'taken' && acknowledged !== null ? `By ${mention(acknowledged.by)}. ` : '';
  return by + (statusLine(incident, standingOf(incident)) ?? escapeLine(verdictOf(listed)));
}
