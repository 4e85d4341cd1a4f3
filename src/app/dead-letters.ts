import { createDeadKills } from '../adapters/redis/queues/kills.ts';
import type { RedisClient } from '../adapters/redis/redis-client.ts';
import type { Trigger } from '../core/kill/trigger.ts';
import { createRevival } from '../flow/revive-dead.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';

/**
 * Admits kills that an older worker could not read. Not part of the sweep, because collecting evidence for many
 * suspects would delay it.
 */
export function startDeadLetters(
  context: ProcessContext,
  {
    cluster,
    redis,
    take,
  }: { readonly cluster: string; readonly redis: RedisClient; readonly take: (trigger: Trigger) => Promise<void> },
): void {
  const { config, log, metrics, stopping } = context;
  const { round } = createRevival({
    dead: createDeadKills({ redis, cluster }),
    take: async (kill) => {
      stopping.throwIfAborted();
      await take(kill);
    },
    onKept: (kept) => metrics.deadLetters.set(kept),
    onTaken: (taken) => log.info({ taken }, 'dead letters admitted'),
  });
  const reviving = every(config.timing.sweepEveryMs, round, (error) => {
    if (!stopping.aborted) log.warn({ error }, 'dead letters could not be admitted');
  });
  context.add({ name: 'dead letters', stop: reviving.stop });
}
