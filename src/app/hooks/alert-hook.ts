import { isAuthorized, readAlerts } from '../../adapters/alertmanager/webhook.ts';
import type { Questions } from '../../adapters/redis/queues/questions.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { HeardAlert } from '../../core/talk/heard-alert.ts';
import { mostAlerts } from '../../core/talk/question.ts';
import type { AlertsAnswer } from '../../core/talk/question.ts';
import type { Hook, HookAnswer } from './hooks-server.ts';

const alertsPath = '/alertmanager';
const json = { 'content-type': 'application/json' };
/** In one log line. */
const mostNamed = 20;

export interface AlertHookOptions {
  readonly secret: string;
  /** Names of the clusters whose worker was seen. @throws Failure */
  readonly clusters: () => Promise<readonly { readonly name: string; readonly ask: Questions['ask'] }[]>;
  readonly counted: (result: string) => void;
  readonly log: Logger;
}

type Outcome = Pick<AlertsAnswer['alerts'][number], 'fingerprint'> & {
  readonly result: AlertsAnswer['alerts'][number]['result'] | 'unknown-cluster' | 'unreadable' | 'own';
  readonly incident: string | null;
};

/**
 * Alertmanager's webhook (version 4). The bot has no rights in any cluster, so it passes an alert to the worker of the
 * cluster that the alert names, like a question; an alert that names none is for the only cluster, or for the `cluster`
 * in the URL. Answers 200 with the result for each alert, even if nothing was done, so that it is not sent again; 503
 * if a worker or Redis did not answer, so that it is. An alert that cannot be read is skipped and named, and so is one that
 * we have sent ourselves; the others are heard. Alertmanager logs the body of a refusal.
 */
export function alertHook(options: AlertHookOptions): Hook {
  const { secret, log, counted } = options;
  const refuse = (status: number, error: string): HookAnswer => {
    log.warn({ status, reason: error }, 'alerts not heard');
    return { status, headers: json, body: JSON.stringify({ error }) };
  };
  return {
    path: alertsPath,
    shorten: 'Set max_alerts of the receiver, or group by more labels.',
    unsigned: ({ authorization }) =>
      isAuthorized(authorization, secret) ? null : 'This is not the secret (OOMKEEPER_ALERTMANAGER_SECRET).',
    answer: async ({ url, body }) => {
      const webhook = readAlerts(body);
      if (webhook === null) return refuse(400, "This is no body of Alertmanager's webhook, version 4.");
      const { alerts, unreadable, own, truncated } = webhook;
      if (truncated > 0)
        log.warn({ truncated }, 'alerts kept back by Alertmanager: max_alerts of its receiver is too small');
      if (unreadable.length > 0) log.warn({ unreadable: unreadable.slice(0, mostNamed) }, 'alerts that cannot be read');
      const usual = new URL(url, 'http://bot').searchParams.get('cluster');
      const outcomes = await report(alerts, usual, options);
      if (typeof outcomes === 'string') return refuse(503, outcomes);
      const skipped = [
        ...unreadable.map((name): Outcome => ({ fingerprint: name, result: 'unreadable', incident: null })),
        ...own.map((name): Outcome => ({ fingerprint: name, result: 'own', incident: null })),
      ];
      for (const { result } of skipped) counted(result);
      return { status: 200, headers: json, body: JSON.stringify({ alerts: [...outcomes, ...skipped] }) };
    },
  };
}

/** The result for each alert, or the reason if a worker did not answer. */
async function report(
  alerts: readonly HeardAlert[],
  usual: string | null,
  { clusters, counted, log }: AlertHookOptions,
): Promise<readonly Outcome[] | string> {
  const known = await clusters();
  const only = known.length === 1 ? known[0]?.name : undefined;
  const clusterOf = ({ labels }: HeardAlert): string => labels.cluster ?? usual ?? only ?? '';
  const outcomes: Outcome[] = [];
  for (const [name, group] of Map.groupBy(alerts, clusterOf)) {
    const cluster = known.find((one) => one.name === name);
    if (cluster === undefined) {
      log.warn({ cluster: name, alerts: group.length }, 'alerts about a cluster that is not known');
      outcomes.push(
        ...group.map(({ fingerprint }) => ({ fingerprint, result: 'unknown-cluster' as const, incident: null })),
      );
      continue;
    }
    for (let from = 0; from < group.length; from += mostAlerts) {
      const reply = await cluster.ask({ ask: 'alerts', alerts: group.slice(from, from + mostAlerts) });
      if (reply.is === 'no-answer') {
        counted('no-answer');
        return reply.sentence;
      }
      outcomes.push(...reply.answer.alerts);
    }
  }
  for (const { result } of outcomes) counted(result);
  return outcomes;
}
