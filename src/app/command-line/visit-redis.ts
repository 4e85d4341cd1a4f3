import { inTime } from '../../adapters/in-time.ts';
import { closeRedis, connectRedis } from '../../adapters/redis/connection.ts';
import type { RedisClient } from '../../adapters/redis/redis-client.ts';
import { Failure } from '../../core/failure.ts';

const readyMs = 5_000;

/**
 * Opens a connection for one check and closes it. Unlike in a long-running process, the first failed attempt is
 * reported. @throws Failure with what keeps Redis from answering, and those of `work`
 */
export async function visitRedis<T>(url: string, work: (redis: RedisClient) => Promise<T>): Promise<T> {
  const opened = Promise.withResolvers<undefined>();
  const redis = connectRedis(url, { role: 'store', onError: opened.reject });
  redis.once('ready', () => opened.resolve(undefined));
  try {
    await inTime(opened.promise, readyMs, () => {
      const message = `Redis did not answer within ${readyMs / 1000} s; see that it runs and that REDIS_URL is right.`;
      throw new Failure('redis-unreachable', message, { retry: 'backoff' });
    });
    return await work(redis);
  } finally {
    await closeRedis(redis);
  }
}
