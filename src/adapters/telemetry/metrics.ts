import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { counterFromZero } from './counter-from-zero.ts';
import { knownLabels } from './known-labels.ts';

/** The metrics of one process. Names follow Prometheus' conventions: base units, `_total` for counters. */
export function createMetrics(process: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const known = knownLabels(process);
  return {
    registry,
    killsSeen: counterFromZero({
      name: 'oomkeeper_kills_seen_total',
      help: 'Memory kills and suspects that the watcher put into the queue',
      labelNames: ['kind', 'suspect'],
      registers,
      known: known.killsSeen,
    }),
    terminationsIgnored: counterFromZero({
      name: 'oomkeeper_terminations_ignored_total',
      help: 'Terminations that look like a memory kill and are not, by reason',
      labelNames: ['reason'],
      registers,
      known: known.terminationsIgnored,
    }),
    watchReconnects: counterFromZero({
      name: 'oomkeeper_watch_reconnects_total',
      help: 'Times that a watch was opened again, by reason',
      labelNames: ['reason'],
      registers,
      known: known.watchReconnects,
    }),
    linesDropped: counterFromZero({
      name: 'oomkeeper_watch_lines_dropped_total',
      help: 'Watch lines that could not be read, by reason',
      labelNames: ['reason'],
      registers,
      known: known.linesDropped,
    }),
    admissions: counterFromZero({
      name: 'oomkeeper_admissions_total',
      help: 'Kills by what became of them: opened, joined, known, suspect',
      labelNames: ['result'],
      registers,
      known: known.admissions,
    }),
    warnings: counterFromZero({
      name: 'oomkeeper_warnings_total',
      help: 'Containers in danger by what became of the warning: opened, joined, known, open, flapped, gone, failed; calmed is the end of one without a kill',
      labelNames: ['result'],
      registers,
      known: known.warnings,
    }),
    alerts: counterFromZero({
      name: 'oomkeeper_alerts_total',
      help: 'Alerts of Alertmanager by what became of them; no-answer counts requests that it is to send again',
      labelNames: ['result'],
      registers,
      known: known.alerts,
    }),
    requestsRefused: counterFromZero({
      name: 'oomkeeper_requests_refused_total',
      help: 'Requests at the port for webhooks that were refused, by path (none where there is no such one) and HTTP status (none where the connection was ended)',
      labelNames: ['path', 'status'],
      registers,
      known: [],
    }),
    slackRefused: counterFromZero({
      name: 'oomkeeper_slack_refused_total',
      help: 'Commands, clicks and dialogs from Slack that were refused, by reason',
      labelNames: ['reason'],
      registers,
      known: known.slackRefused,
    }),
    deadLetters: new Gauge({
      name: 'oomkeeper_dead_letters',
      help: 'Jobs of this cluster that no worker could read yet; each one is a kill that needs a look',
      registers,
    }),
    jobsFailed: counterFromZero({
      name: 'oomkeeper_jobs_failed_total',
      help: 'Jobs that ended with an error, by its code: unreadable-job and other-cluster are refused, the rest is tried again',
      labelNames: ['code'],
      registers,
      known: known.jobsFailed,
    }),
    documentsUnreadable: counterFromZero({
      name: 'oomkeeper_documents_unreadable_total',
      help: 'Times that a document in Redis was left out because it could not be read, by code; the log names each once',
      labelNames: ['code'],
      registers,
      known: [],
    }),
    setAside: new Counter({
      name: 'oomkeeper_incidents_set_aside_total',
      help: 'Incidents that were set aside because three processes in a row ended while they worked on them',
      registers,
    }),
    hintsLost: counterFromZero({
      name: 'oomkeeper_hints_lost_total',
      help: 'Hints that could not be sent; the sweep finds their work',
      labelNames: ['queue'],
      registers,
      known: known.hintsLost,
    }),
    showTroubles: counterFromZero({
      name: 'oomkeeper_show_troubles_total',
      help: 'Times that an incident could not be shown in Slack, by reason; it is tried again',
      labelNames: ['code'],
      registers,
      known: known.showTroubles,
    }),
    alarmsSent: counterFromZero({
      name: 'oomkeeper_alarms_total',
      help: 'Tries to tell PagerDuty or Alertmanager of an incident: sent, failed (tried again), refused, gave-up',
      labelNames: ['receiver', 'result'],
      registers,
      known: [],
    }),
    receiverRefuses: new Gauge({
      name: 'oomkeeper_alarm_receiver_refuses',
      help: '1 while PagerDuty or Alertmanager refuses everything, as with a wrong key',
      labelNames: ['receiver'],
      registers,
    }),
    stepSeconds: new Histogram({
      name: 'oomkeeper_job_seconds',
      help: 'Time that one job took',
      labelNames: ['queue'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
    lastActivity: new Gauge({
      name: 'oomkeeper_last_activity_timestamp_seconds',
      help: 'When this process last did its work',
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
