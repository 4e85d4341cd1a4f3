import { redisWarnings } from '../../adapters/redis/redis-warnings.ts';
import { redisNow } from '../../adapters/redis/connection.ts';
import type { RedisClient } from '../../adapters/redis/redis-client.ts';
import type { Config } from '../config/config.ts';
import { visitRedis } from '../command-line/visit-redis.ts';
import { check, clockOutcome, ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

/** Whether Redis is reachable, evicts nothing, writes to disk, and has the same time. */
export async function checkRedis(config: Config): Promise<readonly Finding[]> {
  const inside: Finding[] = [];
  const mend = 'See that Redis runs and that REDIS_URL has its address, user and password.';
  const reached = await check('redis', 'reachable', mend, () =>
    visitRedis(config.REDIS_URL, async (redis) => {
      inside.push(...(await checkInside(redis)));
      return ok('Redis answers.');
    }),
  );
  return [reached, ...inside];
}

async function checkInside(redis: RedisClient): Promise<readonly Finding[]> {
  const mend = 'Set maxmemory-policy noeviction and appendonly yes, in Redis 6.2 or newer.';
  return Promise.all([
    check('redis', 'policy and persistence', mend, async () => {
      const warnings = await redisWarnings(redis);
      return warnings.length === 0
        ? ok('Nothing is evicted, and everything is written to the append-only file.')
        : warning(warnings.map(({ text }) => text).join(' '), mend);
    }),
    check('redis', 'clock', 'Let its user ask for TIME.', async () => {
      const before = Date.now();
      const there = await redisNow(redis);
      return clockOutcome('Redis', there - (before + Date.now()) / 2);
    }),
  ]);
}
