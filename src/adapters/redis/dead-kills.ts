import { z } from 'zod';
import { bounds as usualBounds, type Bounds } from './bounds.ts';
import { parseDocument } from './documents.ts';
import { clusterKeys } from './keys.ts';
import { redisNow } from './connection.ts';
import type { RedisClient } from './redis-client.ts';
import { guarded } from './redis-failure.ts';

const deadKillSchema = z.strictObject({
  /** ms UTC by the server's clock. */
  at: z.number(),
  reason: z.string(),
  /** The job's data as it was found. */
  data: z.unknown(),
});
export type DeadKill = z.infer<typeof deadKillSchema>;

/** Kill jobs that cannot be read, for a person to look at. `redis` has role `store` or `worker`. */
export interface DeadKills {
  readonly bury: (data: unknown, reason: string) => Promise<void>;
  /** How many there ever were; for the alert. */
  readonly count: () => Promise<number>;
  /** Newest first. */
  readonly list: (limit: number) => Promise<readonly DeadKill[]>;
}

export function createDeadKills({
  redis,
  cluster,
  bounds = usualBounds,
}: {
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: Pick<Bounds, 'deadKills'>;
}): DeadKills {
  const { killsDead, killsDeadCount } = clusterKeys(cluster);
  return {
    bury: async (data, reason) => {
      const dead: DeadKill = { at: await redisNow(redis), reason, data };
      await guarded(
        redis
          .multi()
          .lpush(killsDead, JSON.stringify(dead))
          .ltrim(killsDead, 0, bounds.deadKills - 1)
          .incr(killsDeadCount)
          .exec(),
      );
    },
    count: async () => Number((await guarded(redis.get(killsDeadCount))) ?? 0),
    list: async (limit) => {
      const found = await guarded(redis.lrange(killsDead, 0, limit - 1));
      return found.map((json) => parseDocument('a dead kill', deadKillSchema, json));
    },
  };
}
