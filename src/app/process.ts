import type { Redis } from 'ioredis';
import { checkRedis } from '../adapters/redis/check-redis.ts';
import { closeRedis, connectRedis, redisReady } from '../adapters/redis/connection.ts';
import type { RedisRole } from '../adapters/redis/connection.ts';
import type { Logger } from '../adapters/telemetry/log.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import { Failure } from '../core/failure.ts';
import type { Config } from './config.ts';
import type { Part } from './lifecycle.ts';
import { startOpsServer } from './ops-server.ts';
import type { Check } from './ops-server.ts';

/** What every process of ours has. */
export interface ProcessContext {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly add: (part: Part) => void;
  readonly fatal: (error: unknown) => void;
}

/** Redis has this long to become reachable at the start before the process says that it waits for it. */
const firstWaitMs = 5_000;

/** Opens a connection that is closed at the end. */
export function redisFor(context: ProcessContext, role: RedisRole): Redis {
  const redis = connectRedis(context.config.REDIS_URL, {
    role,
    onError: (failure) => context.log.warn({ role, code: failure.code, reason: failure.message }, 'redis connection'),
  });
  context.add({ name: `redis ${role}`, stop: () => closeRedis(redis) });
  return redis;
}

/**
 * Waits until Redis answers and looks at how it is set up. An evicting one is refused: Failure('redis-evicts').
 * Answers with what is worth a warning.
 */
export async function readyRedis(context: ProcessContext, redis: Redis): Promise<readonly string[]> {
  for (;;) {
    try {
      await redisReady(redis, firstWaitMs);
      const warnings = await checkRedis(redis);
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
  const { config, metrics, log } = context;
  const server = await startOpsServer({
    host: config.OOMKEEPER_OPS_HOST,
    port: config.OOMKEEPER_OPS_PORT,
    ready: checks.ready,
    alive: checks.alive,
    warnings: () => checks.warnings,
    metrics,
  });
  context.add({ name: 'ops server', stop: server.close });
  log.info({ url: server.url }, 'ops server listening');
}

/** A check that Redis answers. */
export function redisCheck(redis: Redis): Check {
  return {
    name: 'redis',
    problem: () =>
      redis.ping().then(
        () => null,
        (error: unknown) => `Redis does not answer: ${error instanceof Error ? error.message : String(error)}`,
      ),
  };
}
