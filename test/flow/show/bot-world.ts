import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { closeRedis, connectRedis, redisNow } from '../../../src/adapters/redis/connection.ts';
import { createPostings } from '../../../src/adapters/redis/postings.ts';
import { createStore } from '../../../src/adapters/redis/store.ts';
import { createChat } from '../../../src/adapters/slack/chat.ts';
import { type Log, slackLogger } from '../../../src/adapters/slack/slack-logger.ts';
import { createWebClient, identify } from '../../../src/adapters/slack/web-client.ts';
import type { Entry, Incident } from '../../../src/core/incident/incident.ts';
import type { Chat, Postings, Store } from '../../../src/flow/needs.ts';
import { createLanes, type Rates } from '../../../src/flow/show/lanes.ts';
import { createShow, type Shown } from '../../../src/flow/show/show.ts';
import { createClock } from '../../../sandbox/clock.ts';
import { startSlack, type Slack, type SlackOptions } from '../../../sandbox/slack/start-slack.ts';
import { uniqueCluster } from '../../redis.ts';
import { aKill } from '../../unit/adapters/slack/loaded.ts';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Faster than Slack allows: pacing has a test of its own. */
const boundless: Rates = {
  post: { burst: 1000, perSecond: 1000 },
  update: { burst: 1000, perSecond: 1000 },
  ephemeral: { burst: 1000, perSecond: 1000 },
};

export interface Bot {
  readonly show: (incident: string) => Promise<Shown>;
  readonly chat: Chat;
  readonly troubles: readonly unknown[];
}

export interface BotWorld {
  readonly slack: Slack;
  readonly channel: string;
  readonly cluster: string;
  readonly store: Store;
  readonly postings: Postings;
  readonly bot: (rates?: Rates) => Promise<Bot>;
  /** Admits a kill of a workload of that name, by default one that was never seen; the id of its incident. */
  readonly kill: (workload?: string, fingerprint?: string) => Promise<string>;
  /** Everything that Redis holds of this world's cluster is gone. */
  readonly loseRedis: () => Promise<void>;
  readonly update: (id: string, changes: Partial<Incident>, entries?: readonly Entry[]) => Promise<void>;
  /** Shows until there is nothing left, as queue and sweep would. */
  readonly showAll: (bot: Bot, id: string) => Promise<void>;
  readonly roots: () => readonly ShownMessage[];
  readonly replies: () => readonly ShownMessage[];
}

export interface ShownMessage {
  readonly ts: string;
  readonly text: string;
  readonly blocks: string;
}

/** A real Redis, a pretend Slack without rate limits, and as many bots as a test needs. */
export async function openBotWorld(redisUrl: string, options: Partial<SlackOptions> = {}): Promise<BotWorld> {
  const redis = connectRedis(redisUrl, { role: 'store', onError: () => undefined });
  const slack = await startSlack({ clock: createClock(), limits: 'off', log: { error: () => undefined }, ...options });
  const cluster = uniqueCluster();
  const loseRedis = async (): Promise<void> => {
    await redis.del((await redis.keys(`*${cluster}*`)).concat('nothing'));
  };
  onTestFinished(async () => {
    await slack.close();
    await loseRedis();
    await closeRedis(redis);
  });
  const channel = slack.store.channels().find(({ name }) => name === 'oom-alerts')?.id ?? '';
  const store = createStore({ redis, cluster });
  const postings = createPostings({ redis, cluster });
  let kills = 0;

  const showAll: BotWorld['showAll'] = async (bot, id) => {
    while ((await bot.show(id)).is === 'postponed') {
      await expect.poll(async () => postings.due(10), { timeout: 5000, interval: 20 }).toContain(id);
    }
  };

  return {
    slack,
    channel,
    cluster,
    store,
    postings,
    showAll,
    loseRedis,
    bot: async (rates = boundless) => {
      const client = createWebClient({
        token: slack.botToken,
        slackApiUrl: slack.apiUrl,
        timeoutMs: 500,
        logger: slackLogger(silentLog),
      });
      const chat = createChat({ client, identity: await identify(client), approvers: [] });
      const troubles: unknown[] = [];
      const lanes = createLanes({
        lease: postings.lane,
        clock: {
          now: () => performance.now(),
          wait: async (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
        },
        rates,
        leaseMs: 5000,
        leaseRetryMs: 10,
        patienceMs: 5000,
      });
      onTestFinished(lanes.close);
      const { show } = createShow({
        store,
        postings,
        chat,
        lanes,
        now: async () => redisNow(redis),
        channelOf: () => channel,
        settings: { searchAgainMs: 400, retryMs: 20, deadChannelMs: 100, scanMs: 300 },
        trouble: (failure) => troubles.push(failure),
      });
      return { show, chat, troubles };
    },
    kill: async (workload = 'checkout', fingerprint) => {
      kills += 1;
      const subject = { ...aKill().subject, cluster, workload: { kind: 'Deployment', name: workload } };
      const admission = await store.admit(aKill({ subject, fingerprint: fingerprint ?? `${cluster}/${kills}` }), 'act');
      if (admission.is === 'known') throw new Error('the kill was known');
      return admission.incident;
    },
    update: async (id, changes, entries = []) => {
      await store.update(id, (loaded) => ({
        incident: { ...loaded.incident, ...changes },
        entries,
        decided: [],
        dueAt: null,
      }));
    },
    roots: () =>
      slack.store
        .timeline(channel)
        .filter(({ deleted }) => !deleted)
        .map(shown),
    replies: () =>
      slack.store
        .timeline(channel)
        .flatMap(({ ts }) => slack.store.replies(channel, ts))
        .map(shown),
  };
}

function shown({ ts, text, blocks }: { ts: string; text: string; blocks: readonly unknown[] }): ShownMessage {
  return { ts, text, blocks: JSON.stringify(blocks) };
}

/** An entry for the thread. */
export function aLine(text: string, changes: Partial<Entry> = {}): Entry {
  return {
    at: 1_790_000_000_000,
    audience: { to: 'thread' },
    kind: 'evidence',
    text,
    people: [],
    pre: null,
    broadcast: false,
    ...changes,
  };
}
