import { z } from 'zod';
import type { ClusterCondition } from '../../../core/talk/cluster-condition.ts';
import { clusterKeys, slackKeys } from '../keys.ts';
import { queuePrefix } from '../queues/queue.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

const checkpointSchema = z.looseObject({ at: z.number() });

/**
 * The condition of a cluster as far as Redis knows, for `/oom status`, also while its worker is down. @throws Failure
 */
export async function readCondition(redis: RedisClient, cluster: string): Promise<ClusterCondition> {
  const keys = clusterKeys(cluster);
  const [seen, checkpoints, open, dead, kills, incidents] = await Promise.all([
    guarded(redis.zscore(slackKeys.clusters, cluster)),
    guarded(redis.hvals(keys.checkpoint)),
    guarded(redis.zcard(keys.open)),
    guarded(redis.llen(keys.killsDead)),
    jobsOf('kills'),
    jobsOf('incidents'),
  ]);
  const times = checkpoints.flatMap((json) => timeOf(json));
  return {
    workerSeenAt: seen === null ? null : Number(seen),
    checkpointAt: times.length === 0 ? null : Math.min(...times),
    open,
    jobs: { kills, incidents },
    deadKills: dead,
  };

  async function jobsOf(queue: 'kills' | 'incidents'): Promise<number> {
    const base = `${queuePrefix(queue, cluster)}:${queue}`;
    const [waiting, active, delayed] = await Promise.all([
      guarded(redis.llen(`${base}:wait`)),
      guarded(redis.llen(`${base}:active`)),
      guarded(redis.zcard(`${base}:delayed`)),
    ]);
    return waiting + active + delayed;
  }
}

/** A checkpoint of another version cannot be read here. */
function timeOf(json: string): readonly number[] {
  try {
    const parsed = checkpointSchema.safeParse(JSON.parse(json));
    return parsed.success ? [parsed.data.at] : [];
  } catch {
    return [];
  }
}
