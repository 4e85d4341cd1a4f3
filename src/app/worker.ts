import { connect } from '../adapters/kubernetes/transport/connect.ts';
import { createClusterReader } from '../adapters/kubernetes/read/read-cluster.ts';
import { createClusterWriter } from '../adapters/kubernetes/write/write-cluster.ts';
import { registerCluster } from '../adapters/redis/store/clusters.ts';
import { redisNow } from '../adapters/redis/connection.ts';
import { runIncidentWorker } from '../adapters/redis/queues/hints.ts';
import { clusterKeys } from '../adapters/redis/keys.ts';
import { runKillWorker } from '../adapters/redis/queues/kills.ts';
import { createPostings } from '../adapters/redis/slack/postings.ts';
import { readTeamUrl } from '../adapters/redis/slack/team-url.ts';
import { createStore } from '../adapters/redis/store/store.ts';
import { permalink } from '../adapters/slack/place.ts';
import type { Trigger } from '../core/kill/trigger.ts';
import { admitKill, admitSure } from '../flow/admit.ts';
import { warnOfNode } from '../flow/ahead/warn-of-node.ts';
import { createKillPriority } from '../flow/kill-priority.ts';
import { advanceWhenFree } from '../flow/advance.ts';
import { hearAlerts } from '../flow/ahead/hear-alerts.ts';
import { judgeAgain } from '../flow/judge-again.ts';
import type { NextLooks } from '../flow/judge-again.ts';
import { setPause } from '../flow/pause.ts';
import { nothingUnderWay, sweep, sweptAll } from '../flow/sweep.ts';
import type { WorkerNeeds } from '../flow/worker-needs.ts';
import { hearNeedsFor, lookAheadFor, warnNeedsFor } from './ahead.ts';
import { clusterOf } from './config/config.ts';
import { startCounters } from './counters.ts';
import { connectOptions } from './connect-options.ts';
import { startDeadLetters } from './dead-letters.ts';
import { every } from './every.ts';
import { forgeFor } from './forge.ts';
import type { Transport } from '../adapters/kubernetes/transport/transport.ts';
import type { ClusterWriter } from '../flow/needs.ts';
import type { Config } from './config/config.ts';
import { readPolicy } from './config/policy-file.ts';
import { startNamespaces } from './namespaces.ts';
import {
  hintsFor,
  jobFailed,
  queueCheck,
  readyRedis,
  redisCheck,
  redisFor,
  serveOps,
  sweepCheck,
  unreadableTo,
} from './process.ts';
import type { ProcessContext } from './process.ts';
import { answerQuestions } from './questions.ts';
import { tracedCount, tracedJob } from './traced-kills.ts';
import { startTests } from './tests.ts';
import { startUsage } from './usage.ts';
import { wait } from './wait.ts';
import { hourMs } from '../core/units/duration.ts';

const killConcurrency = 20;
const incidentConcurrency = 10;
/** Between two checks of whether an applied change is in force. */
const confirmEveryMs = 2_000;
/** Evidence that lags behind the kill (a scrape is 15 to 60 s) is read once more after this. */
const settleMs = 75_000;
/** Explanations wait for the first message about a kill, but not for longer than a person would notice. */
const killPriorityOf = { quietMs: 150, mostMs: 2_000, now: () => performance.now(), wait };
const refreshMs = hourMs;
/** Sweeps that fail for this long mean that the worker does no work. */
const deadMs = 120_000;

/** Changes the cluster; in mode observe it refuses, whatever its caller does. */
export function writerFor(
  { OOMKEEPER_MODE: mode }: Pick<Config, 'OOMKEEPER_MODE'>,
  transport: Transport,
): ClusterWriter {
  return createClusterWriter({ transport, mode });
}

