import { ignoredReasons } from '../../core/kill/ignored-reason.ts';
import { killKinds } from '../../core/kill/kill.ts';
import { alertResults } from '../../core/talk/heard-alert.ts';

/** How a watch can end; the alert OomkeeperWatchFailing counts those that begin with `cluster-`. */
const watchEnds = [
  'listed',
  'ended',
  'cluster-unreachable',
  'cluster-slow',
  'cluster-busy',
  'cluster-failed',
  'cluster-unauthorized',
  'cluster-forbidden',
  'cluster-expired',
];
const hintQueues = ['show', 'advance'];

/**
 * Label values that a process is known to count under, so that each is 0 before it rises; `all` is the three processes
 * in one. What is not here, such as most codes of failures, begins at 0 when it first comes.
 */
export function knownLabels(process: string) {
  const inParts = (parts: readonly string[]): boolean => process === 'all' || parts.includes(process);
  const of = (parts: readonly string[], values: readonly string[]): readonly string[] => (inParts(parts) ? values : []);
  const reasons = (...some: Parameters<typeof of>) => of(...some).map((reason) => ({ reason }));
  const results = (...some: Parameters<typeof of>) => of(...some).map((result) => ({ result }));
  const codes = (...some: Parameters<typeof of>) => of(...some).map((code) => ({ code }));
  const kills = killKinds.flatMap((kind) => ['false', 'true'].map((suspect) => ({ kind, suspect })));
  return {
    killsSeen: inParts(['watcher']) ? kills : [],
    terminationsIgnored: reasons(['watcher'], ignoredReasons),
    watchReconnects: reasons(['watcher'], watchEnds),
    linesDropped: reasons(['watcher'], ['malformed', 'too-long']),
    admissions: results(['worker'], ['opened', 'joined', 'known', 'suspect']),
    warnings: results(['worker'], ['opened', 'joined', 'known', 'open', 'flapped', 'gone', 'failed', 'calmed']),
    alerts: results(['bot'], [...alertResults, 'no-answer']),
    slackRefused: reasons(['bot'], ['unreadable', 'other-workspace', 'other-enterprise', 'org-install']),
    jobsFailed: codes(['worker'], ['unreadable-job', 'other-cluster', 'redis-unreachable']),
    hintsLost: of(['worker', 'bot'], hintQueues).map((queue) => ({ queue })),
    showTroubles: codes(['bot'], ['chat-unreachable', 'chat-timeout', 'chat-server-error', 'chat-rate-limited']),
  };
}
