import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { secondMs } from '../core/units/duration.ts';

/** What a server of ours takes from whoever can reach its port. One table: docs/decisions/0029. */
export const serverBounds = {
  /** The headers, and the whole request, must be here within this time. */
  headersMs: 10 * secondMs,
  requestMs: 10 * secondMs,
  /** How often the two are looked at; Node's own 30 s would make 40 s of 10. */
  checkMs: secondMs,
  connections: 128,
  /** One body: Slack's largest messages and the usual groups of Alertmanager are a tenth of it. */
  bodyBytes: 2 * 2 ** 20,
  /** All bodies together that are being read or answered. */
  heldBytes: 16 * 2 ** 20,
};
export type ServerBounds = typeof serverBounds;

/** Why somebody was turned away before a listener was asked. */
export type TurnedAway = 'slow' | 'unreadable' | 'too-many-connections';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * An HTTP server that a stranger cannot fill: slow headers and bodies end with 408, and of more connections than its
 * bound the oldest gives way that has not sent a whole request, so that whoever comes with one still gets in.
 */
export function createBoundedServer(
  listener: RequestListener,
  { bounds, turnedAway }: { readonly bounds: ServerBounds; readonly turnedAway: (why: TurnedAway) => void },
): Server {
  const open = new Map<Socket, Exchange | null>();
  const server = createServer(
    {
      headersTimeout: bounds.headersMs,
      requestTimeout: bounds.requestMs,
      connectionsCheckingInterval: bounds.checkMs,
    },
    (request, response) => {
      const { socket } = request;
      const exchange = { request, response };
      if (open.has(socket)) open.set(socket, exchange);
      response.once('close', () => {
        if (open.get(socket) === exchange) open.set(socket, null);
      });
      listener(request, response);
    },
  );
  server.on('connection', (socket) => {
    open.set(socket, null);
    socket.once('close', () => open.delete(socket));
    if (open.size <= bounds.connections) return;
    turnedAway('too-many-connections');
    const [waiting = socket] = [...open].flatMap(([one, exchange]) => (exchange?.request.complete ? [] : [one]));
    open.delete(waiting);
    waiting.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const [status, why] = statusOf(error);
    turnedAway(why);
    const answered = open.get(socket)?.response.headersSent === true;
    if (socket.writable && !answered && error.code !== 'ECONNRESET') socket.write(lastWords(status));
    socket.destroy();
  });
  return server;
}

/** An answer with a sentence; what is left of the request is read and dropped, because a sender that is cut off sees none. */
export function refuse(
  { request, response }: Exchange,
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!response.headersSent) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: sentence }));
  }
  request.resume();
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
const sentences: Readonly<Record<number, string>> = {
  400: 'This is not HTTP.',
  408: 'The request was not complete in time.',
  431: 'The headers are too long.',
};

function statusOf({ code }: NodeJS.ErrnoException): readonly [number, TurnedAway] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'slow'];
  return [code === 'HPE_HEADER_OVERFLOW' ? 431 : 400, 'unreadable'];
}

function lastWords(status: number): string {
  const body = JSON.stringify({ error: sentences[status] });
  return [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
