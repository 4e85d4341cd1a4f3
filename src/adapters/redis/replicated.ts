import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';
import { guarded } from './redis-failure.ts';

/** A replica that needs longer is not in reach. Longer than any round trip that one would want to fail over across. */
const patienceMs = 200;
/**
 * For the next after one that did not answer: each holds up what comes after it on its connection. It is enough to notice
 * a replica that is there again, and that has to be noticed at once: it is the next that takes over.
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
