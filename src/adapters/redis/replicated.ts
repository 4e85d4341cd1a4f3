import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';
import { guarded } from './redis-failure.ts';

/** A replica that takes longer counts as unreachable. A useful replica is never that slow. */
const patienceMs = 200;
/**
 * The wait while no replica answers; it delays everything else on the connection. It is long enough to notice at once
 * when a replica is back, because that may become the next primary.
 */
const doubtfulMs = 2;

const doubted = new WeakSet<RedisClient>();

/**
 * Resolves when a replica has everything that this connection has written to the node of `key`, so that a failover does
 * not undo it. Called before something that cannot be undone: a watcher reads on, a message is posted, a person gets a
 * confirmation. Without replicas, or if no replica answers within 200 ms (and then 2 ms, until one does), it continues
 * anyway; operators who prefer to stop set min-replicas-to-write.
 * @throws Failure if Redis becomes unreachable
 */
export async function replicated(redis: RedisClient, key: string): Promise<void> {
  if (!hasReplicas(redis)) return;
  // WAIT has no key; on a cluster the command before it routes it to the right node.
  const [, answer] =
    (await guarded(
      redis
        .pipeline()
        .exists(key)
        .wait(1, doubted.has(redis) ? doubtfulMs : patienceMs)
        .exec(),
    )) ?? [];
  const [error, replicas] = answer ?? [];
  if (error) return guarded(Promise.reject(error));
  if (replicas === 0) doubted.add(redis);
  else doubted.delete(redis);
}

function hasReplicas(redis: RedisClient): boolean {
  return redis instanceof Cluster ? redis.nodes('slave').length > 0 : (redis.options.sentinels ?? []).length > 0;
}