/** Admits kills, explains incidents, carries out approved plans, verifies. Writes to the cluster only in mode act. */
export async function startWorker(context: ProcessContext): Promise<void> {
  const { config, log, metrics, tracing } = context;
  const cluster = clusterOf(config);
  const policy = await readPolicy(config);
  const redis = redisFor(context, 'store');
  const warnings = await readyRedis(context, redis);
  const producer = redisFor(context, 'producer');
  const queues = redisFor(context, 'worker');
  const transport = await connect(connectOptions(config));
  const store = createStore({
    redis,
    cluster,
    stopping: context.stopping,
    onUnreadable: unreadableTo(context),
  });
  const postings = createPostings({ redis, cluster });
  const usage = startUsage(context, { cluster, redis, transport, store });
  const needs: WorkerNeeds = {
    store,
    hints: hintsFor(context, producer, cluster),
    reader: createClusterReader({
      transport,
      deadlineMs: config.timing.evidenceDeadlineMs,
      usage: usage.usage,
      usageNow: usage.usageNow,
      loads: policy.loads,
      now: Date.now,
      trace: tracing.trace,
    }),
    writer: writerFor(config, transport),
    now: () => redisNow(redis),
    wait,
    policy: {
      mode: config.OOMKEEPER_MODE,
      rules: policy.approvals,
      freezes: policy.freezes,
      silence: policy.silence,
      approvalTtlMs: config.OOMKEEPER_APPROVAL_TTL,
      changeTtlMs: config.OOMKEEPER_CHANGE_TTL,
    },
    notify: policy,
    threadUrl: async (incident) => permalink(await readTeamUrl(redis), (await postings.read(incident))?.root ?? null),
    forge: forgeFor(context),
    sources: policy.sources,
    pace: {
      explainAgainMs: config.timing.explainAgainMs,
      settleMs,
      runSettledMs: config.timing.forecastSettledMs,
      refreshMs,
      impactEveryMs: config.timing.impactEveryMs,
      confirmEveryMs: Math.min(confirmEveryMs, config.OOMKEEPER_CONFIRM_TIMEOUT / 5),
      confirmTimeoutMs: config.OOMKEEPER_CONFIRM_TIMEOUT,
      verifyAfterMs: config.OOMKEEPER_VERIFY_AFTER,
      watchAtMostMs: config.timing.watchAtMostMs,
      syncTimeoutMs: config.OOMKEEPER_SYNC_TIMEOUT,
      pollMs: config.timing.pollPullRequestsMs,
      leaseMs: config.timing.lockMs,
    },
    log: (level, message, fields) => log[level](fields ?? {}, message),
    trace: tracing.trace,
    onSetAside: () => metrics.setAside.inc(),
  };

  const warnNeeds = warnNeedsFor(cluster, transport, needs);
  usage.startSampling(lookAheadFor(context, warnNeeds, usage));

  const onError = jobFailed(context);
  const timing = { lockDuration: config.timing.lockMs, stalledInterval: config.timing.lockMs / 2 };
  const killPriority = createKillPriority(killPriorityOf);
  const takeKill = async (trigger: Trigger, ends = 0): Promise<void> => {
    const end = metrics.stepSeconds.startTimer({ queue: 'kills' });
    killPriority.killed();
    try {
      const admission = await tracedJob(tracing.trace, trigger, async (carried) =>
        carried.kind === 'ahead' ? warnOfNode(carried, needs) : admitKill(carried, needs, ends),
      );
      metrics.admissions.inc({ result: admission.is });
    } finally {
      killPriority.killed();
      end();
    }
  };
  const kills = runKillWorker({
    redis: queues,
    cluster,
    concurrency: killConcurrency,
    ...timing,
    onError,
    handle: takeKill,
  });
  context.add({ name: 'kill worker', stop: () => kills.close() });
  const incidents = runIncidentWorker({
    redis: queues,
    cluster,
    concurrency: incidentConcurrency,
    ...timing,
    onError,
    handle: async (incident) => {
      await killPriority.turn();
      const end = metrics.stepSeconds.startTimer({ queue: 'incidents' });
      try {
        await advanceWhenFree(incident, needs);
      } finally {
        end();
      }
    },
  });
  context.add({ name: 'incident worker', stop: () => incidents.close() });

  startCounters(context, {
    cluster,
    redis,
    transport,
    store,
    usage,
    admit: (kill) => tracedCount(tracing.trace, kill, (carried) => admitSure(carried, needs)),
  });

  answerQuestions(context, {
    cluster,
    redis,
    queues,
    transport,
    store,
    usage,
    memoryPrice: policy.memoryPrice,
    freezes: policy.freezes,
    pause: (question) => setPause(question, { ...needs, cluster }),
    test: startTests(context, { cluster, redis, transport, needs, tests: policy.tests }),
    hearAlerts: (alerts) => hearAlerts(alerts, hearNeedsFor(transport, warnNeeds, config.OOMKEEPER_NAMESPACES)),
  });

  startNamespaces(context, { cluster, redis, transport });
  startDeadLetters(context, { cluster, redis, take: takeKill });

  await registerCluster(redis, cluster);
  const sweeps = sweepCheck(metrics, deadMs);
  const underWay = nothingUnderWay();
  const sweeping = every(
    config.timing.sweepEveryMs,
    async () => {
      await registerCluster(redis, cluster);
      await sweep(needs, { underWay, mostMs: config.timing.sweepEveryMs });
      sweeps.swept();
    },
    (error) => {
      sweeps.failed();
      log.warn({ error }, 'sweep failed');
    },
  );
  context.add({
    name: 'sweep',
    stop: async () => {
      await sweeping.stop();
      await sweptAll(underWay);
    },
  });
  const looks: NextLooks = new Map();
  const judging = every(
    config.timing.sweepEveryMs,
    async () => void (await judgeAgain(needs, looks)),
    (error) => log.warn({ error }, 'suspects could not be judged again'),
  );
  context.add({ name: 'suspects', stop: judging.stop });

  await serveOps(context, {
    ready: [redisCheck(redis, clusterKeys(cluster).due)],
    alive: [sweeps.check, queueCheck('kills', kills, deadMs), queueCheck('incidents', incidents, deadMs)],
    warnings,
  });
  log.info({ mode: config.OOMKEEPER_MODE, server: transport.server }, 'working');
}
