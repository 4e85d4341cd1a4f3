import type { IncomingMessage, ServerResponse } from 'node:http';
import { readWebhook } from '../../adapters/github/webhook.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { Hints } from '../../flow/needs.ts';
import { readRawBody } from './hooks-server.ts';
import type { Hook } from './hooks-server.ts';

const forgePath = '/github/webhook';

/** GitHub sends at most 25 MB; a pull request's event is a few kB. */
const mostBytes = 5 * 2 ** 20;

export interface ForgeHookOptions {
  readonly secret: string;
  /** The cluster that a pull request is about; null when the bot does not speak for it. */
  readonly hintsOf: (cluster: string) => Promise<Pick<Hints, 'advance'> | null>;
  readonly log: Logger;
}

/**
 * The forge's webhook: a hint to check an incident now. Its content is not trusted; the worker asks the forge. 401
 * without the right signature, 202 for everything else that can be read, whether or not it is about us.
 */
export function forgeHook({ secret, hintsOf, log }: ForgeHookOptions): Hook {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rawBody = await readRawBody(request, mostBytes);
    if (rawBody === null) {
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const read = await readWebhook({ headers: request.headers, rawBody, secret });
    if (read.is === 'refused') {
      log.warn({ reason: read.reason }, 'webhook refused');
      response.writeHead(read.reason === 'unreadable' ? 400 : 401).end();
      return;
    }
    if (read.is === 'pull-request') {
      const { cluster, incident } = read.payload;
      const hints = await hintsOf(cluster);
      log.info({ incident, cluster, state: read.pullRequest.state, delivery: read.delivery }, 'webhook heard');
      await hints?.advance(incident);
    }
    response.writeHead(202).end();
  }
  return {
    path: forgePath,
    listener: (request, response) => {
      answer(request, response).catch((error: unknown) => {
        log.error({ error }, 'webhook failed');
        if (!response.headersSent) response.writeHead(503);
        response.end();
      });
    },
  };
}
