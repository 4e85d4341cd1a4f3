import type { webApi } from '@slack/bolt';
import type { RedisClient } from '../adapters/redis/redis-client.ts';
import { redisNow } from '../adapters/redis/connection.ts';
import { createDigests } from '../adapters/redis/slack/digests.ts';
import { postDigest } from '../adapters/slack/post-digest.ts';
import { sendDigests } from '../flow/show/digest.ts';
import type { DigestNeeds } from '../flow/show/digest.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';
import { minuteMs } from '../core/units/duration.ts';

const checkEveryMs = minuteMs;

/** Sends the daily message about undecided suspects, if it is wanted. */
export function startDigests(
  context: ProcessContext,
  {
    redis,
    client,
    ...needs
  }: Pick<DigestNeeds, 'stores' | 'channels' | 'queues'> & {
    readonly redis: RedisClient;
    readonly client: webApi.WebClient;
  },
): void {
  const { config, log } = context;
  const at = config.OOMKEEPER_DIGEST_AT;
  if (at === null) return;
  const { claim, giveBack } = createDigests(redis);
  const looking = every(
    checkEveryMs,
    async () =>
      sendDigests(await redisNow(redis), at, {
        ...needs,
        claim,
        giveBack,
        post: async (channel, suspects) => postDigest(client, channel, suspects),
      }),
    (error) => log.warn({ error }, 'digest not sent'),
  );
  context.add({ name: 'digest', stop: looking.stop });
}
