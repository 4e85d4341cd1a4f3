import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { redisNow } from '../connection.ts';
import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

/** Registers a worker's `cluster`, at its start and regularly, so that the bot sweeps it too. */
export async function registerCluster(redis: RedisClient, cluster: string): Promise<void> {
  await guarded(redis.zadd(slackKeys.clusters, await redisNow(redis), cluster));
}

/** Names of the clusters; those not seen for long are forgotten. */
export async function listClusters(
  redis: RedisClient,
  { clusterMs }: Pick<Bounds, 'clusterMs'> = usualBounds,
): Promise<readonly string[]> {
  const now = await redisNow(redis);
  await guarded(redis.zremrangebyscore(slackKeys.clusters, '-inf', now - clusterMs));
  return (await guarded(redis.zrange(slackKeys.clusters, '0', '-1'))).toSorted();
}
