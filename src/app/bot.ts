import { readCondition } from '../adapters/redis/store/cluster-condition.ts';
import { listClusters } from '../adapters/redis/store/clusters.ts';
import { knownNamespaces } from '../adapters/redis/store/namespaces.ts';
import { redisNow } from '../adapters/redis/connection.ts';
import { runSlackWorker } from '../adapters/redis/queues/hints.ts';
import { slackKeys } from '../adapters/redis/keys.ts';
import { takeLease } from '../adapters/redis/lease.ts';
import { createEpoch } from '../adapters/redis/slack/epoch.ts';
import { createHomes } from '../adapters/redis/slack/homes.ts';
import { createPausesTold } from '../adapters/redis/slack/pauses-told.ts';
import { createPostings } from '../adapters/redis/slack/postings.ts';
import { createQuestions, type Questions } from '../adapters/redis/queues/questions.ts';
import { createStore } from '../adapters/redis/store/store.ts';
import { keepTeamUrl } from '../adapters/redis/slack/team-url.ts';
import { createStorms } from '../adapters/redis/slack/storms.ts';
import { inTime } from '../adapters/in-time.ts';
import { createSlackApp } from '../adapters/slack/bolt-app.ts';
import { createChat } from '../adapters/slack/chat.ts';
import { permalink } from '../adapters/slack/place.ts';
import { slackRates } from '../adapters/slack/slack-rates.ts';
import { Failure } from '../core/failure.ts';
import type { ClusterCondition } from '../core/talk/cluster-condition.ts';
import type { Place } from '../core/talk/place.ts';
import type { Hints, PausesTold, Store } from '../flow/needs.ts';
import { createFlood } from '../flow/show/flood.ts';
import { openFolded, stormOf } from '../flow/show/fold.ts';
import { createChannelQueues } from '../flow/show/channel-queues.ts';
import type { Clock } from '../flow/show/channel-queues.ts';
import { createOpenRoots } from '../flow/show/lost-roots.ts';
import { usualShowSettings } from '../flow/show/needs.ts';
import type { Opening, Postings } from '../flow/show/needs.ts';
import { createShow } from '../flow/show/show.ts';
import type { Show } from '../flow/show/show.ts';
import { createShowStorm } from '../flow/show/storm.ts';
import { createTellPause } from '../flow/show/tell-pause.ts';
import { channelsFor, scanChannels } from './bot-channels.ts';
import { keepHomes } from './bot-home.ts';
import { startDigests } from './bot-digests.ts';
import { startAlarms } from './notify/start-alarms.ts';
import { deliveryOf, hearHooks } from './hooks/bot-hooks.ts';
import { every } from './every.ts';
import {
  hintsFor,
  jobFailed,
  readyRedis,
  redisCheck,
  redisFor,
  serveOps,
  sweepCheck,
  unreadableTo,
} from './process.ts';
import type { ProcessContext } from './process.ts';
import { tracedChat, tracedQueues } from './traced-chat.ts';
import { wait } from './wait.ts';
import { minuteMs } from '../core/units/duration.ts';

const showConcurrency = 200;
/** Calls that take longer are waiting for their turn in a channel, ms. */
const hintMs = 1_000;
/** Longer than the longest call to Slack. */
const channelLeaseMs = 15_000;
const channelPatienceMs = minuteMs;
const sweepBatch = 200;
/** A storm is stored within this time, even by a slow Redis; ms. */
const floodMs = 3_000;
/** Slack refreshes a connection within seconds; a bot without a connection for longer must be restarted. */
const deafMs = 90_000;

interface Spoken {
  readonly name: string;
  readonly store: Store;
  readonly hints: Hints;
  readonly postings: Postings;
  readonly pausesTold: PausesTold;
  readonly show: Show;
  readonly openThread: (incident: string, by: string) => Promise<Opening>;
  readonly ask: Questions['ask'];
  readonly namespaces: () => Promise<readonly string[] | null>;
  readonly condition: () => Promise<ClusterCondition>;
  readonly place: (incident: string) => Promise<Place | null>;
  readonly storm: (incident: string) => Promise<{ readonly id: string; readonly root: Place | null } | null>;
}

