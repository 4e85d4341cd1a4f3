import { z } from 'zod';
import type { DeadLetters } from '../../../flow/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { parseDocument } from '../store/documents.ts';
import { clusterKeys } from '../keys.ts';
import { redisNow } from '../connection.ts';
import { killJobSchema } from './queues.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

const deadKillSchema = z.strictObject({
  /** ms UTC by the server's clock. */
  at: z.number(),
  reason: z.string(),
  /** The job's data as it was found. */
  data: z.unknown(),
});
export type DeadKill = z.infer<typeof deadKillSchema>;

/** Kill jobs that a worker could not read. `redis` has role `store` or `worker`. */
export interface DeadKills extends DeadLetters {
  readonly bury: (data: unknown, reason: string) => Promise<void>;
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
    count: async () => {
      const [kept, ever] = await Promise.all([guarded(redis.llen(killsDead)), guarded(redis.get(killsDeadCount))]);
      return { kept, ever: Number(ever ?? 0) };
    },
    revive: async (take) => {
      const found = await guarded(redis.lrange(killsDead, 0, -1));
      const failures: unknown[] = [];
      let taken = 0;
      for (const json of found.toReversed()) {
        const job = killJobSchema.safeParse(parseDocument('a dead kill', deadKillSchema, json).data);
        if (!job.success) continue;
        try {
          await take(job.data.kill);
          await guarded(redis.lrem(killsDead, 1, json));
          taken += 1;
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return taken;
    },
    list: async (limit) => {
      const found = await guarded(redis.lrange(killsDead, 0, limit - 1));
      return found.map((json) => parseDocument('a dead kill', deadKillSchema, json));
    },
  };
}
