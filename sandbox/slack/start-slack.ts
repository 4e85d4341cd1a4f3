import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { SandboxClock } from '../clock.ts';
import { readBody } from '../http-router.ts';
import { listen } from '../listen.ts';
import { createFaults, type Faults } from './faults.ts';
import { createInteractions, type Interactions } from './interactions.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Log } from './log.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import type { World } from './method.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRequestLog, type LogEntry, type PostedMessage } from './request-log.ts';
import { createResponses, type Responses } from './responses.ts';
import { createSocketMode } from './socket-mode.ts';
import { stateOfWorkspace } from './state.ts';
import { createTokens } from './tokens.ts';
import { answerCall } from './web-api.ts';
import { type Person, seedWorkspace, type Workspace } from './workspace.ts';

export interface SlackOptions {
  readonly clock: SandboxClock;
  readonly log: Log;
  readonly workspace?: Partial<Workspace>;
  /** 0 to 1; which connection gets an envelope. */
  readonly random?: () => number;
  /** Default `slack`; `scale` for runs that are faster than life. */
  readonly limits?: 'slack' | 'off' | { readonly scale: number };
  /** Real ms; Slack's 3 000 by default. */
  readonly acknowledgeWithinMs?: number;
  /** Real ms, at least; an hour by default. */
  readonly refreshEveryMs?: number;
  /** Messages older than this can't be edited; always by default. */
  readonly editWindowMs?: number;
  /** Port on 127.0.0.1; any free one by default. */
  readonly port?: number;
}

export interface SlackControl extends Interactions {
  readonly state: () => JsonObject;
  /** Called with the new version after each change. */
  readonly subscribe: (listener: (version: number) => void) => () => void;
  /** Socket Mode connections that get envelopes. */
  readonly connections: () => number;
}

export interface Slack {
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly workspace: Workspace;
  readonly store: MessageStore;
  readonly control: SlackControl;
  readonly requestLog: () => readonly LogEntry[];
  /** Every accepted `chat.postMessage` since the start. */
  readonly messageLog: () => readonly PostedMessage[];
  readonly faults: Faults;
  readonly close: () => Promise<void>;
}

const triggerLifeMs = 3_000;
const hourMs = 3_600_000;

/** Starts a pretend Slack on 127.0.0.1: Web API, Socket Mode and response URLs on one port. */
export async function startSlack(options: SlackOptions): Promise<Slack> {
  const { clock, log } = options;
  const workspace = seedWorkspace(options.workspace);
  const store = createMessageStore(workspace, clock.now);
  const requests = createRequestLog(clock.now);
  const posted: PostedMessage[] = [];
  let port = 0;
  const host = (): string => `127.0.0.1:${port}`;

  const faults = createFaults((kind, count) =>
    kind === 'drop-sockets' ? sockets.drop(count ?? Infinity) : sockets.refresh(count ?? 1),
  );
  const sockets = createSocketMode({
    appId: workspace.bot.appId,
    clock,
    random: options.random ?? Math.random,
    requests,
    duplicates: () => faults.take(['duplicate-delivery'], {}) !== undefined,
    host,
    acknowledgeWithinMs: options.acknowledgeWithinMs ?? 3_000,
    refreshEveryMs: options.refreshEveryMs ?? hourMs,
  });
  const world: World = {
    workspace,
    store,
    now: clock.now,
    editWindowMs: options.editWindowMs,
    newId: () => randomBytes(4).toString('base64url').slice(0, 5),
    openSocket: sockets.openUrl,
    posted: ({ channel, metadata, threadTs, ts }) => {
      posted.push({ channel, ts, threadTs, metadata, at: clock.now(), acceptedAt: clock.monotonic() });
    },
  };
  const responses = createResponses(world, requests, () => `http://${host()}`);
  const triggers = createTokens<Person>({ uses: 1, lifeMs: triggerLifeMs }, clock.now);
  const interactions = createInteractions({ world, sockets, responses, triggers, log });
  const limits = createRateLimits(options.limits ?? 'slack', clock.monotonic);
  const api = { world, clock, limits, faults, requests, log };

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://slack');
    const method = /^\/api\/([\w.]+)$/.exec(pathname)?.[1];
    const token = /^\/response\/\w+\/(\w+)$/.exec(pathname)?.[1];
    const answered =
      method === undefined
        ? token === undefined
          ? answerUnknown(log, request, response)
          : answerResponse(responses, token, request, response)
        : answerCall(api, method, request, response);
    answered.catch((error: unknown) => {
      log.error({ err: error, path: pathname }, 'the Slack simulator failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('upgrade', sockets.upgrade);
  port = await listen(server, options.port ?? 0);

  return {
    apiUrl: `http://${host()}/api/`,
    botToken: workspace.botToken,
    appToken: workspace.appToken,
    signingSecret: workspace.signingSecret,
    workspace,
    store,
    control: {
      ...interactions,
      state: () => stateOfWorkspace(workspace, store),
      subscribe: store.subscribe,
      connections: sockets.connections,
    },
    requestLog: requests.entries,
    messageLog: () => [...posted],
    faults,
    close: async () => {
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

async function answerResponse(
  responses: Responses,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readBody(request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const answer = isObject(body)
    ? responses.post(token, body)
    : { status: 400, body: { ok: false, error: 'invalid_payload' } };
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(answer.body));
}

async function answerUnknown(log: Log, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await readBody(request);
  log.error({ method: request.method, path: request.url }, 'the Slack simulator does not cover this path');
  response.writeHead(501, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ ok: false, error: 'not_covered' }));
}