/** Posts and edits the threads, and records what people ask for. It has no right in any cluster. */
export async function startBot(context: ProcessContext): Promise<void> {
  const { config, log, metrics, tracing } = context;
  const { SLACK_BOT_TOKEN: botToken } = config;
  if (botToken === undefined) throw new Failure('bad-configuration', 'SLACK_BOT_TOKEN is needed by the bot.');
  const redis = redisFor(context, 'store');
  const warnings = await readyRedis(context, redis);
  const producer = redisFor(context, 'producer');
  const queues = redisFor(context, 'worker');
  const spoken = new Map<string, Spoken>();
  const alarms = await startAlarms(context, redis);

  const homes = createHomes({ redis, onUnreadable: unreadableTo(context) });
  const slack = await createSlackApp({
    botToken,
    delivery: deliveryOf(config),
    slackApiUrl: config.SLACK_API_URL,
    log,
    clusters: () => knownClusters(),
    reading: () => channels,
    homes,
    stormMembers: (storm) => storms.members(storm),
    now: Date.now,
    refused: (reason) => metrics.slackRefused.inc({ reason }),
    onFatal: context.fatal,
  });
  for (const reason of slack.identity.warnings) log.warn({ reason }, 'slack setup');
  alarms.linkBy(async (cluster, incident) => {
    const postings = createPostings({ redis, cluster });
    const root = (await postings.read(incident))?.root ?? (await stormOf(incident, { postings, storms }))?.root ?? null;
    return permalink(slack.identity.teamUrl, root);
  });
  // Only links are missing without it.
  if (slack.identity.teamUrl !== null)
    await keepTeamUrl(redis, slack.identity.teamUrl).catch((error: unknown) =>
      log.warn({ error }, 'address of the workspace not kept'),
    );
  const { channels, warnings: unknown } = await channelsFor(context, slack.client);
  const chat = tracedChat(
    createChat({ client: slack.client, identity: slack.identity, log }),
    new URL(config.SLACK_API_URL).hostname,
    tracing.trace,
  );
  const perSecond = 1000 / Math.max(1, config.timing.postEveryMs);
  const scale = perSecond / slackRates.post.perSecond;
  const clock: Clock = { now: () => performance.now(), wait };
  const channelQueues = tracedQueues(
    createChannelQueues({
      lease: (channel, forMs) => takeLease(redis, slackKeys.sender(channel), forMs),
      clock,
      rates: {
        post: { ...slackRates.post, perSecond },
        update: { burst: slackRates.update.burst, perSecond: slackRates.update.perSecond * scale },
        ephemeral: { burst: slackRates.ephemeral.burst, perSecond: slackRates.ephemeral.perSecond * scale },
      },
      leaseMs: Math.min(channelLeaseMs, config.timing.lockMs),
      leaseRetryMs: 250,
      patienceMs: channelPatienceMs,
    }),
    tracing,
  );
  context.add({ name: 'channel queues', stop: channelQueues.close });

  const now = (): Promise<number> => redisNow(redis);
  const settings = { ...usualShowSettings, searchAgainMs: config.timing.searchAgainMs };
  const trouble = (failure: unknown, about: object): void => {
    metrics.showTroubles.inc({ code: failure instanceof Failure ? failure.code : 'unknown' });
    log[context.newer.noted(failure) ? 'debug' : 'warn']({ error: failure, ...about }, 'cannot show');
  };
  const flood = createFlood({ queues: channelQueues, clock, after: config.OOMKEEPER_STORM_AFTER, lastsMs: floodMs });
  const onUnreadable = unreadableTo(context);
  const storms = createStorms({ redis, onUnreadable });
  const openRoots = createOpenRoots({ chat, epoch: createEpoch(redis), now, settings });
  const updateStorm = createShowStorm({
    storms,
    chat,
    queues: channelQueues,
    channels,
    now,
    settings,
    trouble,
  });
  const showStorm = (storm: string): void => {
    updateStorm(storm).catch((error: unknown) => log.warn({ error, storm }, 'show failed'));
  };

  const tellPause = createTellPause({ chat, queues: channelQueues, channels, now, settings, trouble });

  async function knownClusters(): Promise<readonly Spoken[]> {
    for (const name of await listClusters(redis)) if (!spoken.has(name)) spoken.set(name, speakFor(name));
    return [...spoken.values()];
  }

  function speakFor(cluster: string): Spoken {
    const stored = createStore({ redis, cluster, onUnreadable });
    const store: Store = {
      ...stored,
      // By Redis' clock, as whatever expires: the bot's own may be wrong.
      recordRequest: async (request) => stored.recordRequest({ ...request, at: await now() }),
    };
    const postings = createPostings({ redis, cluster, onUnreadable });
    const pausesTold = createPausesTold(redis, cluster);
    const hints = hintsFor(context, producer, cluster);
    const show = createShow({
      store,
      postings,
      chat,
      queues: channelQueues,
      flood,
      openRoots,
      storms,
      showStorm,
      now,
      channels,
      settings,
      trouble,
      trace: tracing.trace,
    });
    const openThread = async (incident: string, by: string): Promise<Opening> => {
      const opening = await openFolded(incident, by, { store, postings });
      // The hint only makes it faster: the incident is due anyway.
      if (opening.is === 'opened') await hints.show(incident);
      return opening;
    };
    const questions = createQuestions({ redis, producer, cluster });
    context.add({ name: `questions of ${cluster}`, stop: questions.close });
    const place = async (incident: string): Promise<Place | null> => (await postings.read(incident))?.root ?? null;
    const condition = (): Promise<ClusterCondition> => readCondition(redis, cluster);
    const namespaces = (): Promise<readonly string[] | null> => knownNamespaces(redis, cluster, onUnreadable);
    return {
      name: cluster,
      store,
      hints,
      postings,
      pausesTold,
      show,
      openThread,
      ask: questions.ask,
      namespaces,
      condition,
      place,
      storm: (incident) => stormOf(incident, { postings, storms }),
    };
  }

  const homeTabs = keepHomes(context, { homes, slack });
  const worker = runSlackWorker({
    redis: queues,
    concurrency: showConcurrency,
    lockDuration: config.timing.lockMs,
    stalledInterval: config.timing.lockMs / 2,
    onError: jobFailed(context),
    handle: async (cluster, incident) => {
      alarms.hint(cluster, incident);
      const one = spoken.get(cluster) ?? (await knownClusters()).find(({ name }) => name === cluster);
      // Hundreds of edits that wait for their turn would hold up the hint about a kill that nobody has seen yet.
      if (!one) {
        log.warn({ cluster, incident }, 'hint for a cluster without a worker');
        return;
      }
      homeTabs.changed();
      const showing = one.show.show(incident);
      await inTime(showing, hintMs, () => {
        showing.catch((error: unknown) => log.warn({ error, incident }, 'show failed'));
      });
    },
  });
  context.add({ name: 'slack worker', stop: () => worker.close() });

  const sweeps = sweepCheck(metrics, deafMs);
  const sweeping = every(
    config.timing.sweepEveryMs,
    async () => {
      const clusters = await knownClusters();
      for (const one of clusters) {
        const { postings, show, name: cluster } = one;
        tellPause(one).catch((error: unknown) => log.warn({ error, cluster }, 'pause not told'));
        for (const incident of await postings.due(sweepBatch))
          show.show(incident).catch((error: unknown) => log.warn({ error, incident }, 'show failed'));
      }
      for (const storm of await storms.due(sweepBatch)) showStorm(storm);
      sweeps.swept();
    },
    (error) => {
      sweeps.failed();
      log.warn({ error }, 'sweep failed');
    },
  );
  context.add({ name: 'sweep', stop: sweeping.stop });
  await startDigests(context, { redis, channels, chat, queues: channelQueues, clusters: knownClusters, now, settings });

  context.add({ name: 'slack', stop: slack.stop });
  await slack.start();
  await hearHooks(
    context,
    slack.door,
    async (name) => (await knownClusters()).find((one) => one.name === name)?.hints ?? null,
    knownClusters,
  );
  scanChannels(context, openRoots, { channels, pace: scale });
  const deaf = (): string | null => {
    const deafSince = slack.health()?.deafSince ?? null;
    return deafSince === null ? null : `Not one socket to Slack is open since ${new Date(deafSince).toISOString()}.`;
  };
  await serveOps(context, {
    ready: [redisCheck(redis, slackKeys.clusters), { name: 'slack', problem: deaf }],
    alive: [
      {
        name: 'slack',
        problem: () => (Date.now() - (slack.health()?.deafSince ?? Date.now()) < deafMs ? null : deaf()),
      },
      sweeps.check,
    ],
    warnings: [...warnings, ...slack.identity.warnings, ...unknown],
  });
  log.info({ channel: channels.fallback, channels: channels.all.length }, 'talking');
}
