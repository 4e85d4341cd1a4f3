import { Redis, type RedisOptions } from 'ioredis';
import { Failure } from '../../core/failure.ts';
import { withDeadline } from './deadline.ts';
import { guarded, redisFailure } from './redis-failure.ts';

/**
 * - `producer`: adds jobs; fails at once while Redis is away, because the watcher must know that a kill is not queued.
 * - `store`: reads and commits; survives a short gap, then fails so that the caller can say so.
 * - `worker`: BullMQ's worker; waits for Redis as long as it takes.
 */
export type RedisRole = 'producer' | 'store' | 'worker';

// NOTE: keyPrefix must never appear here: BullMQ refuses it, and its keys would differ from those in keys.ts.
const roles: Readonly<Record<RedisRole, RedisOptions>> = {
  producer: {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
    socketTimeout: 4_000,
  },
  store: { maxRetriesPerRequest: 3, commandTimeout: 5_000, connectTimeout: 2_000, socketTimeout: 10_000 },
  // BullMQ blocks for at most 10 s: a socket that owes an answer for longer is half open and would sleep for ever.
  worker: { maxRetriesPerRequest: null, connectTimeout: 5_000, socketTimeout: 30_000 },
};

export interface ConnectOptions {
  readonly role: RedisRole;
  /** Every failed attempt to connect, for the log; the client goes on trying. */
  readonly onError: (failure: Failure) => void;
}

/**
 * Opens a connection and keeps it open; it does not wait until it stands (see `redisReady`).
 * @throws Failure('bad-redis-url')
 */
export function connectRedis(url: string, { role, onError }: ConnectOptions): Redis {
  if (!/^rediss?:\/\//.test(url)) {
    throw new Failure(
      'bad-redis-url',
      'REDIS_URL must look like redis://user:password@host:6379/0 (rediss:// for TLS)',
    );
  }
  const options = {
    connectionName: `oomkeeper-${role}`,
    retryStrategy: (times: number) => Math.min(25 * 2 ** Math.min(times, 10), 1_000) * (0.75 + Math.random() / 2),
    // After a failover the old primary is read-only: reconnect to find the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...roles[role],
    replyMapping: 'legacy' as const,
  };
  const redis = new Redis(url, options);
  redis.on('error', (error) => onError(redisFailure(error)));
  return redis;
}

/** Waits until the connection can be used. @throws Failure('redis-unreachable') after `deadlineMs` */
export async function redisReady(redis: Redis, deadlineMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const ready = () => resolve(undefined);
  redis.once('ready', ready);
  try {
    await withDeadline(promise, deadlineMs);
  } finally {
    redis.off('ready', ready);
  }
}

/** Ends a connection after what was sent has been answered, at most 1 s later. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const patience = setTimeout(() => redis.disconnect(), 1_000);
  try {
    if (redis.status === 'ready') await redis.quit();
  } catch {
    // NOTE: the server may be gone before it answers QUIT; that ends the connection just as well.
  } finally {
    clearTimeout(patience);
    redis.disconnect();
  }
}

/** The server's clock in ms UTC: what all processes of a cluster agree on. */
export async function redisNow(redis: Redis): Promise<number> {
  const [seconds, micros] = await guarded(redis.time());
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
