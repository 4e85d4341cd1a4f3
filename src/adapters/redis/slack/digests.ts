import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

const keptSeconds = 3 * 24 * 60 * 60;

/** Which digests were sent: one per channel and day. Throws only Failures. */
export interface Digests {
  /** True for the first caller; `slot` is ms UTC. */
  readonly claim: (channel: string, slot: number) => Promise<boolean>;
  readonly giveBack: (channel: string, slot: number) => Promise<void>;
}

/** `redis` has role `store`. */
export function createDigests(redis: RedisClient): Digests {
  return {
    claim: async (channel, slot) =>
      (await guarded(redis.set(slackKeys.digest(channel, slot), '1', 'EX', keptSeconds, 'NX'))) === 'OK',
    giveBack: async (channel, slot) => {
      await guarded(redis.del(slackKeys.digest(channel, slot)));
    },
  };
}
