import { z } from 'zod';
import { parseDocument } from './documents.ts';
import { clusterKeys } from './keys.ts';
import type { RedisClient } from './redis-client.ts';
import { guarded } from './redis-failure.ts';

const checkpointSchema = z.strictObject({
  /** Opaque to us: what a watch resumes from. */
  resourceVersion: z.string().min(1),
  /** ms UTC by the API server's clock. */
  at: z.number(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Up to where each of a watcher's streams has been read, all kills before it being in the queue. */
export interface Checkpoints {
  readonly read: (stream: string) => Promise<Checkpoint | null>;
  /** The latest write wins: with two watchers the point may move back a little, which only reads some lines twice. */
  readonly write: (stream: string, checkpoint: Checkpoint) => Promise<void>;
}

/** `redis` has role `producer` or `store`. Throws only Failures. */
export function createCheckpoints({
  redis,
  cluster,
}: {
  readonly redis: RedisClient;
  readonly cluster: string;
}): Checkpoints {
  const { checkpoint: key } = clusterKeys(cluster);
  return {
    read: async (stream) => {
      const json = await guarded(redis.hget(key, stream));
      return json === null ? null : parseDocument(`the checkpoint of ${stream}`, checkpointSchema, json);
    },
    write: async (stream, { resourceVersion, at }) => {
      await guarded(redis.hset(key, stream, JSON.stringify({ resourceVersion, at })));
    },
  };
}
