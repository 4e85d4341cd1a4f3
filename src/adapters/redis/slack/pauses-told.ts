import { z } from 'zod';
import type { PausesTold } from '../../../flow/needs.ts';
import { clusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { defineNamedScript } from '../script.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import { stored } from '../documents/stored.ts';

const toldDocument = stored(
  'pause-told',
  growingObject({ claims: z.record(z.string(), z.number()), told: z.number().int() }),
);

const writeTold = defineNamedScript(`
local revision = redis.call('HGET', keys.told, 'revision') or '0'
if revision ~= given.expectedRevision then return 0 end
redis.call('HSET', keys.told, 'revision', string.format('%.0f', revision + 1), 'document', given.document)
return 1
`);

/** What the channels were told of the pauses of one cluster: one small document a channel. Throws only Failures. */
export function createPausesTold(redis: RedisClient, cluster: string): PausesTold {
  const { pauseTold } = clusterKeys(cluster);
  return {
    read: async (channel) => {
      const [revision, document] = await guarded(redis.hmget(pauseTold(channel), 'revision', 'document'));
      if (typeof revision !== 'string' || typeof document !== 'string') return { revision: 0, claims: {}, told: 0 };
      return { revision: Number(revision), ...toldDocument.read(`pauses told in ${channel}`, document) };
    },
    write: async (channel, { revision, ...document }) => {
      const reply = await writeTold.run(
        redis,
        { told: pauseTold(channel) },
        { expectedRevision: revision, document: toldDocument.write(document) },
      );
      return reply === 1 ? { ...document, revision: revision + 1 } : null;
    },
  };
}
