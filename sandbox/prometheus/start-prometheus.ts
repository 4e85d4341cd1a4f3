import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { createBoundedLog } from '../bounded-log.ts';
import type { SandboxClock } from '../clock.ts';
import { readBody } from '../http-router.ts';
import { listen } from '../listen.ts';
import { evaluateAt, seriesFor, type SeriesSource } from './evaluate-query.ts';
import { parseQuery, QueryError } from './promql.ts';
import { readInstant, readRange } from './query-parameters.ts';

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

/** What it answers; everything else under `/api` is 501. */
export const coveredPaths = [
  '/api/v1/query',
  '/api/v1/query_range',
  '/api/v1/status/buildinfo',
  '/-/ready',
  '/-/healthy',
];

const longestLog = 2000;

/** A Prometheus server's query API over the given series, on 127.0.0.1. */
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
    if (isDown(parameters.get('query') ?? '')) return { status: 503, body: 'Service Unavailable\n' };
    try {
      switch (path) {
        case '/-/ready':
          return { status: 200, body: 'Prometheus Server is Ready.\n' };
        case '/-/healthy':
          return { status: 200, body: 'Prometheus Server is Healthy.\n' };
        case '/api/v1/status/buildinfo':
          return success(buildInfo);
        case '/api/v1/query':
          return success(instant(parameters));
        case '/api/v1/query_range':
          return success(range(parameters));
        default:
          if (!path.startsWith('/api/v1/')) return { status: 404, body: '404 page not found\n' };
          throw new QueryError('uncovered', path);
      }
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      if (error.kind === 'parse') return failure(400, 'bad_data', error.message);
      log(`the Prometheus simulator does not cover ${error.message}`);
      return failure(501, 'not_implemented', `the simulator does not cover ${error.message}`);
    }
  }

  function instant(parameters: URLSearchParams): unknown {
    const expression = parseQuery(parameters.get('query') ?? '');
    const at = readInstant(parameters, clock.now());
    const samples = evaluateAt(expression, seriesFor(expression, options.source), at);
    const result = samples.map(({ labels, value }) => ({ metric: sorted(labels), value: [at / 1000, String(value)] }));
    return { resultType: 'vector', result };
  }

  function range(parameters: URLSearchParams): unknown {
    const expression = parseQuery(parameters.get('query') ?? '');
    const { start, end, step } = readRange(parameters);
    const chosen = seriesFor(expression, options.source);
    const found = new Map<string, { metric: Record<string, string>; values: [number, string][] }>();
    const keys = new WeakMap<object, string>();
    const keyOf = (labels: Readonly<Record<string, string>>): string => {
      const key = keys.get(labels) ?? JSON.stringify(sorted(labels));
      keys.set(labels, key);
      return key;
    };
    for (let at = start; at <= end; at += step) {
      for (const { labels, value } of evaluateAt(expression, chosen, at)) {
        const key = keyOf(labels);
        const series = found.get(key) ?? { metric: sorted(labels), values: [] };
        found.set(key, series);
        series.values.push([at / 1000, String(value)]);
      }
    }
    const result = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
    return { resultType: 'matrix', result };
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

const buildInfo = {
  version: '2.53.3',
  revision: '4e664035ab15ee6f2d8b2d1b2b2b1e3f9f0cb1b7',
  branch: 'HEAD',
  buildUser: 'sandbox',
  buildDate: '20241105-00:00:00',
  goVersion: 'go1.22.8',
};

function success(data: unknown): Answer {
  return { status: 200, body: { status: 'success', data } };
}

function failure(status: number, errorType: string, error: string): Answer {
  return { status, body: { status: 'error', errorType, error } };
}

/** Prometheus prints labels in the order of their names. */
function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
