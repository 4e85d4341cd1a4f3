import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';
import { guarded } from './redis-failure.ts';

/** A replica that takes longer counts as unreachable. No round trip that is worth a fail-over takes as long. */
const patienceMs = 200;
/**
 * The wait while no replica answers: each wait delays everything behind it on the connection. It is long enough to notice
 * at once that a replica is back, since it may be the next primary.
 */
const doubtfulMs = 2;

const doubted = new WeakSet<RedisClient>();

/**
 * Resolves when a replica has all that this connection has written where `key` lies, so that a fail-over does not undo
 * it. Called before something happens that Redis cannot take back: a watcher reads on, a message is posted, a person is
 * told that it is noted. Without sentinels or replicas of a cluster, or where no replica answers in 200 ms (and after that
 * in 2, until one does), it goes on without: whoever wants to stop instead sets min-replicas-to-write.
 * @throws Failure where Redis went away meanwhile
 */
export async function replicated(redis: RedisClient, key: string): Promise<void> {
  if (!hasReplicas(redis)) return;
  // WAIT has no key: on a cluster the command before it leads it to the right node.
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
