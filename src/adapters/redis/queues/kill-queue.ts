import type { Trigger } from '../../../core/kill/trigger.ts';
import { clusterKeys } from '../keys.ts';
import { createProducer } from './queues.ts';
import type { RedisClient } from '../redis-client.ts';
import { replicated } from '../replicated.ts';
import { withDeadline } from '../redis-failure.ts';

/** Where the watcher puts its kills. */
export interface KillQueue {
  /**
   * Resolves when the kill is in the queue, where there are replicas on one of them too; before that the watcher must
   * not move its checkpoint past it. The same kill may be added any number of times.
   * @throws Failure('queue-unreachable' | 'redis-unreachable', backoff) after `deadlineMs`, at most twice that
   */
  readonly add: (trigger: Trigger, deadlineMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** As often as it takes: a kill is lost only with Redis itself. */
const attempts = 1_000_000_000;

/** `redis` has role `producer`. */
export function createKillQueue({
  redis,
  cluster,
}: {
  readonly redis: RedisClient;
  readonly cluster: string;
}): KillQueue {
  const producer = createProducer({ redis, queue: 'kills', cluster });
  return {
    add: async (trigger, deadlineMs) => {
      await producer.add({ schema: 1, kill: trigger }, { attempts, backoff: { type: 'kills' } }, deadlineMs);
      await withDeadline(replicated(redis, clusterKeys(cluster).checkpoint), deadlineMs);
    },
    close: producer.close,
  };
}

/** ms until the next attempt: doubling from half a second, at most a minute, a quarter up or down. `random` is 0..1. */
export function killBackoffMs(attemptsMade: number, random: number): number {
  const base = Math.min(500 * 2 ** Math.min(attemptsMade - 1, 20), 60_000);
  return Math.round(base * (0.75 + random / 2));
}
