import type { ClusterCondition } from '../../../../core/talk/cluster-condition.ts';
import type { StatusAnswer } from '../../../../core/talk/question.ts';
import { clockTime, counted } from '../../../../core/talk/words.ts';
import { type Answer, answerOf } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine, mention } from '../escape.ts';
import { roughDuration, minuteMs } from '../../../../core/units/duration.ts';

export interface ClusterStatus {
  readonly name: string;
  /** Null when Redis did not answer. */
  readonly condition: ClusterCondition | null;
  /** What the worker says of itself, or the sentence that says why it does not. */
  readonly worker: { readonly said: StatusAnswer } | { readonly silent: string };
}

export interface StatusInput {
  readonly clusters: readonly ClusterStatus[];
  /** Namespaces that were asked about: a status is of whole clusters, so it says that. */
  readonly narrower: readonly string[];
  /** Sentences about names that do not exist. */
  readonly unknown: readonly string[];
  /** ms UTC */
  readonly now: number;
}

/** A worker not seen for so long is probably gone: it registers every few seconds. */
const lateMs = minuteMs;
/** The watcher writes its checkpoint about once a minute on a quiet cluster. */
const staleMs = 5 * minuteMs;
const SHOWN = 12;

/** `/oom status`: the condition of each cluster. */
export function renderStatus({ clusters, narrower, unknown, now }: StatusInput): Answer {
  const parts = clusters.slice(0, SHOWN).map((cluster) => linesOf(cluster, now).join('\n'));
  const first = [...unknown.map(escapeLine), ...narrower.map(namespaceLine)];
  const notes =
    clusters.length > SHOWN ? [`… and ${clusters.length - SHOWN} more; name one: \`/oom status CLUSTER\``] : [];
  const said = [...first, ...parts];
  return answerOf([...said.map((line) => section(line)), ...notes.map((note) => context(note))], [...said, ...notes]);
}

function namespaceLine(namespace: string): string {
  const name = escapeLine(namespace);
  return `${name} is a namespace, and a status is of a whole cluster, so this is of every cluster that has it. What is open in it: \`/oom list ${name}\``;
}

function linesOf({ name, condition, worker }: ClusterStatus, now: number): readonly string[] {
  return [
    `*${escapeLine(name)}*: ${headWords(condition, worker, now)}`,
    ...('said' in worker ? saidLines(worker.said, now) : [`• ${escapeLine(worker.silent)}`]),
    ...(condition === null ? ['• its store cannot be read at the moment'] : conditionLines(condition, now)),
  ];
}

function headWords(condition: ClusterCondition | null, worker: ClusterStatus['worker'], now: number): string {
  if ('said' in worker) {
    if (worker.said.paused !== null) return ':large_yellow_circle: paused, nothing is changed in the cluster';
    return worker.said.mode === 'act'
      ? ':large_green_circle: acting, approved plans are carried out'
      : ':large_green_circle: observing, nothing is ever changed in the cluster';
  }
  const seen = condition?.workerSeenAt ?? null;
  if (seen === null) return ':red_circle: its worker was not seen';
  return now - seen > lateMs
    ? `:red_circle: its worker was last seen ${roughDuration(now - seen)} ago`
    : ':large_yellow_circle: its worker runs but did not answer';
}

function saidLines({ paused, startedAt, usage, namespaces, freezes }: StatusAnswer, now: number): readonly string[] {
  return [
    ...(paused === null
      ? []
      : [
          `• paused by ${mention(paused.by)} at ${clockTime(paused.at, now)}${paused.reason === null || paused.reason === '' ? '' : `: ${escapeLine(paused.reason)}`}`,
        ]),
    ...freezes.map(
      ({ namespaces: globs, until, reason }) =>
        `• policy freezes ${globs.includes('*') ? 'all of it' : escapeLine(globs.join(', '))} until ${clockTime(until, now)}: ${escapeLine(reason)}`,
    ),
    `• worker up for ${roughDuration(now - startedAt)}`,
    `• usage: ${escapeLine(usage)}`,
    ...(namespaces.length === 0 ? [] : [`• only namespaces ${escapeLine(namespaces.join(', '))}`]),
  ];
}

function conditionLines({ checkpointAt, open, jobs, deadKills }: ClusterCondition, now: number): readonly string[] {
  const age = checkpointAt === null ? null : now - checkpointAt;
  return [
    age === null
      ? '• watcher: it has written no checkpoint yet'
      : `• watcher: everything up to ${roughDuration(age)} ago has been read${age > staleMs ? ' (:warning: see that it runs)' : ''}`,
    `• ${counted(open, 'open incident')}; ${jobs.kills === 0 && jobs.incidents === 0 ? 'nothing waits for the worker' : `${counted(jobs.kills, 'kill')} and ${counted(jobs.incidents, 'incident')} wait for the worker`}`,
    ...(deadKills > 0
      ? [
          `• :warning: no worker could read ${counted(deadKills, 'kill')}; ${deadKills === 1 ? 'it is' : 'they are'} kept`,
        ]
      : []),
  ];
}
