import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';

import { Failure } from '../../core/failure.ts';
import { errorTextOf } from '../error-text.ts';
import { splitLogin } from '../split-login.ts';
import { createJsonItems } from '../../core/json-items.ts';
import { record } from '../../core/kill/json-read.ts';
import { redact } from '../../core/redact/redact.ts';
import { bounded, cut } from '../../core/units/text-bounds.ts';

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

const errorSchema = z.object({ error: z.string() });

/** What is held of an answer: a point takes some 80 bytes, a series 400. */
export interface MostHeld {
  readonly series: number;
  readonly points: number;
}

/** A longer address is cut off by some proxies; the query then goes as a form. */
const longestUrl = 1800;
const mostBytes = 8 * 2 ** 20;
/** Prometheus refuses more than 11 000 steps, which have some 300 KB. */
const mostSeriesBytes = 2 ** 20;
/** So much is read in some 2 ms. */
const turnBytes = 128 * 1024;
const usualMost: MostHeld = { series: 20_000, points: 250_000 };

/** The labels that are read; all others are left behind with the answer. */
const labelNames = [
  '__name__',
  'namespace',
  'pod',
  'container',
  'id',
  'name',
  'interface',
  'resource',
  'instance',
] as const;

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
  const { base, authorization } = splitLogin(url);
  return { base, headers: authorization === null ? {} : { authorization }, fetch };
}

/**
 * One range query. Values that are no finite number are left out. The answer is read series by series as it arrives:
 * it may come from whoever can create a Service, and whole and parsed it takes fifty times its length. A redirect is not
 * followed.
 * @throws Failure `prometheus-unreachable`, `prometheus-slow`, `prometheus-refused`, `prometheus-unreadable`, or
 * `prometheus-too-large`, where less has to be asked for
 */
export async function queryRange(
  server: Server,
  query: string,
  range: Range,
  signal: AbortSignal,
  most: MostHeld = usualMost,
): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({
    query,
    start: String(range.from / 1000),
    end: String(range.to / 1000),
    step: String(range.stepMs / 1000),
  });
  const steps = Math.ceil((range.to - range.from) / range.stepMs) + 1;
  return read(server, { path: '/api/v1/query_range', parameters, steps }, signal, most);
}

/**
 * Every sample of some series as it was scraped, with the time that it has: a range selector. No step has to be guessed,
 * nothing goes on after its end, and what was scraped once is there once. Else as `queryRange`.
 * @throws Failure as `queryRange`
 */
export async function queryRaw(
  server: Server,
  selector: string,
  { from, to }: Pick<Range, 'from' | 'to'>,
  signal: AbortSignal,
  most: MostHeld,
): Promise<readonly Series[]> {
  const query = `${selector}[${Math.max(1, Math.round(to - from))}ms]`;
  const parameters = new URLSearchParams({ query, time: String(to / 1000) });
  const found = await read(server, { path: '/api/v1/query', parameters, steps: Infinity }, signal, most);
  const isAsked = ({ t }: Series['points'][number]): boolean => t >= from && t <= to;
  return found.map((series) =>
    series.points.every(isAsked) ? series : { ...series, points: series.points.filter(isAsked) },
  );
}

interface Question {
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** The most points that a series of the answer can have. */
  readonly steps: number;
}

async function read(
  server: Server,
  question: Question,
  signal: AbortSignal,
  most: MostHeld,
): Promise<readonly Series[]> {
  try {
    const response = await ask(server, question, signal);
    if (response.status !== 200) throw await refused(server, response);
    return await seriesIn(response, server, question, most);
  } catch (error) {
    throw transportFailure(error, server);
  }
}

function ask(server: Server, { path, parameters }: Question, signal: AbortSignal): Promise<Response> {
  const address = `${server.base}${path}`;
  const url = `${address}?${parameters.toString()}`;
  const sending = { headers: server.headers, signal, redirect: 'manual' } as const;
  return url.length > longestUrl
    ? server.fetch(address, { ...sending, method: 'POST', body: parameters })
    : server.fetch(url, sending);
}

