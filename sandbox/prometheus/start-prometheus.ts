import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { createBoundedLog } from '../bounded-log.ts';
import type { SandboxClock } from '../clock.ts';
import { readBody } from '../http-router.ts';
import { listen } from '../listen.ts';
import { evaluateAt, samplesIn, seriesFor, type SeriesSource } from './evaluate-query.ts';
import { parseQuery, type Query } from './promql.ts';

export interface PrometheusOptions {
  readonly clock: SandboxClock;
  readonly source: SeriesSource;
  /** 0 = any free one. */
  readonly port?: number;
  /** Called with one line for each query or path that is not covered. */
  readonly log?: (line: string) => void;
}

export interface PrometheusRequest {
  /** Real ms UTC. */
  readonly at: number;
  readonly path: string;
  readonly query: string | null;
  readonly status: number;
}

export interface Prometheus {
  readonly url: string;
  /** For so many real ms it is down (503): altogether, or for questions that mention a word such as a namespace. */
  readonly down: (ms: number, mentioning?: string) => void;
  /** The newest 2000 requests. */
  readonly requestLog: () => readonly PrometheusRequest[];
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const rangePath = '/api/v1/query_range';
const instantPath = '/api/v1/query';
const mostPoints = 11_000;
const longestLog = 2000;

/** A Prometheus server's range queries and range selectors over the given series, on 127.0.0.1; else it is 501. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { clock, log = () => undefined } = options;
  const requests = createBoundedLog<PrometheusRequest>(longestLog);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://prometheus');
    const parameters = request.method === 'POST' ? new URLSearchParams(await readBody(request)) : url.searchParams;
    const { status, body } = answer(url.pathname, parameters);
    requests.push({ at: clock.now(), path: url.pathname, query: parameters.get('query'), status });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
  }

  const downUntil = new Map<string, number>();

  function isDown(query: string): boolean {
    return [...downUntil].some(([word, until]) => clock.monotonic() < until && query.includes(word));
  }

  function answer(path: string, parameters: URLSearchParams): Answer {
    const query = parameters.get('query') ?? '';
    if (isDown(query)) return { status: 503, body: 'Service Unavailable\n' };
    const parsed = parseQuery(query);
    const isRaw = parsed !== null && parsed.rangeMs !== null && parsed.overTime === null;
    if (parsed === null || path !== (isRaw ? instantPath : rangePath)) {
      const what = `the simulator does not cover ${path} of ${query}`;
      log(what);
      return failure(501, 'not_implemented', what);
    }
    if (isRaw) return matrixOf(rawSamples(parsed, Number(parameters.get('time') ?? NaN) * 1000));
    const [start = NaN, end = NaN, step = NaN] = ['start', 'end', 'step'].map(
      (name) => Number(parameters.get(name)) * 1000,
    );
    if (!(end >= start && step > 0)) return failure(400, 'bad_data', 'invalid parameter "start", "end" or "step"');
    if ((end - start) / step > mostPoints) {
      const why = 'exceeded maximum resolution of 11,000 points per timeseries.';
      return failure(400, 'bad_data', `${why} Try decreasing the query resolution (?step=XX)`);
    }
    return matrixOf(matrix(parsed, { start, end, step }));
  }

  /** `at` in ms UTC. */
  function rawSamples(query: Query, at: number): unknown {
    return seriesFor(query, options.source).flatMap((series) => {
      const values = samplesIn(query, series, at).map(({ t, v }) => [t / 1000, String(v)]);
      return values.length === 0 ? [] : [{ metric: sorted(series.labels), values }];
    });
  }

  /** `start` and `end` in ms UTC. */
  function matrix(query: Query, { start, end, step }: Readonly<Record<'start' | 'end' | 'step', number>>): unknown {
    const chosen = seriesFor(query, options.source);
    const found = new Map<string, { metric: Record<string, string>; values: [number, string][] }>();
    const keys = new WeakMap<object, string>();
    const keyOf = (labels: Readonly<Record<string, string>>): string => {
      const key = keys.get(labels) ?? JSON.stringify(sorted(labels));
      keys.set(labels, key);
      return key;
    };
    for (let at = start; at <= end; at += step) {
      for (const { labels, value } of evaluateAt(query, chosen, at)) {
        const key = keyOf(labels);
        const series = found.get(key) ?? { metric: sorted(labels), values: [] };
        found.set(key, series);
        series.values.push([at / 1000, String(value)]);
      }
    }
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log(`the Prometheus simulator failed: ${error instanceof Error ? error.message : String(error)}`);
      response.writeHead(500).end();
    });
  });
  const port = await listen(server, options.port ?? 0);

  return {
    url: `http://127.0.0.1:${port}`,
    down: (ms, mentioning = '') => {
      downUntil.set(mentioning, clock.monotonic() + ms);
    },
    requestLog: requests.entries,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

function matrixOf(result: unknown): Answer {
  return { status: 200, body: { status: 'success', data: { resultType: 'matrix', result } } };
}

function failure(status: number, errorType: string, error: string): Answer {
  return { status, body: { status: 'error', errorType, error } };
}

/** Prometheus prints labels in the order of their names. */
function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
