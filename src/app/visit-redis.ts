import type { Redis } from 'ioredis';
import { closeRedis, connectRedis, redisReady } from '../adapters/redis/connection.ts';
import type { Failure } from '../core/failure.ts';

const readyMs = 5_000;

/** Opens a connection for one look and closes it. @throws Failure with what keeps Redis from answering, and those of `work` */
export async function visitRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  let said: Failure | undefined;
  const redis = connectRedis(url, {
    role: 'store',
    onError: (failure) => {
      said = failure;
    },
  });
  try {
    await redisReady(redis, readyMs).catch((error: unknown) => {
      throw said ?? error;
    });
    return await work(redis);
  } finally {
    await closeRedis(redis);
  }
}
