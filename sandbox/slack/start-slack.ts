import { randomBytes } from 'node:crypto';
import type { SandboxClock } from '../clock.ts';
import { listen } from '../listen.ts';
import { createDelivery, type DeliveryMode } from './deliver/delivery.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFileStore } from './file-store.ts';
import { createHttpDelivery, type HttpDelivery } from './deliver/http-delivery.ts';
import { createInteractionContext, verificationToken } from './people/interaction-context.ts';
import { createInteractions, type Interactions } from './people/interactions.ts';
import type { JsonObject } from './json.ts';
import type { Log } from './log.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import type { Trigger, World } from './web-api/method.ts';
import { createRateLimits } from './web-api/rate-limits.ts';
import { createRequestLog, type LogEntry, type PostedMessage } from './request-log.ts';
import { createResponses } from './deliver/responses.ts';
import { createSlackServer } from './slack-server.ts';
import { createSocketMode } from './deliver/socket-mode.ts';
import { stateOfWorkspace } from './state.ts';
import { createTokens } from './tokens.ts';
import { createHomeInteractions, type HomeInteractions } from './views/home-interactions.ts';
import { createViewInteractions, type ViewInteractions } from './views/view-interactions.ts';
import { createViewStore } from './views/view-store.ts';
import { seedWorkspace, type Workspace } from './workspace.ts';

export interface SlackOptions {
  readonly clock: SandboxClock;
  readonly log: Log;
  readonly workspace?: Partial<Workspace>;
  /** 0 to 1; which connection gets an envelope. */
  readonly random?: () => number;
  /** Default `slack`; `scale` for runs that are faster than real time. */
  readonly limits?: 'slack' | 'off' | { readonly scale: number };
  /** Real ms; Slack's 3 000 by default. */
  readonly acknowledgeWithinMs?: number;
  /** Real ms, at least; an hour by default. */
  readonly refreshEveryMs?: number;
  /** Messages older than this can't be edited; always by default. */
  readonly editWindowMs?: number;
  /** How the app is told of things at first. Default Socket Mode. */
  readonly delivery?: DeliveryMode;
  /** Real ms until Slack has looked at a file that was uploaded; 250 by default. */
  readonly fileProcessingMs?: number;
}

export interface SlackControl extends Interactions, ViewInteractions, HomeInteractions {
  readonly state: () => JsonObject;
  /** Called with the new version after each change. */
  readonly subscribe: (listener: (version: number) => void) => () => void;
  /** Socket Mode connections that get envelopes. */
  readonly connections: () => number;
  readonly delivery: () => DeliveryMode;
  /** From the next delivery on. */
  readonly setDelivery: (mode: DeliveryMode) => void;
  /** The signed requests that went to the app. */
  readonly http: Pick<HttpDelivery, 'sent' | 'replay' | 'verify'>;
  /** A file's bytes and kind as the page may see them; undefined when there is no such file. */
  readonly file: World['files']['find'];
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
  /** What the page says beside people's names, by id: where the bot's policy lets them approve. */
  readonly setRights: (rights: ReadonlyMap<string, string>) => void;
  readonly close: () => Promise<void>;
}

const triggerLifeMs = 3_000;
const usualAcknowledgeMs = 3_000;
const hourMs = 3_600_000;
const usualFileProcessingMs = 250;

/** Starts a pretend Slack on 127.0.0.1: Web API, Socket Mode and response URLs on one port. */
export async function startSlack(options: SlackOptions): Promise<Slack> {
  const { clock, log } = options;
  const workspace = seedWorkspace(options.workspace);
  const store = createMessageStore(workspace, clock.now);
  const requests = createRequestLog(clock.now);
  const posted: PostedMessage[] = [];
  const acknowledgeWithinMs = options.acknowledgeWithinMs ?? usualAcknowledgeMs;
  let mode: DeliveryMode = options.delivery ?? { mode: 'socket' };
  let port = 0;
  let rights: ReadonlyMap<string, string> = new Map();
  const host = (): string => `127.0.0.1:${port}`;

  const faults = createFaults(
    (kind, count) => (kind === 'drop-sockets' ? sockets.drop(count ?? Infinity) : sockets.refresh(count ?? 1)),
    clock.monotonic,
  );
  const sockets = createSocketMode({
    appId: workspace.bot.appId,
    clock,
    random: options.random ?? Math.random,
    requests,
    duplicates: (type) => faults.take(['duplicate-delivery'], { method: type }) !== undefined,
    host,
    acknowledgeWithinMs,
    refreshEveryMs: options.refreshEveryMs ?? hourMs,
  });
  const http = createHttpDelivery({
    signingSecret: workspace.signingSecret,
    verificationToken,
    clock,
    requests,
    faults,
    acknowledgeWithinMs,
  });
  const processingMs = options.fileProcessingMs ?? usualFileProcessingMs;
  const world: World = {
    workspace,
    store,
    files: createFileStore(),
    views: createViewStore(clock.now, store.touch),
    triggers: createTokens<Trigger>({ uses: 1, lifeMs: triggerLifeMs }, clock.monotonic),
    log,
    filesUrl: () => `http://${host()}`,
    afterProcessing: (fn) => {
      if (processingMs === 0) fn();
      else clock.after(processingMs * clock.speed, fn);
    },
    now: clock.now,
    editWindowMs: options.editWindowMs,
    newId: () => randomBytes(4).toString('base64url').slice(0, 5),
    openSocket: sockets.openUrl,
    posted: ({ channel, metadata, threadTs, ts }) => {
      posted.push({ channel, ts, threadTs, metadata, at: clock.now(), acceptedAt: performance.now() });
    },
  };
  const responses = createResponses(world, requests, () => `http://${host()}`);
  const deliver = createDelivery({ socket: sockets.deliver, http: http.to }, () => mode, faults, clock);
  const context = createInteractionContext(world, deliver);
  const interactions = createInteractions(context, responses);
  const viewInteractions = createViewInteractions(context);
  const homeInteractions = createHomeInteractions(context);
  // By the real clock, which is the one that whoever sends goes by.
  const limits = createRateLimits(options.limits ?? 'slack', clock.now);
  const server = createSlackServer({ world, clock, limits, faults, requests, log }, responses);
  server.on('upgrade', sockets.upgrade);
  port = await listen(server, 0);

  return {
    apiUrl: `http://${host()}/api/`,
    botToken: workspace.botToken,
    appToken: workspace.appToken,
    signingSecret: workspace.signingSecret,
    workspace,
    store,
    control: {
      ...interactions,
      ...viewInteractions,
      ...homeInteractions,
      state: () => stateOfWorkspace(world, rights),
      subscribe: store.subscribe,
      connections: sockets.connections,
      delivery: () => mode,
      setDelivery: (wanted) => {
        mode = wanted;
      },
      http,
      file: world.files.find,
    },
    requestLog: requests.entries,
    messageLog: () => [...posted],
    faults,
    setRights: (given) => {
      rights = given;
      store.touch();
    },
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
