import type { IncomingMessage, ServerResponse } from 'node:http';

export interface RouteRequest {
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
  readonly query: URLSearchParams;
}

/** Called with `send`; returns what ends the subscription when the reader leaves. */
export type Subscription = (send: (event: string, data: unknown) => void) => () => void;

export type RouteAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status?: number; readonly ndjson: Iterable<unknown> }
  | { readonly status?: number; readonly headers: Readonly<Record<string, string>>; readonly bytes: Uint8Array }
  | { readonly events: Subscription };

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly handle: (request: RouteRequest) => Promise<RouteAnswer>;
}

const longestBody = 4 * 1024 * 1024;

/** Reads a whole request body as text. Throws when it is larger than 4 MiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > longestBody) throw new Error('the request body is larger than 4 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers one request from the routes; false when no route has its path. */
export async function answerRoute(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const onPath = routes.filter((route) => route.path === url.pathname);
  if (onPath.length === 0) return false;
  const route = onPath.find((candidate) => candidate.method === request.method);
  if (route === undefined) {
    response.setHeader('allow', onPath.map((candidate) => candidate.method).join(', '));
    write(response, { status: 405, json: { ok: false, error: 'method_not_allowed' } });
    return true;
  }
  let body: unknown;
  try {
    const text = await readBody(request);
    body = text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    write(response, { status: 400, json: { ok: false, error: 'invalid_json', detail: String(error) } });
    return true;
  }
  try {
    write(response, await route.handle({ body, query: url.searchParams }));
  } catch (error) {
    write(response, { status: 500, json: { ok: false, error: 'internal_error', detail: String(error) } });
  }
  return true;
}

function write(response: ServerResponse, answer: RouteAnswer): void {
  if ('events' in answer) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const leave = answer.events((event, data) => {
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    });
    response.on('close', leave);
    return;
  }
  if ('bytes' in answer) {
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.bytes);
    return;
  }
  const [type, text] =
    'json' in answer
      ? ['application/json; charset=utf-8', JSON.stringify(answer.json)]
      : ['application/x-ndjson; charset=utf-8', [...answer.ndjson].map((line) => `${JSON.stringify(line)}\n`).join('')];
  response.writeHead(answer.status ?? 200, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(text);
}
