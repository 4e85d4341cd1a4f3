import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAuthorized, readAlerts } from '../adapters/alertmanager/webhook.ts';
import type { Questions } from '../adapters/redis/questions.ts';
import type { Logger } from '../adapters/telemetry/log.ts';
import type { HeardAlert } from '../core/talk/heard-alert.ts';
import { mostAlerts } from '../core/talk/question.ts';
import type { AlertsAnswer } from '../core/talk/question.ts';
import { readRawBody } from './hooks-server.ts';
import type { Hook } from './hooks-server.ts';

const alertsPath = '/alertmanager';

/** An alert is 1 to 2 kB; Alertmanager groups some dozens, and its `max_alerts` bounds them. */
const mostBytes = 2 * 2 ** 20;

export interface AlertHookOptions {
  readonly secret: string;
  /** Names of the clusters whose worker was seen. @throws Failure */
  readonly clusters: () => Promise<readonly { readonly name: string; readonly ask: Questions['ask'] }[]>;
  readonly counted: (result: string) => void;
  readonly log: Logger;
}

type Outcome = Pick<AlertsAnswer['alerts'][number], 'fingerprint'> & {
  readonly result: AlertsAnswer['alerts'][number]['result'] | 'unknown-cluster';
  readonly incident: string | null;
};

/**
 * Alertmanager's webhook (version 4). The bot has no right in any cluster, so that the worker of the cluster that an alert
 * names is asked to hear it, as people's questions are asked; an alert that names none is for the one cluster there is,
 * or for the `cluster` in the address. 200 with what became of each alert, also when that is nothing, since it would be
 * sent again otherwise; 503 when a worker or Redis did not answer, so that it is.
 */
export function alertHook(options: AlertHookOptions): Hook {
  const { secret, log } = options;
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAuthorized(request.headers.authorization, secret)) {
      log.warn('alerts refused: not the secret');
      request.resume();
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      return;
    }
    const rawBody = await readRawBody(request, mostBytes);
    if (rawBody === null) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const alerts = readAlerts(rawBody);
    if (alerts === null) {
      response.writeHead(400).end();
      return;
    }
    const usual = new URL(request.url ?? '/', 'http://bot').searchParams.get('cluster');
    const outcomes = await tell(alerts, usual, options);
    if (outcomes === null) response.writeHead(503).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ alerts: outcomes }));
  }
  return {
    path: alertsPath,
    listener: (request, response) => {
      answer(request, response).catch((error: unknown) => {
        log.error({ error }, 'alerts not heard');
        if (!response.headersSent) response.writeHead(503);
        response.end();
      });
    },
  };
}

/** What became of each alert; null when somebody did not answer. */
async function tell(
  alerts: readonly HeardAlert[],
  usual: string | null,
  { clusters, counted, log }: AlertHookOptions,
): Promise<readonly Outcome[] | null> {
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
        log.warn({ cluster: name, why: reply.why, reason: reply.sentence }, 'alerts not heard');
        counted('no-answer');
        return null;
      }
      outcomes.push(...reply.answer.alerts);
    }
  }
  for (const { result } of outcomes) counted(result);
  return outcomes;
}
