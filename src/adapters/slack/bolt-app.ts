import type { Receiver, webApi } from '@slack/bolt';
import type { Failure } from '../../core/failure.ts';
import { answerLost } from './answer-lost.ts';
import { CheckedApp, type CheckedOptions } from './deliveries/checked-app.ts';
import { onceEach } from './once-each.ts';
import { createGroupsOf } from './groups-of.ts';
import { createShowHome } from './home/show-home.ts';
import type { Cluster, ListenerDeps } from './listeners/deps.ts';
import { registerListeners } from './listeners/register.ts';
import { createSignedHttp, type SlackDoor } from './signed-http.ts';
import { slackLogger, type Log, type SlackLogger } from './slack-logger.ts';
import { createPeople } from './standing-of.ts';
import { createSockets, type SocketHealth } from './sockets.ts';
import { clientOptions, createWebClient, identify, type SlackIdentity } from './web-client.ts';

export interface SlackAppOptions {
  readonly botToken: string;
  /** How Slack's commands, clicks and events get here. */
  readonly delivery: { readonly appToken: string } | { readonly signingSecret: string };
  /** Ends in `/api/`; Slack's own by default. */
  readonly slackApiUrl?: string | undefined;
  /** Socket Mode connections; two, so that Slack's refresh of one loses nothing. */
  readonly connections?: number;
  /** ms for one call. */
  readonly timeoutMs?: number;
  readonly log: Log;
  /** Clusters that the bot speaks for, as they are now. */
  readonly clusters: () => Promise<readonly Cluster[]>;
  readonly reading: ListenerDeps['reading'];
  readonly homes: ListenerDeps['homes'];
  readonly stormMembers: ListenerDeps['stormMembers'];
  /** ms UTC */
  readonly now: () => number;
  /** Something from Slack was refused. */
  readonly refused?: CheckedOptions['refused'];
  /** Slack refuses for good: the process should end with this message. */
  readonly onFatal: (failure: Failure) => void;
}

export interface SlackApp {
  readonly client: webApi.WebClient;
  readonly identity: SlackIdentity;
  readonly showHome: ListenerDeps['showHome'];
  /** Resolves when the first connection is up. @throws Failure when Slack refuses for good. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Of Socket Mode; null with signed HTTP, where Slack calls us. */
  readonly health: () => SocketHealth | null;
  /** Answers Slack's requests in signed HTTP mode; null in Socket Mode. */
  readonly door: SlackDoor | null;
}

/**
 * The Bolt app with its listeners, over two Socket Mode connections that share them or over signed HTTP.
 * @throws Failure `chat-invalid-auth` when the bot token is wrong, `chat-unreachable` when Slack is.
 */
export async function createSlackApp(options: SlackAppOptions): Promise<SlackApp> {
  const { botToken, slackApiUrl, log, timeoutMs = 10_000 } = options;
  const logger = slackLogger(log);
  const client = createWebClient({ token: botToken, slackApiUrl, timeoutMs, logger });
  const identity = await identify(client);
  const way = createDelivery(options, timeoutMs, logger);
  const tell = { client, slackApiUrl, timeoutMs, log };
  const app = new CheckedApp(
    {
      receiver: way.receiver,
      // Who we are is known already: Bolt would ask Slack again and leave a rejection unhandled when that fails.
      authorize: async () => ({ botToken, botId: identity.botId, botUserId: identity.botUserId }),
      logger,
      convoStore: false,
      extendedErrorHandler: true,
      clientOptions: clientOptions({ slackApiUrl, timeoutMs }),
    },
    { ...tell, identity, refused: options.refused ?? (() => undefined) },
  );
  app.use(onceEach());
  app.error(async ({ error, body }: { error: Error; body: object }) => answerLost(error, body, tell));
  const groupsOf = createGroupsOf(client, { now: options.now, log });
  const people = createPeople(client, { identity, now: options.now, log });
  const { clusters, reading, homes, stormMembers, now } = options;
  const home = { clusters, groupsOf, people, reading, homes, teamUrl: identity.teamUrl, log };
  const showHome = createShowHome(home, client);
  const deps: ListenerDeps = { ...home, showHome, stormMembers, slackApiUrl, now };
  registerListeners(app, deps);
  return {
    client,
    identity,
    showHome,
    start: async () => {
      await app.start();
    },
    stop: async () => {
      await app.stop();
    },
    health: way.health,
    door: way.door,
  };
}

function createDelivery(
  options: SlackAppOptions,
  timeoutMs: number,
  logger: SlackLogger,
): Pick<SlackApp, 'health' | 'door'> & { readonly receiver: Receiver } {
  const { delivery, connections = 2 } = options;
  if ('signingSecret' in delivery) return { ...createSignedHttp(delivery.signingSecret, options), health: () => null };
  const { appToken } = delivery;
  return { ...createSockets({ ...options, appToken, connections, timeoutMs, logger }), door: null };
}
