import { randomUUID } from 'node:crypto';
import type { RedisClient } from './redis-client.ts';
import { defineScript } from './script.ts';

/** Takes a free lease or extends one's own; sending it twice is harmless. */
const take = defineScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

const giveBack = defineScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

export interface Lease {
  /** Extends it from now on; false if somebody else holds it by now. */
  readonly extend: () => Promise<boolean>;
  readonly release: () => Promise<void>;
}

/**
 * One holder at a time for `forMs` (ms); null if somebody else holds it. A lease makes races rarer; nothing relies on
 * it.
 */
export async function takeLease(redis: RedisClient, key: string, forMs: number): Promise<Lease | null> {
  const lease = leaseOf(redis, key, { token: randomUUID(), forMs });
  return (await lease.extend()) ? lease : null;
}

/** The lease of whoever knows the token, taken or not. */
export function leaseOf(
  redis: RedisClient,
  key: string,
  { token, forMs }: { readonly token: string; readonly forMs: number },
): Lease {
  return {
    extend: async () => (await take.run(redis, [key], [token, forMs])) === 1,
    release: async () => {
      await giveBack.run(redis, [key], [token]);
    },
  };
}
