import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { listen } from '../listen.ts';
import type { Listening } from '../listen.ts';

/** A request must be complete within this time, ms. */
const requestMs = 30_000;

export interface Hook {
  /** Path that is asked for with POST. */
  readonly path: string;
  readonly listener: RequestListener;
}

/**
 * Listens for what others send: Slack in signed HTTP mode, the forge's webhooks. Each hook checks its own signature.
 * @throws Failure('port-taken')
 */
export async function startHooksServer(host: string, port: number, hooks: readonly Hook[]): Promise<Listening> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    const hook = hooks.find((one) => one.path === path);
    if (hook && request.method === 'POST') hook.listener(request, response);
    else refuse(response, hook ? 405 : 404);
  });
  server.requestTimeout = requestMs;
  return listen(server, { host, port, variable: 'OOMKEEPER_HTTP_PORT' });
}

/**
 * A body as it came, to the byte, since signatures are over bytes; null when it is longer than `most` bytes. A longer
 * body is read to its end and dropped, because a sender that is cut off never sees why.
 * @throws where the sender goes away before the end
 */
export async function readRawBody(request: IncomingMessage, most: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size <= most) chunks.push(bytes);
  }
  return size > most ? null : Buffer.concat(chunks).toString('utf8');
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 405 ? { allow: 'POST' } : {}).end();
}
