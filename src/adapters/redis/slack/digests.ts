import { z } from 'zod';
import type { Digests, SentDigest } from '../../../flow/digest/needs.ts';
import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { replicated } from '../replicated.ts';
import { defineScript } from '../script.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import { stored } from '../documents/stored.ts';
import { dayMs } from '../../../core/units/duration.ts';

const keptMs = 3 * dayMs;

const digestDocument = stored('digest', growingObject({ claims: z.record(z.string(), z.number()), sent: z.boolean() }));

/** KEYS: digest. ARGV: expected revision, document, how long to keep it (ms). */
const writeDigest = defineScript(`
if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[1] + 1, 'document', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/** `redis` has role `store`. Throws only Failures. */
export function createDigests(redis: RedisClient): Digests {
  return {
    read: async (channel, slot): Promise<SentDigest> => {
      const [revision, document] = await guarded(redis.hmget(slackKeys.digest(channel, slot), 'revision', 'document'));
      if (typeof revision !== 'string' || typeof document !== 'string') return { revision: 0, claims: {}, sent: false };
      return { revision: Number(revision), ...digestDocument.read(`the digest of ${channel}`, document) };
    },
    write: async (channel, slot, { revision, ...document }) => {
      const key = slackKeys.digest(channel, slot);
      if ((await writeDigest.run(redis, [key], [revision, digestDocument.write(document), keptMs])) !== 1) return null;
      // A message is sent next, which a lost claim would repeat.
      await replicated(redis, key);
      return { ...document, revision: revision + 1 };
    },
  };
}
