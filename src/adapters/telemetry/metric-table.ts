import { ignoredReasons } from '../../core/kill/ignored-reason.ts';
import { killKinds } from '../../core/kill/kill.ts';
import { alertResults } from '../../core/talk/heard-alert.ts';

/** A process of ours; all three of them may run in one. */
export type MetricPart = 'watcher' | 'worker' | 'bot';

/** What a label can say. */
export interface MetricLabel<Name extends string = string> {
  readonly name: Name;
  /** Values that are known to come. */
  readonly values: readonly string[];
  /** What else comes, in words; absent where the values above are all. */
  readonly others?: string;
}

export interface MetricDefinition<Name extends string = string> {
  /** By Prometheus' conventions: base units, `_total` for counters. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Processes that count or set it; the others serve none of its labels. */
  readonly in: readonly MetricPart[];
  readonly labels: readonly MetricLabel<Name>[];
  /** Only counted where something is configured, so no label of it is served before that. */
  readonly isOptional?: true;
}

const everywhere: readonly MetricPart[] = ['watcher', 'worker', 'bot'];

/** Every metric of ours; docs/metrics.md is written from it. */
export const metricTable = {
  killsSeen: counter({
    name: 'oomkeeper_kills_seen_total',
    help: 'Memory kills and suspects that the watcher put into the queue',
    in: ['watcher'],
    labels: [
      { name: 'kind', values: killKinds },
      { name: 'suspect', values: ['false', 'true'] },
    ],
  }),
  terminationsIgnored: counter({
    name: 'oomkeeper_terminations_ignored_total',
    help: 'Terminations that look like a memory kill and are not, by reason',
    in: ['watcher'],
    labels: [{ name: 'reason', values: ignoredReasons }],
  }),
  watchReconnects: counter({
    name: 'oomkeeper_watch_reconnects_total',
    help: 'Times that a watch was opened again, by reason',
    in: ['watcher'],
    labels: [
      {
        name: 'reason',
        // The alert OomkeeperWatchFailing counts those that begin with `cluster-`.
        values: [
          'listed',
          'ended',
          'checkpoint-lost',
          'cluster-unreachable',
          'cluster-slow',
          'cluster-busy',
          'cluster-failed',
          'cluster-unauthorized',
          'cluster-forbidden',
          'cluster-expired',
        ],
        others: 'another way in which a watch failed',
      },
    ],
  }),
  linesDropped: counter({
    name: 'oomkeeper_watch_lines_dropped_total',
    help: 'Watch lines that could not be read, by reason',
    in: ['watcher'],
    labels: [{ name: 'reason', values: ['malformed', 'too-long'] }],
  }),
  admissions: counter({
    name: 'oomkeeper_admissions_total',
    help: 'Kills by what became of them, and nodes that are short of memory, which are warned of or known',
    in: ['worker'],
    labels: [{ name: 'result', values: ['opened', 'joined', 'known', 'suspect', 'not-memory', 'warned'] }],
  }),
  warnings: counter({
    name: 'oomkeeper_warnings_total',
    help: 'Containers in danger by what became of the warning; calmed is the end of one without a kill',
    in: ['worker'],
    labels: [
      {
        name: 'result',
        values: ['opened', 'joined', 'known', 'open', 'flapped', 'gone', 'failed', 'calmed'],
      },
    ],
  }),
  alerts: counter({
    name: 'oomkeeper_alerts_total',
    help: 'Alerts of Alertmanager by what became of them; no-answer counts requests that it is to send again',
    in: ['bot'],
    labels: [{ name: 'result', values: [...alertResults, 'no-answer'] }],
  }),
  requestsRefused: counter({
    name: 'oomkeeper_requests_refused_total',
    help: 'Requests at the port for webhooks that were refused, by path (none where there is no such one) and HTTP status (none where the connection was ended)',
    in: ['bot'],
    labels: [
      { name: 'path', values: ['/slack/events', '/github/webhook', '/alertmanager', 'none'] },
      { name: 'status', values: ['401', '408', '413', '503', 'none'], others: 'another status of HTTP' },
    ],
    isOptional: true,
  }),
  slackRefused: counter({
    name: 'oomkeeper_slack_refused_total',
    help: 'Commands, clicks and dialogs from Slack that were refused, by reason',
    in: ['bot'],
    labels: [{ name: 'reason', values: ['unreadable', 'other-workspace', 'other-enterprise', 'org-install'] }],
  }),
  deadLetters: gauge({
    name: 'oomkeeper_dead_letters',
    help: 'Jobs of this cluster that no worker could read yet; each one is a kill that needs a look',
    in: ['worker'],
    labels: [],
  }),
  jobsFailed: counter({
    name: 'oomkeeper_jobs_failed_total',
    help: 'Jobs that ended with an error, by its code: unreadable-job and other-cluster are refused, the rest is tried again',
    in: ['worker'],
    labels: [
      {
        name: 'code',
        values: ['unreadable-job', 'other-cluster', 'redis-unreachable'],
        others: 'the code of another failure',
      },
    ],
  }),
  documentsUnreadable: counter({
    name: 'oomkeeper_documents_unreadable_total',
    help: 'Times that a document in Redis was left out because it could not be read, by code; the log names each once',
    in: ['worker', 'bot'],
    labels: [{ name: 'code', values: ['bad-document', 'newer-document', 'older-document', 'other-cluster'] }],
    isOptional: true,
  }),
  setAside: counter({
    name: 'oomkeeper_incidents_set_aside_total',
    help: 'Incidents that were set aside because three processes in a row ended while they worked on them',
    in: ['worker'],
    labels: [],
  }),
  hintsLost: counter({
    name: 'oomkeeper_hints_lost_total',
    help: 'Hints that could not be sent; the sweep finds their work',
    in: ['worker', 'bot'],
    labels: [{ name: 'queue', values: ['show', 'advance'] }],
  }),
  showTroubles: counter({
    name: 'oomkeeper_show_troubles_total',
    help: 'Times that an incident could not be shown in Slack, by reason; it is tried again',
    in: ['bot'],
    labels: [
      {
        name: 'code',
        values: ['chat-unreachable', 'chat-timeout', 'chat-server-error', 'chat-rate-limited'],
        others: 'what else Slack refuses, such as `chat-not-in-channel`; `set-aside`',
      },
    ],
  }),
  alarmsSent: counter({
    name: 'oomkeeper_alarms_total',
    help: 'Tries to tell PagerDuty or Alertmanager of an incident: sent, failed (tried again), refused, gave-up',
    in: ['bot'],
    labels: [
      { name: 'receiver', values: ['pagerduty', 'alertmanager'] },
      { name: 'result', values: ['sent', 'failed', 'refused', 'gave-up'] },
    ],
    isOptional: true,
  }),
  receiverRefuses: gauge({
    name: 'oomkeeper_alarm_receiver_refuses',
    help: '1 while PagerDuty or Alertmanager refuses everything, as with a wrong key',
    in: ['bot'],
    labels: [{ name: 'receiver', values: ['pagerduty', 'alertmanager'] }],
    isOptional: true,
  }),
  stepSeconds: {
    name: 'oomkeeper_job_seconds',
    type: 'histogram',
    help: 'Time that one job took',
    in: ['worker'],
    labels: [{ name: 'queue', values: ['kills', 'incidents'] }],
  },
  lastActivity: gauge({
    name: 'oomkeeper_last_activity_timestamp_seconds',
    help: 'When worker or bot last ended a sweep; 0 for a watcher, which sweeps nothing',
    in: everywhere,
    labels: [],
  }),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

function counter<const Name extends string>(given: Omit<MetricDefinition<Name>, 'type'>) {
  return { ...given, type: 'counter' } as const;
}

function gauge<const Name extends string>(given: Omit<MetricDefinition<Name>, 'type'>) {
  return { ...given, type: 'gauge' } as const;
}

/**
 * Values, in the order of the labels, under which a process is known to count, so that each can be 0 before it rises;
 * `all` is the three processes in one. What is not here, such as most codes of failures, begins at 0 when it first comes.
 */
export function knownValues(definition: MetricDefinition, process: string): readonly (readonly string[])[] {
  const isOurs = process === 'all' || definition.in.some((part) => part === process);
  if (!isOurs || definition.isOptional === true || definition.labels.length === 0) return [];
  return definition.labels.reduce<readonly (readonly string[])[]>(
    (before, { values }) => before.flatMap((some) => values.map((value) => [...some, value])),
    [[]],
  );
}
