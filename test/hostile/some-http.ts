import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { onTestFinished } from 'vitest';
import { listen } from '../../sandbox/listen.ts';
import { createConnections } from '../../src/adapters/kubernetes/transport/connections.ts';
import { createTransport } from '../../src/adapters/kubernetes/transport/transport.ts';
import type { Transport } from '../../src/adapters/kubernetes/transport/transport.ts';
import { createTurns } from '../../src/core/turns.ts';

/** A server of this test alone; the URL of it. */
export async function startHttp(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  const port = await listen(server, 0);
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${port}`;
}

/** Writes the same bytes again and again, as fast as they are taken; resolves with how many were. */
export async function pour(
  response: ServerResponse,
  { head = '', chunk, times, tail = '' }: { head?: string; chunk: Buffer; times: number; tail?: string },
): Promise<number> {
  let poured = 0;
  function* parts(): Generator<Buffer | string> {
    if (head !== '') yield head;
    for (let count = 0; count < times; count += 1) {
      poured += chunk.length;
      yield chunk;
    }
    if (tail !== '') yield tail;
  }
  // Whoever has read enough hangs up.
  await pipeline(Readable.from(parts(), { highWaterMark: 1 }), response).catch(() => undefined);
  return poured;
}

/** A server that sends everybody elsewhere, and what of it has arrived there. */
export async function startRedirecting(status = 302): Promise<{ url: string; arrived: readonly string[] }> {
  const arrived: string[] = [];
  const noted = ({ url = '', headers }: IncomingMessage): string => `${url} ${headers.authorization ?? ''}`;
  const elsewhere = await startHttp((request, response) => {
    arrived.push(noted(request));
    response.end('{}');
  });
  const url = await startHttp((request, response) => {
    response.writeHead(status, { location: `${elsewhere}${request.url}` }).end();
  });
  return { url, arrived };
}

/** An API server without TLS, whose nodes' kubelets are itself. */
export async function transportTo(url: string): Promise<Transport> {
  const credentials = { tls: {}, headers: { authorization: 'Bearer secret' } };
  const transport: Transport = createTransport({
    server: url,
    credentials: { current: () => Promise.resolve(credentials), renew: () => undefined },
    connections: await createConnections(url, null),
    turns: createTurns(2),
    at: () => Promise.resolve(transport),
  });
  return transport;
}
