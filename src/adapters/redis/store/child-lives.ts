import type { RedisClient } from '../redis-client.ts';
import { childLifeSchema } from '../../../core/kill/child/child-life.ts';
import type { ChildLives } from '../../../flow/needs.ts';
import type { Bounds } from '../bounds.ts';
import { parseDocument } from './documents.ts';
import type { ClusterKeys } from '../keys.ts';
import { guarded } from '../redis-failure.ts';
import { defineScript } from '../script.ts';

/** KEYS: the life. ARGV: what it is thought to be ('' = absent), what it is to be, for how long (ms). */
const write = defineScript(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`);

/** What is known of single processes that were killed, by life of a container; as long as the ledger remembers kills. */
export function createChildLives(
  redis: RedisClient,
  keys: ClusterKeys,
  { ledgerMs }: Pick<Bounds, 'ledgerMs'>,
): ChildLives {
  return {
    read: async (containerIds) => {
      const found = await Promise.all(containerIds.map((id) => guarded(redis.get(keys.childLife(id)))));
      return found.map((json) => ({
        life: json === null ? null : parseDocument('a container’s child kills', childLifeSchema, json),
        token: json ?? '',
      }));
    },
    write: async (containerId, token, life) =>
      (await write.run(redis, [keys.childLife(containerId)], [token, JSON.stringify(life), ledgerMs])) === 1,
  };
}
