import { z } from 'zod';
import { growingObject } from '../../../core/units/growing-object.ts';
import { stored } from '../documents/stored.ts';
import { clusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { defineScript } from '../script.ts';

const checkpointSchema = growingObject({
  /** Where a watch resumes from; opaque to us. */
  resourceVersion: z.string().min(1),
  /** ms UTC by the API server's clock. */
  at: z.number(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
const checkpointDocument = stored('checkpoint', checkpointSchema);

/** KEYS: checkpoints. ARGV: stream, document. */
const moveThere = defineScript(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
`);

/** Up to where each of a watcher's streams has been read; all kills before it are in the queue. */
export interface Checkpoints {
  readonly read: (stream: string) => Promise<Checkpoint | null>;
  /** The latest write wins: with two watchers the point may move back a little, which only reads some lines twice. */
  readonly write: (stream: string, checkpoint: Checkpoint) => Promise<void>;
  /** Like `write`, if there is a checkpoint. `lost`: it is gone, and so is what was queued; nothing is written. */
  readonly move: (stream: string, checkpoint: Checkpoint) => Promise<'moved' | 'lost'>;
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
      return json === null ? null : checkpointDocument.read(`the checkpoint of ${stream}`, json);
    },
    write: async (stream, checkpoint) => {
      await guarded(redis.hset(key, stream, documentOf(checkpoint)));
    },
    move: async (stream, checkpoint) =>
      (await moveThere.run(redis, [key], [stream, documentOf(checkpoint)])) === 1 ? 'moved' : 'lost',
  };
}

function documentOf({ resourceVersion, at }: Checkpoint): string {
  return checkpointDocument.write({ resourceVersion, at });
}
