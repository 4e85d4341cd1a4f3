import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { closeRedis, connectRedis, redisNow } from '../../../src/adapters/redis/connection.ts';
import { takeLease } from '../../../src/adapters/redis/lease.ts';
import { createEpoch } from '../../../src/adapters/redis/slack/epoch.ts';
import { createPostings } from '../../../src/adapters/redis/slack/postings.ts';
import { slackKeys } from '../../../src/adapters/redis/keys.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { createStorms } from '../../../src/adapters/redis/slack/storms.ts';
import { createChat } from '../../../src/adapters/slack/chat.ts';
import { placeOf } from '../../../src/adapters/slack/place.ts';
import { type Log, slackLogger } from '../../../src/adapters/slack/slack-logger.ts';
import { createWebClient, identify } from '../../../src/adapters/slack/web-client.ts';
import type { Place } from '../../../src/core/talk/place.ts';
import type { Reader } from '../../../src/core/talk/readers.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import type { Entry, Incident } from '../../../src/core/incident/incident.ts';
import type { Store } from '../../../src/flow/needs.ts';
import { type Channels, createChannels } from '../../../src/flow/show/channels.ts';
import { createFlood } from '../../../src/flow/show/flood.ts';
import { openFolded } from '../../../src/flow/show/fold.ts';
import { type Clock, createChannelQueues, type Rates } from '../../../src/flow/show/channel-queues.ts';
import { createOpenRoots } from '../../../src/flow/show/lost-roots.ts';
import type { Chat, OpenRoots, Opening, Postings, Storms, Target } from '../../../src/flow/show/needs.ts';
import type { Shown } from '../../../src/flow/show/one-at-a-time.ts';
import { createShow } from '../../../src/flow/show/show.ts';
import { createShowStorm } from '../../../src/flow/show/storm.ts';
import { createTellPause, type PausedCluster } from '../../../src/flow/show/tell-pause.ts';
import { isFolded } from '../../../src/flow/show/turn.ts';
import { untraced } from '../../../src/core/trace.ts';
import { createClock } from '../../../sandbox/clock.ts';
import { startSlack, type Slack, type SlackOptions } from '../../../sandbox/slack/start-slack.ts';
import { uniqueCluster } from '../../redis.ts';
import { aKill } from '../../fixtures/incidents.ts';
import { asUtc } from '../../as-utc.ts';
import { eventually } from '../../eventually.ts';

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
  readonly showStorm: (storm: string) => Promise<Shown>;
  readonly open: (incident: string, by: string) => Promise<Opening>;
  readonly tellPause: (cluster: PausedCluster) => Promise<void>;
  readonly chat: Chat;
  /** As it does at its start. */
  readonly scan: OpenRoots['in'];
  readonly troubles: readonly unknown[];
  /** It sends nothing more and leaves the channel to others. */
  readonly stop: () => Promise<void>;
}

export interface BotWorld {
  readonly slack: Slack;
  readonly channel: string;
  /** Where what is of the namespace `payments` belongs. */
  readonly routed: string;
  readonly channels: Channels;
  readonly cluster: string;
  readonly store: Store;
  readonly postings: Postings;
  readonly storms: Storms;
  /** More first messages than `stormAfter` waiting are a storm; 0, the default, = never. */
  readonly bot: (rates?: Rates, stormAfter?: number, wrap?: Wrap) => Promise<Bot>;
  /** The lease of a bot that is dead ends at once. */
  readonly bury: () => Promise<void>;
  /** Admits a kill of a workload of that name, by default one that was never seen; the id of its incident. */
  readonly kill: (
    workload?: string,
    fingerprint?: string,
    namespace?: string,
    changes?: Partial<Kill>,
  ) => Promise<string>;
  /** Everything that Redis holds of this world's cluster is gone. */
  readonly loseRedis: () => Promise<void>;
  readonly update: (id: string, changes: Partial<Incident>, entries?: readonly Entry[]) => Promise<void>;
  /** Shows until there is nothing left, as queue and sweep would. */
  readonly showAll: (bot: Bot, id: string) => Promise<void>;
  /** The same for the newest storm of the channel, as if no time had to pass; its id. */
  readonly showStorm: (bot: Bot, channel?: string) => Promise<string>;
  /** From now on Redis time seems this many ms later to bots. */
  readonly wait: (ms: number) => void;
  /** The newest storm of the channel was folded into so many ms earlier. */
  readonly ageStorm: (ms: number) => Promise<void>;
  /** Where one of the channel's messages stands. */
  readonly placeOf: (message: ShownMessage | undefined) => Place;
  /** What the bots have for an incident. */
  readonly stateOf: (id: string) => Promise<'posted' | 'folded' | 'wanted' | 'none'>;
  readonly roots: (channel?: string) => readonly ShownMessage[];
  readonly replies: (channel?: string) => readonly ShownMessage[];
}

