import { z } from 'zod';

import { Failure } from '../../core/failure.ts';
import { redact } from '../../core/redact/redact.ts';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** ms UTC and value, ascending, finite. */
  readonly points: readonly { readonly t: number; readonly v: number }[];
}

export interface Range {
  /** ms UTC */
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** A Prometheus-compatible server, its credentials apart from its address. */
export interface Server {
  /** Without credentials and without a slash at its end: safe to show. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch;
}

const answerSchema = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});
const errorSchema = z.object({ error: z.string() });

/** A longer address is cut off by some proxies; the query then goes as a form. */
const longestUrl = 1800;
const mostBytes = 32 * 1024 * 1024;

/** What a status means, and what a person can do about it. */
const STATUS_WORDS: Readonly<Record<number, string>> = {
  401: 'it refuses the credentials (401); put them into OOMKEEPER_PROMETHEUS_URL',
  403: 'it forbids the query (403); give the worker read access',
  404: 'there is no query API at that address (404); OOMKEEPER_PROMETHEUS_URL is the part before /api/v1/query_range',
  429: 'it is asked too much (429)',
  503: 'it is overloaded or still starting (503)',
};

/** Splits the credentials off a URL. */
export function serverOf(url: string, fetch: typeof globalThis.fetch): Server {
  const parsed = new URL(url);
  const secret = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  const headers = secret === ':' ? {} : { authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
  return { base: `${parsed.origin}${parsed.pathname}`.replace(/(?<!\/)\/+$/, ''), headers, fetch };
}

/**
 * One range query. Values that are no finite number are left out.
 * @throws Failure `prometheus-unreachable`, `prometheus-slow`, `prometheus-refused` or `prometheus-unreadable`.
 */
export async function queryRange(
  server: Server,
  query: string,
  { from, to, stepMs }: Range,
  signal: AbortSignal,
): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({
    query,
    start: String(from / 1000),
    end: String(to / 1000),
    step: String(stepMs / 1000),
  });
  const body = await ask(server, parameters, signal);
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) throw unreadable(server, 'its answer is no matrix of series');
  return parsed.data.data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([seconds, text]) => ({ t: Math.round(seconds * 1000), v: Number(text) })).filter(isFinitePoint),
  }));
}

async function ask(server: Server, parameters: URLSearchParams, signal: AbortSignal): Promise<unknown> {
  const path = `${server.base}/api/v1/query_range`;
  const url = `${path}?${parameters.toString()}`;
  const long = url.length > longestUrl;
  let status: number;
  let text: string;
  try {
    const response = await server.fetch(
      long ? path : url,
      long
        ? { method: 'POST', body: parameters, headers: server.headers, signal }
        : { headers: server.headers, signal },
    );
    status = response.status;
    text = await bounded(response, server);
  } catch (error) {
    throw transportFailure(error, server);
  }
  const json = parseJson(text);
  if (status !== 200) throw refused(server, status, json);
  if (json === undefined) throw unreadable(server, 'its answer is no JSON: something else listens there');
  return json;
}

async function bounded(response: Response, server: Server): Promise<string> {
  const body: ReadableStream<Uint8Array> | null = response.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > mostBytes) throw unreadable(server, 'its answer is larger than 32 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function transportFailure(error: unknown, { base }: Server): Failure {
  if (error instanceof Failure) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError' || name === 'AbortError')
    return new Failure('prometheus-slow', `Prometheus at ${base} did not answer in time`, {
      retry: 'backoff',
      cause: error,
    });
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
  const message = `Prometheus at ${base} cannot be reached (${code}); check OOMKEEPER_PROMETHEUS_URL`;
  return new Failure('prometheus-unreachable', message, { retry: 'backoff', cause: error });
}

function refused({ base }: Server, status: number, json: unknown): Failure {
  const said = errorSchema.safeParse(json);
  const words =
    STATUS_WORDS[status] ?? (said.success ? `it says "${redact(said.data.error).slice(0, 200)}"` : `status ${status}`);
  const retry = status === 429 || status >= 500 ? 'backoff' : 'never';
  return new Failure('prometheus-refused', `Prometheus at ${base} did not answer the query: ${words}`, { retry });
}

function unreadable({ base }: Server, what: string): Failure {
  return new Failure('prometheus-unreadable', `Prometheus at ${base} cannot be understood: ${what}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFinitePoint({ t, v }: { readonly t: number; readonly v: number }): boolean {
  return Number.isFinite(t) && Number.isFinite(v);
}
