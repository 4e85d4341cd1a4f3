import { checkRedis } from '../../adapters/redis/check-redis.ts';
import { redisNow } from '../../adapters/redis/connection.ts';
import type { RedisClient } from '../../adapters/redis/redis-client.ts';
import type { Config } from '../config/config.ts';
import { visitRedis } from '../command-line/visit-redis.ts';
import { clockOutcome, look, ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

/** Whether Redis is there, evicts nothing, writes to disk, and has the same time. */
export async function lookAtRedis(config: Config): Promise<readonly Finding[]> {
  const inside: Finding[] = [];
  const mend = 'See that Redis runs and that REDIS_URL has its address, user and password.';
  const reached = await look('redis', 'reachable', mend, () =>
    visitRedis(config.REDIS_URL, async (redis) => {
      inside.push(...(await lookInside(redis)));
      return ok('Redis answers.');
    }),
  );
  return [reached, ...inside];
}

async function lookInside(redis: RedisClient): Promise<readonly Finding[]> {
  const mend = 'Set maxmemory-policy noeviction and appendonly yes, in Redis 6.2 or newer.';
  return Promise.all([
    look('redis', 'policy and persistence', mend, async () => {
      const warnings = await checkRedis(redis);
      return warnings.length === 0
        ? ok('Nothing is evicted, and everything is written to the append-only file.')
        : warning(warnings.map(({ text }) => text).join(' '), mend);
    }),
    look('redis', 'clock', 'Let its user ask for TIME.', async () => {
      const before = Date.now();
      const there = await redisNow(redis);
      return clockOutcome('Redis', there - (before + Date.now()) / 2);
    }),
  ]);
}
