import { setTimeout as sleep } from 'node:timers/promises';
import { listClusters } from '../adapters/redis/clusters.ts';
import { redisNow } from '../adapters/redis/connection.ts';
import { runSlackWorker } from '../adapters/redis/hint-workers.ts';
import { slackKeys } from '../adapters/redis/keys.ts';
import { takeLease } from '../adapters/redis/lease.ts';
import { createPostings } from '../adapters/redis/postings.ts';
import { createStore } from '../adapters/redis/store.ts';
import { createSlackApp } from '../adapters/slack/bolt-app.ts';
import { createChat } from '../adapters/slack/chat.ts';
import { resolveChannel } from '../adapters/slack/web-client.ts';
import { Failure } from '../core/failure.ts';
import type { Hints, Postings, Store } from '../flow/needs.ts';
import { SCAN_BACK_MS } from '../flow/show/adopt.ts';
import { createLanes, slackRates } from '../flow/show/lanes.ts';
import { usualShowSettings } from '../flow/show/needs.ts';
import { createShow } from '../flow/show/show.ts';
import type { Show } from '../flow/show/show.ts';
import { every } from './every.ts';
import { hintsFor, readyRedis, redisCheck, redisFor, serveOps } from './process.ts';
import type { ProcessContext } from './process.ts';

const showConcurrency = 200;
/** Longer than the longest call to Slack. */
const laneLeaseMs = 15_000;
const lanePatienceMs = 60_000;
const sweepBatch = 200;
/** Slack's refresh of one connection is over in seconds; a bot that is deaf for longer has to be started again. */
const deafMs = 90_000;

interface Spoken {
  readonly name: string;
  readonly store: Store;
  readonly hints: Hints;
  readonly postings: Postings;
  readonly show: Show;
}

/** Posts and edits the threads, and records what people ask for. It has no right in any cluster. */
export async function startBot(context: ProcessContext): Promise<void> {
  const { config, log, metrics } = context;
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken } = config;
  if (botToken === undefined || appToken === undefined)
    throw new Failure('bad-configuration', 'SLACK_BOT_TOKEN and SLACK_APP_TOKEN are needed by the bot.');
  const redis = redisFor(context, 'store');
  const warnings = await readyRedis(context, redis);
  const producer = redisFor(context, 'producer');
  const queues = redisFor(context, 'worker');
  const spoken = new Map<string, Spoken>();

  const slack = await createSlackApp({
    botToken,
    appToken,
    slackApiUrl: config.SLACK_API_URL,
    log,
    clusters: () => knownClusters(),
    now: Date.now,
    onFatal: context.fatal,
  });
  const channel = await resolveChannel(slack.client, config.OOMKEEPER_CHANNEL);
  const chat = createChat({ client: slack.client, identity: slack.identity, approvers: config.OOMKEEPER_APPROVERS });
  const perSecond = 1000 / Math.max(1, config.OOMKEEPER_POST_EVERY);
  const scale = perSecond / slackRates.post.perSecond;
  const lanes = createLanes({
    lease: (lane, forMs) => takeLease(redis, slackKeys.lane(lane), forMs),
    clock: {
      now: () => performance.now(),
      wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    },
    rates: {
      post: { ...slackRates.post, perSecond },
      update: { burst: slackRates.update.burst, perSecond: slackRates.update.perSecond * scale },
      ephemeral: { burst: slackRates.ephemeral.burst, perSecond: slackRates.ephemeral.perSecond * scale },
    },
    leaseMs: Math.min(laneLeaseMs, config.OOMKEEPER_LOCK_DURATION),
    leaseRetryMs: 250,
    patienceMs: lanePatienceMs,
  });
  context.add({ name: 'lanes', stop: lanes.close });

  async function knownClusters(): Promise<readonly Spoken[]> {
    for (const { name } of await listClusters(redis)) if (!spoken.has(name)) spoken.set(name, speakFor(name));
    return [...spoken.values()];
  }

  function speakFor(cluster: string): Spoken {
    const store = createStore({ redis, cluster });
    const postings = createPostings({ redis, cluster });
    const hints = hintsFor(context, producer, cluster);
    const show = createShow({
      store,
      postings,
      chat,
      lanes,
      now: () => redisNow(redis),
      channelOf: () => channel,
      settings: { ...usualShowSettings, searchAgainMs: config.OOMKEEPER_SEARCH_AGAIN_AFTER },
      trouble: (failure, about) => {
        metrics.showTroubles.inc({ code: failure instanceof Failure ? failure.code : 'unknown' });
        log.warn({ error: failure, ...about }, 'cannot show');
      },
    });
    return { name: cluster, store, hints, postings, show };
  }

  const worker = runSlackWorker({
    redis: queues,
    concurrency: showConcurrency,
    lockDuration: config.OOMKEEPER_LOCK_DURATION,
    stalledInterval: config.OOMKEEPER_LOCK_DURATION / 2,
    onError: (failure, job) => log.error({ error: failure, job }, 'job failed'),
    handle: async (cluster, incident) => {
      const one = spoken.get(cluster) ?? (await knownClusters()).find(({ name }) => name === cluster);
      await one?.show.show(incident);
    },
  });
  context.add({ name: 'slack worker', stop: () => worker.close() });

  let sweptAt = Date.now();
  const sweeping = every(
    config.OOMKEEPER_SWEEP_EVERY,
    async () => {
      const clusters = await knownClusters();
      for (const { postings, show } of clusters) {
        for (const incident of await postings.due(sweepBatch))
          show.show(incident).catch((error: unknown) => log.warn({ error, incident }, 'show failed'));
      }
      sweptAt = Date.now();
      metrics.lastActivity.setToCurrentTime();
    },
    (error) => log.warn({ error }, 'sweep failed'),
  );
  context.add({ name: 'sweep', stop: sweeping.stop });

  context.add({ name: 'slack', stop: slack.stop });
  await slack.start();
  // Looked at before the first kill, so that its announcement need not wait for it.
  chat
    .openRoots(channel, Date.now() - SCAN_BACK_MS, false)
    .catch((error: unknown) => log.warn({ error, channel }, 'channel not scanned yet'));
  const deaf = (): string | null => {
    const { deafSince } = slack.health();
    return deafSince === null ? null : `Not one socket to Slack is open since ${new Date(deafSince).toISOString()}.`;
  };
  await serveOps(context, {
    ready: [redisCheck(redis), { name: 'slack', problem: deaf }],
    alive: [
      {
        name: 'slack',
        problem: () => (Date.now() - (slack.health().deafSince ?? Date.now()) < deafMs ? null : deaf()),
      },
      {
        name: 'sweep',
        problem: () => (Date.now() - sweptAt < deafMs ? null : 'No sweep has ended for 90 s.'),
      },
    ],
    warnings,
  });
  log.info({ channel }, 'talking');
}