export interface ShownMessage {
  readonly ts: string;
  readonly text: string;
  readonly blocks: string;
}

/** Wraps what a bot calls the world by, so that a test can end the bot in the middle of it. */
export type Wrap = <T extends object>(world: T) => T;

const neverDies: Wrap = (world) => world;

/** For how long bots wait, ms: by itself for longer than anything takes that is to come. */
interface Patience {
  /** For a channel that is looked through. */
  readonly scanMs?: number;
  /** For an answer of Slack. */
  readonly timeoutMs?: number;
  /** Before a channel that a bot sends into is free for others. */
  readonly leaseMs?: number;
}

/** Who may read of what is told in the routed channel. */
interface Privacy {
  readonly isPrivate?: boolean;
  readonly readers?: readonly Reader[];
}

/** So little of it, and how long Slack has to be silent for it to run out. */
export const impatient = { timeoutMs: 3_000 };
export const silentMs = 3_500;

/** A real Redis, a pretend Slack without rate limits, and as many bots as a test needs. */
export async function openBotWorld(
  redisUrl: string,
  options: Partial<SlackOptions> & Patience & Privacy = {},
): Promise<BotWorld> {
  const { scanMs = 10_000, timeoutMs = 10_000, leaseMs = 5_000, ...more } = options;
  const { readers = [], isPrivate = false, ...slackOptions } = more;
  const redis = connectRedis(redisUrl, { role: 'store', onError: () => undefined });
  const cluster = uniqueCluster();
  // NOTE: queues and storms are kept by channel, for all clusters: files that run beside each other share one Redis.
  const ours = `oom-alerts-${cluster}`;
  const payments = `payments-${cluster}`;
  const seeds = [
    { name: ours },
    { name: payments, isPrivate },
    { name: 'deployments' },
    { name: 'general', botIsMember: false },
  ];
  const slack = await startSlack({
    clock: createClock(),
    limits: 'off',
    fileProcessingMs: 50,
    log: { error: () => undefined },
    ...slackOptions,
    workspace: { channels: seeds, ...slackOptions.workspace },
  });
  const idOf = (wanted: string): string => slack.store.channels().find(({ name }) => name === wanted)?.id ?? '';
  const [channel, routed] = [idOf(ours), idOf(payments)];
  const route = { clusters: ['*'], namespaces: ['pay*'], labels: {}, channel: payments };
  const ids = new Map([[ours, channel] as const, ...(routed === '' ? [] : [[payments, routed] as const])]);
  const publicIds = new Set(isPrivate ? [channel] : ids.values());
  const channels = createChannels({ routes: [route], named: [] }, ours, ids, { readers, publicIds });
  const stormIds: string[] = [];
  const loseRedis = async (): Promise<void> => {
    const storms = stormIds.flatMap((id) => [
      slackKeys.storm(id),
      slackKeys.stormMembers(id),
      slackKeys.stormOrder(id),
    ]);
    const keys = await redis.keys(`*${cluster}*`);
    await redis.del([...keys, ...storms, slackKeys.stormIn(channel), slackKeys.stormIn(routed)]);
    await redis.zrem(slackKeys.stormsDue, 'nothing', ...stormIds);
    losses += 1;
  };
  onTestFinished(async () => {
    await slack.close();
    await loseRedis();
    await closeRedis(redis);
  });
  const store = createStore({ redis, cluster });
  const postings = createPostings({ redis, cluster });
  const everyStorm = createStorms({ redis });
  const storms: Storms = {
    ...everyStorm,
    open: async (storm, expected) => {
      stormIds.push(storm.id);
      return everyStorm.open(storm, expected);
    },
  };
  let losses = 0;
  const readEpoch = createEpoch(redis);
  // Redis holds the mark of all worlds that share it.
  const epoch = async (): Promise<string> => `${await readEpoch()}/${losses}`;
  let laterMs = 0;
  const now = async (): Promise<number> => (await redisNow(redis)) + laterMs;
  let kills = 0;

  const showAll: BotWorld['showAll'] = async (bot, id) => {
    while ((await bot.show(id)).is === 'postponed') {
      await eventually(async () => expect(await postings.due(10)).toContain(id));
    }
  };

  const showStorm: BotWorld['showStorm'] = async (bot, at = channel) => {
    const newest = await storms.newest(at);
    if (newest === null) throw new Error('there is no storm');
    for (;;) {
      const done = await bot.showStorm(newest.id);
      if (done.is === 'shown') return newest.id;
      laterMs = Math.max(laterMs, done.until - (await redisNow(redis)));
    }
  };

  return {
    slack,
    channel,
    routed,
    channels,
    cluster,
    store,
    postings,
    storms,
    showAll,
    showStorm,
    wait: (ms) => {
      laterMs += ms;
    },
    ageStorm: async (ms) => {
      const id = (await storms.newest(channel))?.id ?? '';
      await redis.hincrby(slackKeys.storm(id), 'foldedAt', -ms);
    },
    loseRedis,
    bury: async () => {
      await redis.del(slackKeys.sender(channel), slackKeys.sender(routed));
    },
    placeOf: (root) => placeOf(channel, root?.ts ?? ''),
    stateOf: async (id) => {
      const posting = await postings.read(id);
      if (posting === null) return 'none';
      return posting.root !== null ? 'posted' : isFolded(posting) ? 'folded' : 'wanted';
    },
    bot: async (rates = boundless, stormAfter = 0, wrap = neverDies) => {
      const client = createWebClient({
        token: slack.botToken,
        slackApiUrl: slack.apiUrl,
        timeoutMs,
        logger: slackLogger(silentLog),
      });
      const identity = await identify(client);
      const chat = createChat({ client, identity, log: silentLog, settleMs: 100 });
      const troubles: unknown[] = [];
      const clock: Clock = {
        now: () => performance.now(),
        wait: async (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
      };
      const queues = createChannelQueues({
        lease: async (to, forMs) => takeLease(redis, slackKeys.sender(to), forMs),
        clock,
        rates,
        leaseMs,
        leaseRetryMs: 10,
        patienceMs: 5000,
      });
      onTestFinished(async () => {
        // A dead bot's call never ends.
        const closed = queues.close();
        if (wrap === neverDies) await closed;
      });
      const trouble = (failure: unknown): void => void troubles.push(failure);
      const settings = { searchAgainMs: 400, retryMs: 20, deadChannelMs: 100, scanMs };
      const wrappedChat = wrap(chat);
      const openRoots = createOpenRoots({ chat: wrappedChat, epoch, now, settings });
      const { show } = createShow({
        store: wrap(store),
        postings: wrap(postings),
        chat: wrappedChat,
        queues,
        flood: createFlood({ queues, clock, after: stormAfter, lastsMs: 10_000 }),
        openRoots,
        storms: wrap(storms),
        // Tests say when.
        showStorm: () => undefined,
        now,
        channels,
        settings,
        trouble,
        trace: untraced,
      });
      const showStormNow = createShowStorm({
        storms: wrap(storms),
        chat: wrappedChat,
        queues,
        channels,
        now,
        settings,
        trouble,
      });
      const open: Bot['open'] = async (id, by) => openFolded(id, by, { store, postings });
      const tellPause = createTellPause({ chat: wrappedChat, queues, channels, now, settings, trouble });
      return { show, showStorm: showStormNow, open, tellPause, chat, scan: openRoots.in, troubles, stop: queues.close };
    },
    kill: async (workload = 'checkout', fingerprint, namespace = 'shop', changes = {}) => {
      kills += 1;
      const subject = { ...aKill().subject, cluster, namespace, workload: { kind: 'Deployment', name: workload } };
      const admission = await store.admit(
        aKill({ subject, fingerprint: fingerprint ?? `${cluster}/${kills}`, ...changes }),
        'act',
      );
      if (admission.is === 'known') throw new Error('the kill was known');
      return admission.incident;
    },
    update: async (id, changes, entries = []) => {
      await store.update(id, (loaded) => ({
        incident: { ...loaded.incident, ...changes },
        entries,
        audit: [],
        decided: [],
        dueAt: null,
      }));
    },
    roots: (at = channel) =>
      slack.store
        .timeline(at)
        .filter(({ deleted }) => !deleted)
        .map(shown),
    replies: (at = channel) =>
      slack.store
        .timeline(at)
        .flatMap(({ ts }) => slack.store.replies(at, ts))
        .map(shown),
  };
}

function shown({ ts, text, blocks }: { ts: string; text: string; blocks: readonly unknown[] }): ShownMessage {
  return { ts, text: asUtc(text), blocks: asUtc(JSON.stringify(blocks)) };
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
    chart: null,
    ...changes,
  };
}

/** Straight into a channel. */
export function into(channel: string): Target {
  return { channel, below: null, only: null };
}

export function below(channel: string, root: Place): Target {
  return { channel, below: root, only: null };
}
