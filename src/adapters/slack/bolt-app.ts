import { App, type webApi } from '@slack/bolt';
import type { Failure } from '../../core/failure.ts';
import { answerLost } from './answer-lost.ts';
import { onceEach } from './once-each.ts';
import type { Cluster, ListenerDeps } from './listeners/deps.ts';
import { registerListeners } from './listeners/register.ts';
import { slackLogger, type Log } from './slack-logger.ts';
import { createSockets, type SocketHealth } from './sockets.ts';
import { createWebClient, identify, type SlackIdentity } from './web-client.ts';

export interface SlackAppOptions {
  readonly botToken: string;
  readonly appToken: string;
  /** Ends in `/api/`; Slack's own by default. */
  readonly slackApiUrl?: string | undefined;
  /** Socket Mode connections; two, so that Slack's refresh of one loses nothing. */
  readonly connections?: number;
  /** ms for one call. */
  readonly timeoutMs?: number;
  readonly log: Log;
  /** Clusters that the bot speaks for, as they are now. */
  readonly clusters: () => Promise<readonly Cluster[]>;
  /** ms UTC */
  readonly now: () => number;
  /** Slack refuses for good: the process should end with this message. */
  readonly onFatal: (failure: Failure) => void;
}

export interface SlackApp {
  readonly client: webApi.WebClient;
  readonly identity: SlackIdentity;
  /** Resolves when the first connection is up. @throws Failure when Slack refuses for good. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly health: () => SocketHealth;
}

/**
 * The Bolt app with its listeners, over two Socket Mode connections that share them.
 * @throws Failure `slack-invalid-auth` when the bot token is wrong, `slack-unreachable` when Slack is.
 */
export async function createSlackApp(options: SlackAppOptions): Promise<SlackApp> {
  const { botToken, slackApiUrl, log, timeoutMs = 10_000 } = options;
  const logger = slackLogger(log);
  const client = createWebClient({ token: botToken, slackApiUrl, timeoutMs, logger });
  const identity = await identify(client);
  const sockets = createSockets({ ...options, connections: options.connections ?? 2, timeoutMs, logger });
  const app = new App({
    receiver: sockets.receiver,
    // Who we are is known already: Bolt would ask Slack again and leave a rejection unhandled when that fails.
    authorize: async () => ({ botToken, botId: identity.botId, botUserId: identity.botUserId }),
    logger,
    convoStore: false,
    extendedErrorHandler: true,
    clientOptions: {
      ...(slackApiUrl === undefined ? {} : { slackApiUrl }),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: timeoutMs,
      // `respond` has no time-out of its own.
      fetch: async (url, init) => fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(timeoutMs) }),
    },
  });
  app.use(onceEach());
  app.error(async ({ error, body }: { error: Error; body: object }) => answerLost({ error, body, log, timeoutMs }));
  const deps: ListenerDeps = { clusters: options.clusters, now: options.now, log };
  registerListeners(app, deps);
  return {
    client,
    identity,
    start: async () => {
      await app.start();
    },
    stop: async () => {
      await app.stop();
    },
    health: sockets.health,
  };
}
