import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { redact } from '../../../core/redact/redact.ts';
import { redactUrls } from '../../../core/redact/redact-urls.ts';
import type { Retry } from '../../../core/failure.ts';
import type { Connections } from './connections.ts';
import type { Credentials, CredentialSource } from './credentials.ts';

export interface Call {
  readonly method?: string;
  /** Path with query, below the server's address. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** ms until the answer must be complete. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** The answer is a long-lived stream, so it gets a connection of its own. */
  readonly lasts?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** HTTP/1.1 to one API server, over kept connections, with the credentials as they are at each request. */
export interface Transport {
  readonly server: string;
  /** The whole answer, whatever its status. Throws Failure('cluster-unreachable' or 'cluster-slow'). */
  readonly send: (call: Call) => Promise<Answer>;
  /** The parsed body of a 2xx answer with its headers; throws a Failure (see `failureOf`) for any other. */
  readonly answer: (call: Call) => Promise<{ readonly body: unknown; readonly headers: IncomingHttpHeaders }>;
  /** Only the body of such an answer. */
  readonly json: (call: Call) => Promise<unknown>;
  /** The headers have arrived; the caller reads the body and destroys it when done. */
  readonly open: (call: Call) => Promise<IncomingMessage>;
  /** Another server of the same cluster that accepts the same credentials: a kubelet. `server` is its URL. */
  readonly at: (server: string) => Promise<Transport>;
}

const defaultDeadlineMs = 10_000;

/** Error codes of a request on a kept connection that the server had closed while it was idle. */
const closedMeanwhile = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

export function createTransport(options: {
  readonly server: string;
  readonly credentials: CredentialSource;
  readonly connections: Connections;
  readonly at: Transport['at'];
}): Transport {
  const { credentials, connections } = options;
  const base = options.server.replace(/\/$/, '');
  const protocol = base.startsWith('http:') ? http : https;

  async function request(
    call: Call,
    { tls, headers }: Credentials,
    connection: 'kept' | 'own',
  ): Promise<IncomingMessage> {
    const { body } = call;
    const sending: https.RequestOptions = {
      method: call.method ?? 'GET',
      agent: connections[connection](tls),
      headers: {
        ...headers,
        accept: call.accept ?? 'application/json',
        // The API server may gzip a watch in several members from 1.37 on; the screen reads plain bytes.
        'accept-encoding': 'identity',
        'user-agent': 'oomkeeper',
        ...(body === undefined
          ? {}
          : { 'content-type': call.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(call.signal ? { signal: call.signal } : {}),
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    let isAnswered = false;
    const sent = protocol.request(`${base}${call.path}`, sending, (response) => {
      isAnswered = true;
      resolve(response);
    });
    // It may still fail after the headers; the reader of the body gets that error.
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const wasClosed = sent.reusedSocket && !isAnswered && closedMeanwhile.has(error.code ?? '');
      if (!wasClosed) return reject(error);
      connections.dropIdle();
      resolve(request(call, { tls, headers }, 'own'));
    });
    sent.end(body);
    return promise;
  }

  const open = async (call: Call): Promise<IncomingMessage> => {
    const isRead = (call.method ?? 'GET') === 'GET';
    const used = await credentials.current();
    try {
      const response = await request(call, used, isRead && !call.lasts ? 'kept' : 'own');
      if (response.statusCode === 401) credentials.renew(used, 'refused');
      return response;
    } catch (cause) {
      // Perhaps the certificates were rotated, or the server that the idle connections lead to is gone.
      credentials.renew(used, 'unreachable');
      connections.dropIdle();
      throw unreachable(options.server, connections.through, cause);
    }
  };
  const send = async (call: Call): Promise<Answer> => {
    const { deadlineMs = defaultDeadlineMs } = call;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    try {
      const response = await open({ ...call, signal });
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await textOf(response),
      };
    } catch (cause) {
      if (deadline.aborted)
        throw new Failure(
          'cluster-slow',
          `The API server did not answer within ${Math.round(deadlineMs / 100) / 10} s.`,
          {
            retry: 'backoff',
            cause,
          },
        );
      throw cause instanceof Failure ? cause : unreachable(options.server, connections.through, cause);
    }
  };

  const answer = async (call: Call): Promise<{ body: unknown; headers: IncomingHttpHeaders }> => {
    const { status, headers, body } = await send(call);
    if (status < 200 || status >= 300) throw failureOf(status, body, call);
    try {
      return { body: JSON.parse(body), headers };
    } catch (cause) {
      throw new Failure('cluster-answer', `The API server answered ${call.path} with something that is not JSON.`, {
        retry: 'backoff',
        cause,
      });
    }
  };

  const json = async (call: Call): Promise<unknown> => (await answer(call)).body;

  return { server: options.server, send, answer, json, open, at: options.at };
}

const statusSchema = z.looseObject({
  message: z.string().catch(''),
  reason: z.string().catch(''),
  details: z
    .looseObject({ causes: z.array(z.looseObject({ reason: z.string().optional(), message: z.string().optional() })) })
    .nullish()
    .catch(null),
});

/** How HTTP statuses of the API server are translated; the server's own words go into the message. */
const meanings: Readonly<Record<number, { readonly code: string; readonly retry: Retry }>> = {
  400: { code: 'cluster-bad-request', retry: 'never' },
  401: { code: 'cluster-unauthorized', retry: 'backoff' },
  403: { code: 'cluster-forbidden', retry: 'never' },
  404: { code: 'cluster-not-found', retry: 'never' },
  409: { code: 'cluster-conflict', retry: 'backoff' },
  410: { code: 'cluster-expired', retry: 'never' },
  413: { code: 'cluster-too-large', retry: 'never' },
  415: { code: 'cluster-bad-request', retry: 'never' },
  422: { code: 'cluster-invalid', retry: 'never' },
  429: { code: 'cluster-busy', retry: 'backoff' },
};

/** The longest answer is the usage of all pods in one list: 150 000 of them have some 90 MB. */
const mostAnswerBytes = 128 * 2 ** 20;

/** The rest of an answer. @throws Failure('cluster-answer') when it is longer than that */
export async function textOf(response: Readable, mostBytes: number = mostAnswerBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new Failure('cluster-answer', `The API server's answer is longer than ${mostBytes / 2 ** 20} MiB.`, {
        retry: 'backoff',
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The one translation of the API server's errors: Failure with code `cluster-…` and the server's reason and causes. */
export function failureOf(status: number, body: string, call: Call): Failure {
  const said = statusSchema.safeParse(parse(body)).data;
  const causes = (said?.details?.causes ?? []).map((cause) => cause.message ?? cause.reason ?? '').filter(Boolean);
  const words = [
    said?.message || body.slice(0, 200) || `HTTP ${status}`,
    ...causes.filter((one) => !said?.message.includes(one)),
  ];
  const { code, retry } = meanings[status] ?? { code: 'cluster-failed', retry: 'backoff' as const };
  const what = `${call.method ?? 'GET'} ${call.path.split('?')[0]}`;
  return new Failure(code, `The API server answered ${what} with ${status}: ${redact(words.join('; '))}`, { retry });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function unreachable(server: string, proxy: string | null, cause: unknown): Failure {
  const why = redact(cause instanceof Error ? cause.message : String(cause));
  const through = proxy === null ? '' : ` through the proxy ${redactUrls(proxy)}`;
  return new Failure('cluster-unreachable', `The API server at ${server} cannot be reached${through}: ${why}`, {
    retry: 'backoff',
    cause,
  });
}
