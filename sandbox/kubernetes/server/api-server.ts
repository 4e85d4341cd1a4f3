import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';

import { createBoundedLog } from '../../bounded-log.ts';
import type { SandboxClock } from '../../clock.ts';
import { listen } from '../../listen.ts';
import { createAccess } from './access.ts';
import type { User } from './access.ts';
import type { MetricsSource, MetricsState } from '../cluster/usage.ts';
import { readBody } from '../../http-router.ts';
import { encodeJson } from '../objects/json-value.ts';
import type { EncodeObject, ObjectStore } from '../objects/object-store.ts';
import { answerRequest } from './answer-request.ts';
import type { Answer } from './answer-request.ts';
import type { ApiContext } from './api-call.ts';
import { ApiError, expired, internalError, noStreamingLists } from './api-error.ts';
import type { LogSource } from '../kubelet/logs.ts';
import { createServerCertificate, kubeconfigText } from './server-certificate.ts';
import { createServerFaults } from './server-faults.ts';
import type { ServerFaults } from './server-faults.ts';
import { longestLog } from './server-log.ts';
import type { RequestLogEntry, WatchLogEntry } from './server-log.ts';
import { createWatchHub } from './watch-hub.ts';

/** As long as a real API server keeps an idle connection; Node's 5 s would surprise clients that reuse them. */
const idleConnectionMs = 90_000;

export interface ApiServerOptions {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  readonly kubelet: LogSource;
  /** Gets one line for every request that is not covered. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Bearer tokens beside the admin's. */
  readonly tokens?: Readonly<Record<string, User>>;
  /** JSON text of an object; a recording gives its own. */
  readonly encode?: EncodeObject;
  /** What metrics-server measures; without it the cluster has none (404). */
  readonly metrics?: MetricsSource;
}

export interface ApiServer {
  /** https://127.0.0.1:PORT */
  readonly url: string;
  /** Kubeconfig of the admin as it is now, as YAML. */
  readonly kubeconfig: string;
  /** Kubeconfig of one of the tokens, as YAML. */
  readonly kubeconfigFor: (token: string) => string;
  readonly adminToken: string;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
  readonly requestLog: () => readonly RequestLogEntry[];
  /** Lines with a memory kill, as they were written to watches of pods. */
  readonly watchLog: () => readonly WatchLogEntry[];
  readonly openWatches: () => number;
  /** Lines of watches that a fault has spoiled, so far. */
  readonly harmedLines: () => number;
  readonly faults: ServerFaults;
  /** From now on the resource metrics API is there, away or was never installed. */
  readonly setMetrics: (state: MetricsState) => void;
  /** The admin gets another token, or the server another certificate; the old one is no good, and connections end. */
  readonly rotate: (what: 'token' | 'certificate') => Promise<void>;
  /** Nobody may do anything with a resource (plural name) until the returned function is called; its watches end. */
  readonly revoke: (resource: string) => () => void;
  /** Ends every connection and refuses new ones for so many real ms. */
  readonly cut: (ms: number) => void;
  readonly close: () => Promise<void>;
}

