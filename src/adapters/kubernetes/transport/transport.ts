import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { redact } from '../../../core/redact/redact.ts';
import { redactUrls } from '../../../core/redact/redact-urls.ts';
import type { Retry } from '../../../core/failure.ts';
import type { Turns } from '../../../core/turns.ts';
import { errorTextOf } from '../../error-text.ts';
import { endOf } from './answer-end.ts';
import type { AnswerEnd } from './answer-end.ts';
import { textOf, tooLong } from './answer-text.ts';
import type { Connections } from './connections.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { bounded, cut } from '../../../core/units/text-bounds.ts';

export interface Call {
  readonly method?: string;
  /** Path with query, below the server's address. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** ms until the answer must be complete. */
  readonly deadlineMs?: number;
  /** A longer answer is not read to its end: Failure('cluster-answer-long'). */
  readonly mostBytes?: number;
  readonly signal?: AbortSignal;
  /** The answer is a long-lived stream, so it gets a connection of its own. */
  readonly lasts?: boolean;
}

/** HTTP/1.1 to one API server, over kept connections, with the credentials as they are at each request. */
export interface Transport {
  readonly server: string;
  /** The newest bytes of an answer, whatever its status. Throws Failure('cluster-unreachable' or 'cluster-slow'). */
  readonly end: (call: Call, keepBytes: number) => Promise<AnswerEnd>;
  /** The parsed body of a 2xx answer with its headers; throws a Failure (see `failureOf`) for any other. */
  readonly answer: (call: Call) => Promise<{ readonly body: unknown; readonly headers: IncomingHttpHeaders }>;
  /** Only the body of such an answer. */
  readonly json: (call: Call) => Promise<unknown>;
  /** Hands on the bytes of a 2xx answer as they come; otherwise as `answer`. For what is too long to be held. */
  readonly stream: (call: Call, take: (chunk: Buffer) => void) => Promise<void>;
  /** The headers have arrived; the caller reads the body and destroys it when done. */
  readonly open: (call: Call) => Promise<IncomingMessage>;
  /** Another server of the same cluster that accepts the same credentials: a kubelet. `server` is its URL. */
  readonly at: (server: string) => Promise<Transport>;
}

const defaultDeadlineMs = 10_000;
/** No object has more than 1.5 MiB, and lists are read in pages that fit. */
const usualMostBytes = 8 * 2 ** 20;

/** Error codes of a request on a kept connection that the server had closed while it was idle. */
const closedMeanwhile = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

export function createTransport(options: {
  readonly server: string;
  readonly credentials: CredentialSource;
  readonly connections: Connections;
  /** Of long answers, those of all servers together. */
  readonly turns: Turns;
  readonly at: Transport['at'];
}): Transport {
  const { credentials, connections, turns } = options;
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
  /** Opens it, and reads what `read` reads of it, within the deadline. */
  const within = async <T>(
    call: Call,
    read: (response: IncomingMessage, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const { deadlineMs = defaultDeadlineMs } = call;
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    try {
      return await read(await open({ ...call, signal }), signal);
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

  const end = async (call: Call, keepBytes: number): Promise<AnswerEnd> =>
    within(call, async (response) => {
      const { mostBytes = usualMostBytes } = call;
      return endOf(response, keepBytes, (bytes) => {
        if (bytes > mostBytes) throw tooLong(mostBytes);
      });
    });

  const answer = async (call: Call): Promise<{ body: unknown; headers: IncomingHttpHeaders }> =>
    within(call, async (response, signal) => {
      if (!isGood(response)) throw await failureIn(response, call);
      const { mostBytes = usualMostBytes } = call;
      const { text, done } = await textOf(response, { mostBytes, turns, signal });
      try {
        const body: unknown = JSON.parse(text);
        return { body, headers: response.headers };
      } catch (cause) {
        throw new Failure('cluster-answer', `The API server answered ${call.path} with something that is not JSON.`, {
          retry: 'backoff',
          cause,
        });
      } finally {
        done();
      }
    });

  const stream = async (call: Call, take: (chunk: Buffer) => void): Promise<void> =>
    within(call, async (response) => {
      if (!isGood(response)) throw await failureIn(response, call);
      const { mostBytes = usualMostBytes } = call;
      let bytes = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > mostBytes) throw tooLong(mostBytes);
        take(chunk);
      }
    });

  const json = async (call: Call): Promise<unknown> => (await answer(call)).body;

  return { server: options.server, end, answer, json, stream, open, at: options.at };
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

function isGood({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** What an answer that is not good says. */
export async function failureIn(response: IncomingMessage, call: Pick<Call, 'method' | 'path'>): Promise<Failure> {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    response.destroy();
    return redirected(call, headers.location);
  }
  return failureOf(statusCode, await errorTextOf(response), call);
}

/** NOTE: a redirect is not followed: our credentials would go to whoever it names. */
function redirected({ path }: Pick<Call, 'path'>, location: string): Failure {
  const where = URL.canParse(location) ? new URL(location).origin : 'another path';
  return new Failure(
    'cluster-redirect',
    `The server redirects ${path.split('?')[0]} to ${cut(where, 200)}, which is not followed. Name the address of the API server itself in the kubeconfig.`,
    { retry: 'backoff' },
  );
}

/** The one translation of the API server's errors: Failure with code `cluster-…` and the server's reason and causes. */
export function failureOf(status: number, body: string, call: Pick<Call, 'method' | 'path'>): Failure {
  const answered = statusSchema.safeParse(parse(body)).data;
  const causes = (answered?.details?.causes ?? []).map((cause) => cause.message ?? cause.reason ?? '').filter(Boolean);
  const words = [
    answered?.message || cut(body, 200) || `HTTP ${status}`,
    ...causes.filter((one) => !answered?.message.includes(one)),
  ];
  const { code, retry } = meanings[status] ?? { code: 'cluster-failed', retry: 'backoff' as const };
  const what = `${call.method ?? 'GET'} ${call.path.split('?')[0]}`;
  const said = bounded(redact(words.join('; ')), 'apiServerWords');
  return new Failure(code, `The API server answered ${what} with ${status}: ${said}`, { retry });
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
