import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { Failure } from '../../core/failure.ts';
import type { RedisClient } from './redis-client.ts';
import { guarded, redisFailure, withDeadline } from './redis-failure.ts';
import { readRedisUrl, type RedisAddress } from './redis-url.ts';
import { inTime } from '../in-time.ts';

/**
 * - `producer`: adds jobs; fails at once while Redis is unreachable, because the watcher must know that a kill is not
 * queued.
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
  // BullMQ blocks for at most 10 s: a socket without an answer for longer is half open and would hang for ever.
  worker: { maxRetriesPerRequest: null, connectTimeout: 5_000, socketTimeout: 30_000 },
};

export interface ConnectOptions {
  readonly role: RedisRole;
  /** Called for each failed attempt to connect, for the log; the client keeps trying. */
  readonly onError: (failure: Failure) => void;
}

/**
 * Opens a connection to what `url` (REDIS_URL) names and keeps it open, without waiting until it can be used (see
 * `redisReady`).
 * @throws Failure('bad-redis-url')
 */
export function connectRedis(url: string, { role, onError }: ConnectOptions): RedisClient {
  const address = readRedisUrl(url);
  if (address.is === 'problem') throw new Failure('bad-redis-url', `REDIS_URL ${address.text}`);
  const { username, password, tls } = address;
  const options = {
    connectionName: `oomkeeper-${role}`,
    // After a failover the old primary is read-only: reconnect to find the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...roles[role],
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    replyMapping: 'legacy' as const,
  };
  const redis = address.is === 'cluster' ? openCluster(address, role, options) : openRedis(address, options);
  redis.on('error', (error) => onError(redisFailure(reasonOf(error))));
  return redis;
}

/** Why a cluster cannot be used: the error of the last node that was tried. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error && error.lastNodeError instanceof Error
    ? error.lastNodeError
    : error;
}

const retryStrategy = (times: number): number =>
  Math.min(25 * 2 ** Math.min(times, 10), 1_000) * (0.75 + Math.random() / 2);

type OneAddress = Exclude<RedisAddress, { readonly is: 'cluster' }>;

function openRedis(address: OneAddress, options: RedisOptions & { readonly replyMapping: 'legacy' }): Redis {
  const { db } = address;
  if (address.is === 'server') return new Redis({ ...options, ...address.at, db, retryStrategy });
  const { sentinels, primary, sentinelLogin, tls } = address;
  return new Redis({
    ...options,
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: primary,
    role: 'master',
    db,
    retryStrategy,
    sentinelRetryStrategy: retryStrategy,
    // A sentinel that hangs must not keep us from asking the next one.
    sentinelCommandTimeout: 2_000,
    ...(sentinelLogin.username === null ? {} : { sentinelUsername: sentinelLogin.username }),
    ...(sentinelLogin.password === null ? {} : { sentinelPassword: sentinelLogin.password }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
  });
}

function openCluster(
  { nodes, tls }: Extract<RedisAddress, { readonly is: 'cluster' }>,
  role: RedisRole,
  redisOptions: RedisOptions & { readonly replyMapping: 'legacy' },
): Cluster {
  return new Cluster(
    nodes.map(({ host, port }) => ({ host, port })),
    {
      redisOptions,
      clusterRetryStrategy: retryStrategy,
      // Commands that wait for the whole cluster have no deadline of their own (see commandTimeout). During a failover
      // a command is repeated sixteen times, a tenth of a second apart.
      enableOfflineQueue: role === 'worker',
      slotsRefreshTimeout: 2_000,
      // Certificates contain names, not addresses.
      ...(tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
    },
  );
}

/** Waits until the connection can be used. @throws Failure('redis-unreachable') after `deadlineMs` */
export async function redisReady(redis: RedisClient, deadlineMs: number): Promise<void> {
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
export async function closeRedis(redis: RedisClient): Promise<void> {
  if (redis.status === 'end') return;
  try {
    if (redis.status === 'ready') await inTime(redis.quit(), 1_000, () => undefined);
  } catch {
    // NOTE: the server may be gone before it answers QUIT; that ends the connection just as well.
  } finally {
    redis.disconnect();
  }
}

/** The server's clock in ms UTC, on which all processes of a cluster agree. */
export async function redisNow(redis: RedisClient): Promise<number> {
  const [seconds, micros] = await guarded(redis.time());
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