/** The API server of the pretend cluster over HTTPS on a free port of 127.0.0.1; what it covers is in `coverage.ts`. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, encode = encodeJson } = options;
  let adminToken = `admin-${randomUUID()}`;
  const admin: User = { user: 'kubernetes-admin' };
  const tokens = new Map(Object.entries({ ...options.tokens, [adminToken]: admin }));
  let { key, certificate } = await createServerCertificate();
  let metricsState: MetricsState = options.metrics === undefined ? 'absent' : 'served';
  const context: ApiContext = {
    store,
    clock,
    access: createAccess(tokens),
    logs: options.kubelet,
    metrics: { source: options.metrics ?? nothingMeasured, state: () => metricsState },
    timestamp: (at = clock.now()) => `${new Date(at).toISOString().slice(0, 19)}Z`,
  };
  const requests = createBoundedLog<RequestLogEntry>(longestLog);
  const watches = createWatchHub({ store, clock, encode });
  const faults = createServerFaults({
    'cut-watches': watches.cut,
    'end-watches': watches.endAll,
    'reset-mid-line': () => watches.breakMidLine('reset'),
    'end-mid-line': () => watches.breakMidLine('end'),
    'garble-next-line': () => watches.breakMidLine('garble'),
    'overwrite-next-line': () => watches.breakMidLine('overwrite'),
    'split-lines': watches.split,
    'freeze-watches': watches.freeze,
    '410': () => {
      store.compact();
      return 1 + watches.cut();
    },
  });
  let sequence = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = clock.now();
    const { method = 'GET', url: path = '/' } = request;
    const body = await readBody(request);
    const entry = logEntry(request, arrived, body);
    requests.push(entry);
    response.setHeader('Audit-Id', randomUUID());
    response.setHeader('Cache-Control', 'no-cache, private');
    response.setHeader('Date', new Date(clock.now()).toUTCString());
    const fault = faults.forRequest({ method, path });
    if (fault === 'hang') return;
    try {
      if (fault === 'compact') store.compact();
      if (fault === 'http-410') throw expired('The resourceVersion for the provided watch is too old.');
      if (fault === 'http-500') throw internalError('an error on the server has been asked for');
      const target = new URL(path, 'https://server');
      const user = context.access.authenticate(request.headers.authorization);
      if (fault === 'no-streaming-list') throw noStreamingLists();
      const answer = answerRequest(context, {
        method,
        path: path.split('?')[0] ?? '/',
        query: target.searchParams,
        headers: request.headers,
        body,
        user,
      });
      entry.status = answer.status;
      send(answer, response);
    } catch (error) {
      entry.status = refuse(error, entry, response);
    }
  }

  function logEntry(request: IncomingMessage, at: number, body: string): RequestLogEntry {
    const { method = 'GET', url: path = '/', headers } = request;
    sequence += 1;
    return {
      seq: sequence,
      at,
      method,
      path,
      user: userName(headers.authorization),
      userAgent: headers['user-agent'] ?? '',
      dryRun: /[?&]dryRun=All(?:&|$)/.test(path),
      status: 0,
      ...(method === 'GET' ? {} : { body }),
    };
  }

  function userName(authorization: string | undefined): string {
    try {
      return context.access.authenticate(authorization).user;
    } catch {
      return '';
    }
  }

  function send(answer: Answer, response: ServerResponse): void {
    switch (answer.kind) {
      case 'json':
        sendText(response, answer.status, 'application/json', `${encodeJson(answer.body)}\n`);
        break;
      case 'object':
        sendText(response, answer.status, 'application/json', `${encode(answer.object)}\n`);
        break;
      case 'text':
        if (answer.status === 204) response.writeHead(204).end();
        else sendText(response, answer.status, 'text/plain', answer.text);
        break;
      case 'watch':
        watches.open(answer.call, answer.options, response);
        break;
    }
  }

  function refuse(error: unknown, entry: RequestLogEntry, response: ServerResponse): number {
    const refusal = error instanceof ApiError ? error : internalError(String(error));
    if (refusal.code === 501 || !(error instanceof ApiError)) {
      const { method, path, user } = entry;
      options.log('request not covered by the simulator', {
        method,
        path,
        user,
        status: refusal.code,
        why: refusal.message,
      });
    }
    for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
    const { body } = refusal;
    if (typeof body === 'string') {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      sendText(response, refusal.code, 'text/plain; charset=utf-8', body);
    } else {
      sendText(response, refusal.code, 'application/json', `${encodeJson(body)}\n`);
    }
    return refusal.code;
  }

  const server = createServer({ key, cert: certificate, ALPNProtocols: ['http/1.1'] }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      options.log('request failed', { error: String(error) });
      response.destroy();
    });
  });
  server.keepAliveTimeout = idleConnectionMs;
  let cutUntil = -Infinity;
  server.on('connection', (socket: Socket) => {
    if (clock.monotonic() < cutUntil) socket.destroy();
  });
  const url = `https://127.0.0.1:${await listen(server, 0)}`;

  return {
    url,
    get kubeconfig() {
      return kubeconfigText(url, certificate, adminToken);
    },
    kubeconfigFor: (token) => kubeconfigText(url, certificate, token),
    get adminToken() {
      return adminToken;
    },
    get certificate() {
      return certificate;
    },
    requestLog: requests.entries,
    watchLog: watches.log,
    openWatches: watches.size,
    harmedLines: watches.harmed,
    faults,
    setMetrics: (state) => {
      metricsState = state;
    },
    rotate: async (what) => {
      if (what === 'token') {
        tokens.delete(adminToken);
        adminToken = `admin-${randomUUID()}`;
        tokens.set(adminToken, admin);
      } else {
        ({ key, certificate } = await createServerCertificate());
        server.setSecureContext({ key, cert: certificate });
      }
      server.closeAllConnections();
    },
    revoke: (resource) => {
      const restore = context.access.revoke(resource);
      watches.cut();
      return restore;
    },
    cut: (ms) => {
      cutUntil = clock.monotonic() + ms;
      watches.cut();
      server.closeAllConnections();
    },
    close: async () => {
      watches.cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const nothingMeasured: MetricsSource = { pods: () => [] };

function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': bytes.length });
  response.end(bytes);
}
