import { redisNow } from '../../adapters/redis/connection.ts';
import type { RedisClient } from '../../adapters/redis/redis-client.ts';
import { redisWarnings } from '../../adapters/redis/redis-warnings.ts';
import { Failure } from '../../core/failure.ts';
import { visitRedis } from '../command-line/visit-redis.ts';
import type { Config } from '../config/config.ts';
import { aheadOf, check, clockOutcome, ok, problem, warning } from './finding.ts';
import type { Finding, Outcome } from './finding.ts';
import { byHand, byOwnRedis, byRedisUrl } from './mend.ts';
import type { Mend } from './mend.ts';

/** Whether Redis is reachable, new enough, evicts nothing, writes to disk, and has the same time. */
export async function checkRedis(config: Config): Promise<readonly Finding[]> {
  const inside: Finding[] = [];
  const mend = byRedisUrl('Check that Redis runs, and that REDIS_URL has its address, user and password.');
  const reached = await check('redis', 'reachable', mend, () =>
    visitRedis(config.REDIS_URL, async (redis) => {
      inside.push(...(await checkInside(redis)));
      return ok('Redis answers.');
    }),
  );
  return [reached, ...inside];
}

const persist = byOwnRedis(
  'Set appendonly to yes: redis-cli -u "$REDIS_URL" config set appendonly yes, and in redis.conf. Or use the Redis of deploy/kubernetes/redis or the chart, empty at first.',
);

/** How to fix what the server does not guarantee, by the code of the warning or failure. */
const mends: Readonly<Record<string, Mend>> = {
  'redis-evicts': byOwnRedis(
    'Set maxmemory-policy to noeviction: redis-cli -u "$REDIS_URL" config set maxmemory-policy noeviction, and in redis.conf. Or use the Redis of deploy/kubernetes/redis or the chart, empty at first.',
  ),
  'redis-too-old': byOwnRedis('Update it to Redis 6.2, Valkey 8, or newer.'),
  'config-forbidden': byHand(
    'Allow its user +config|get, or look yourself: maxmemory-policy must be noeviction, appendonly should be yes.',
  ),
  'no-append-only-file': persist,
  'nothing-on-disk': persist,
};
const otherwise = byRedisUrl('Set REDIS_URL to a Redis of 6.2 or newer with maxmemory-policy noeviction.');

async function checkInside(redis: RedisClient): Promise<readonly Finding[]> {
  return Promise.all([
    check('redis', 'policy and persistence', otherwise, () => checkGuarantees(redis)),
    check('redis', 'clock', 'Allow its user the command TIME.', async () => {
      const before = Date.now();
      const there = await redisNow(redis);
      return clockOutcome('Redis', aheadOf(there, 1, { before, after: Date.now() }));
    }),
  ]);
}

async function checkGuarantees(redis: RedisClient): Promise<Outcome> {
  try {
    const warnings = await redisWarnings(redis);
    const [first] = warnings;
    if (first === undefined) return ok('Nothing is evicted, and everything is written to the append-only file.');
    return warning(warnings.map(({ text }) => text).join(' '), mends[first.code] ?? otherwise);
  } catch (error) {
    if (error instanceof Failure) return problem(error.message, mends[error.code] ?? otherwise);
    throw error;
  }
}