async function seriesIn(
  response: Response,
  server: Server,
  { steps }: Question,
  most: MostHeld,
): Promise<readonly Series[]> {
  const found: Series[] = [];
  let points = 0;
  let bytes = 0;
  let sinceTurn = 0;
  const items = createJsonItems({
    within: '{{[',
    mostItemBytes: mostSeriesBytes,
    take: (item) => {
      const series = readSeries(item);
      if (series === null) throw noMatrix(server);
      if (series.points.length > steps) throw unreadable(server, 'its answer has more points than were asked for');
      points += series.points.length;
      if (found.length >= most.series) throw tooLarge(server, `has more than ${most.series} series`);
      if (points > most.points) throw tooLarge(server, `has more than ${most.points} points`);
      found.push(series);
    },
  });
  const body: ReadableStream<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge(server, `is larger than ${mostBytes / 2 ** 20} MiB`);
    items.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    sinceTurn += chunk.length;
    if (sinceTurn < turnBytes) continue;
    // What has arrived already is handed out without a pause, and nothing else would be done meanwhile.
    sinceTurn = 0;
    await nextTurn();
  }
  const end = items.end();
  if (end === null) throw unreadable(server, 'its answer is no JSON: something else listens there');
  if (end.tooLong > 0) throw unreadable(server, 'it has a series of more than a megabyte');
  const { resultType, result } = record(record(end.rest)['data']);
  if (resultType !== 'matrix' || !Array.isArray(result) || result.length !== end.items) throw noMatrix(server);
  return found;
}

function readSeries(item: unknown): Series | null {
  const { metric, values = [] } = record(item);
  if (!Array.isArray(values)) return null;
  const points: { t: number; v: number }[] = [];
  for (const value of values) {
    if (!Array.isArray(value)) return null;
    const pair: readonly unknown[] = value;
    const [seconds, text] = pair;
    if (typeof seconds !== 'number' || typeof text !== 'string') return null;
    const point = { t: Math.round(seconds * 1000), v: Number(text) };
    if (Number.isFinite(point.t) && Number.isFinite(point.v)) points.push(point);
  }
  const all = record(metric);
  const labels = labelNames.flatMap((name) => {
    const value = all[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return { labels: Object.fromEntries(labels), points };
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

async function refused(server: Server, response: Response): Promise<Failure> {
  const { status } = response;
  const retry = status === 429 || status >= 500 ? 'backoff' : 'never';
  const fail = (words: string): Failure =>
    new Failure('prometheus-refused', `Prometheus at ${server.base} did not answer the query: ${words}`, { retry });
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return fail(redirectWords(status, response.headers.get('location'), server));
  }
  const known = STATUS_WORDS[status];
  const said = errorSchema.safeParse(parseJson(response.body === null ? '' : await errorTextOf(response.body)));
  return fail(
    known ?? (said.success ? `it says "${bounded(redact(said.data.error), 'serverWords')}"` : `status ${status}`),
  );
}

/** NOTE: only where it leads, since the rest of an address may hold anything. */
function redirectWords(status: number, location: string | null, { base }: Server): string {
  const where = location !== null && URL.canParse(location, base) ? new URL(location, base).origin : 'somewhere else';
  return `it redirects to ${cut(where, 200)} (${status}), which is not followed; a log-in page does that, and a server that is called by another name: put the address of the API itself into OOMKEEPER_PROMETHEUS_URL`;
}

function noMatrix(server: Server): Failure {
  return unreadable(server, 'its answer is no matrix of series');
}

function unreadable({ base }: Server, what: string): Failure {
  return new Failure('prometheus-unreadable', `Prometheus at ${base} cannot be understood: ${what}`);
}

function tooLarge({ base }: Server, what: string): Failure {
  return new Failure('prometheus-too-large', `Prometheus at ${base} answers with too much: its answer ${what}`, {
    retry: 'backoff',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
