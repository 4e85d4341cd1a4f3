import type { RedisClient } from '../adapters/redis/redis-client.ts';
import { createDigests } from '../adapters/redis/slack/digests.ts';
import type { DigestTime } from '../core/digest/digest-time.ts';
import { minuteMs } from '../core/units/duration.ts';
import type { DigestNeeds } from '../flow/digest/needs.ts';
import { sendDigests } from '../flow/digest/send-digests.ts';
import type { Channels } from '../flow/show/channels.ts';
import { readPolicy } from './config/policy-file.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';

const checkEveryMs = minuteMs;

interface Given extends Pick<DigestNeeds, 'clusters' | 'chat' | 'queues' | 'now' | 'settings'> {
  readonly redis: RedisClient;
  readonly channels: Channels;
}

/** Sends the daily and weekly messages of each channel at their hours. @throws Failure `bad-configuration` */
export async function startDigests(context: ProcessContext, { redis, channels, ...needs }: Given): Promise<void> {
  const { config, log } = context;
  const { digests: rules } = await readPolicy(config);
  const usual: DigestTime = { at: config.OOMKEEPER_DIGEST_AT, weekly: config.OOMKEEPER_REPORT_ON };
  const timeOf = (channel: string): DigestTime =>
    rules.find((rule) => rule.channel === channel || `#${rule.channel}` === channels.nameOf(channel)) ?? usual;
  const looking = every(
    checkEveryMs,
    async () =>
      sendDigests({
        ...needs,
        channels,
        timeOf,
        digests: createDigests(redis),
        trouble: (error, channel) => log.warn({ error, channel }, 'digest not shown as it should be'),
      }),
    (error) => log.warn({ error }, 'digest not sent'),
  );
  context.add({ name: 'digest', stop: looking.stop });
}
