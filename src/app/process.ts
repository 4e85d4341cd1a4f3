import { redisWarnings } from '../adapters/redis/redis-warnings.ts';
import { closeRedis, connectRedis, redisReady } from '../adapters/redis/connection.ts';
import type { RedisRole } from '../adapters/redis/connection.ts';
import { createHints } from '../adapters/redis/queues/hints.ts';
import type { RedisClient } from '../adapters/redis/redis-client.ts';
import type { Logger } from '../adapters/telemetry/log.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Tracing } from '../adapters/telemetry/tracing/tracing.ts';
import { Failure } from '../core/failure.ts';
import { createRecent } from '../core/units/recent.ts';
import type { Hints, Skipped } from '../flow/needs.ts';
import type { Config } from './config/config.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { NewerDocuments } from './newer-documents.ts';
import { startOpsServer } from './ops-server.ts';
import type { Check } from './ops-server.ts';

/** What every process of ours has. */
export interface ProcessContext extends Lifecycle {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly newer: NewerDocuments;
  readonly tracing: Tracing;
}

/** At the start, how long to wait for Redis before the log says so. */
const firstWaitMs = 5_000;

/** Opens a connection that is closed at the end. */
export function redisFor(context: ProcessContext, role: RedisRole): RedisClient {
  const redis = connectRedis(context.config.REDIS_URL, {
    role,
    onError: (failure) => context.log.warn({ role, code: failure.code, reason: failure.message }, 'redis connection'),
  });
  context.add({ name: `redis ${role}`, stop: () => closeRedis(redis) });
  return redis;
}

/**
 * Waits until Redis answers and checks its configuration. Returns the warnings.
 * @throws Failure('redis-evicts'), and Failure('stopping') when the process is told to stop before Redis answers
 */
export async function readyRedis(context: ProcessContext, redis: RedisClient): Promise<readonly string[]> {
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined);
  const stop = (): void =>
    stopped.reject(new Failure('stopping', 'The process was told to stop before Redis could be reached.'));
  if (context.stopping.aborted) stop();
  context.stopping.addEventListener('abort', stop, { once: true });
  for (;;) {
    try {
      await Promise.race([redisReady(redis, firstWaitMs), stopped.promise]);
      const warnings = await redisWarnings(redis);
      for (const { code, text } of warnings) context.log.warn({ code, reason: text }, 'redis setup');
      return warnings.map(({ text }) => text);
    } catch (error) {
      if (error instanceof Failure && error.retry === 'never') throw error;
      context.log.warn({ error }, 'waiting for redis');
    }
  }
}

/** Serves health, readiness and metrics until the end. */
export async function serveOps(
  context: ProcessContext,
  checks: { readonly ready: readonly Check[]; readonly alive: readonly Check[]; readonly warnings: readonly string[] },
): Promise<void> {
  const { config, metrics, log, newer } = context;
  const server = await startOpsServer({
    host: config.OOMKEEPER_OPS_HOST,
    port: config.OOMKEEPER_OPS_PORT,
    ready: checks.ready,
    alive: checks.alive,
    warnings: () => [...checks.warnings, ...newer.warnings()],
    metrics,
  });
  context.add({ name: 'ops server', stop: server.close });
  log.info({ url: server.url }, 'ops server listening');
}

/** Hints about the incidents of one cluster. A lost one is counted and logged; the sweep of `due` does its work. */
export function hintsFor(context: ProcessContext, producer: RedisClient, cluster: string): Hints {
  const hints = createHints({
    redis: producer,
    cluster,
    onLost: ({ hint, incident, failure }) => {
      context.metrics.hintsLost.inc({ queue: hint });
      context.log.warn({ hint, incident, code: failure.code }, 'hint lost');
    },
  });
  context.add({ name: `hints of ${cluster}`, stop: hints.close });
  return hints;
}

/** Documents whose failure is logged once. */
const mostNamed = 1_000;

/** Counts what cannot be read each time that it is left out, and logs each document once. */
export function unreadableTo({ metrics, log, newer }: ProcessContext): Skipped {
  const named = createRecent<true>(mostNamed);
  return (name, failure) => {
    metrics.documentsUnreadable.inc({ code: failure.code });
    newer.noted(failure);
    if (named.get(name) !== undefined) return;
    named.set(name, true);
    log.error({ document: name, error: failure }, 'document not read');
  };
}

/** What to do with an error of a queue, for `onError` of its worker; `job` is null where it is about none. */
export function jobFailed({ metrics, log, newer }: ProcessContext): (failure: Failure, job: unknown) => void {
  return (failure, job) => {
    if (job !== null) metrics.jobsFailed.inc({ code: failure.code });
    // The log names such a document once, and the sweep finds it again.
    log[newer.noted(failure) ? 'debug' : 'error']({ error: failure, job }, 'job failed');
  };
}

/** A check that Redis answers: of a cluster the node that has `key`, whose absence is no problem. */
export function redisCheck(redis: RedisClient, key: string): Check {
  return {
    name: 'redis',
    problem: () =>
      redis.exists(key).then(
        () => null,
        (error: unknown) => `Redis does not answer: ${error instanceof Error ? error.message : String(error)}`,
      ),
  };
}

/**
 * Checks that sweeps keep running, by a monotonic clock. Call `swept` or `failed` when one ends. While Redis is down
 * every sweep fails, which is no reason to restart the process: it would come back late, after the kubelet's back-off.
 */
export function sweepCheck(
  metrics: Metrics,
  deadMs: number,
): { readonly check: Check; readonly swept: () => void; readonly failed: () => void } {
  let endedAt = performance.now();
  const failed = (): void => {
    endedAt = performance.now();
  };
  return {
    check: {
      name: 'sweep',
      problem: () => (performance.now() - endedAt < deadMs ? null : `No sweep has ended for ${deadMs / 1000} s.`),
    },
    failed,
    swept: () => {
      failed();
      metrics.lastActivity.setToCurrentTime();
    },
  };
}

/** A check that waiting jobs are taken. An unreachable Redis is no problem of the worker: readiness reports that. */
export function queueCheck(
  name: string,
  worker: { readonly lastActivityAt: () => number; readonly waiting: () => Promise<number> },
  deadMs: number,
): Check {
  return {
    name,
    problem: async () => {
      if (performance.now() - worker.lastActivityAt() < deadMs) return null;
      const waiting = await worker.waiting().catch(() => 0);
      return waiting === 0 ? null : `${waiting} jobs of ${name} wait, and none was taken for ${deadMs / 1000} s.`;
    },
  };
}
