import { randomUUID } from 'node:crypto';
import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

/**
 * Returns a different epoch each time that Redis may have lost something: everything, if the stored epoch is gone; its
 * last writes, if the connection was made again after a restart or a failover. Throws only Failures. `redis` has role
 * `store`.
 */
export function createEpoch(redis: RedisClient): () => Promise<string> {
  let connections = 0;
  for (const event of ['ready', '+node']) redis.on(event, () => (connections += 1));
  return async () => {
    const epoch = randomUUID();
    const [, kept] = await guarded(Promise.all([redis.set(slackKeys.epoch, epoch, 'NX'), redis.get(slackKeys.epoch)]));
    return `${kept ?? epoch}/${connections}`;
  };
}
