import { Queue, type JobsOptions } from 'bullmq';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { triggerSchema } from '../../../core/kill/trigger.ts';
import { clusterTag, slackTag } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { redisFailure, withDeadline } from '../redis-failure.ts';

/*
 * Four queues. `kills` carries kills from watcher to worker and is the only one whose jobs matter: they are retried
 * for ever. `incidents` and `slack` carry hints to look at an incident now; what they say is in the store anyway.
 * `questions` carries what a person wants to know from bot to worker; after ten seconds nobody waits for it any more.
 * No job id means anything: what is new is decided by the ledger alone.
 */
export type QueueName = 'kills' | 'incidents' | 'slack' | 'questions';

/**
 * A job of `kills`. What a newer version added is passed over; only a change that an older one must not pass over raises
 * `schema`. What does not fit goes to the dead letters.
 */
export const killJobSchema = z.object({ schema: z.literal(1), kill: triggerSchema });
/** A job of `incidents`. */
export const advanceJobSchema = z.strictObject({ incident: z.string().min(1) });
/** A job of `slack`; one bot serves all clusters. */
export const showJobSchema = z.strictObject({ cluster: z.string().min(1), incident: z.string().min(1) });

/** BullMQ's prefix. NOTE: without the hash tag its scripts fail on Redis Cluster (CROSSSLOT). */
export function queuePrefix(queue: QueueName, cluster: string): string {
  return queue === 'slack' ? slackTag : clusterTag(cluster);
}

/** Jobs leave Redis when they are done, however they end: nothing reads them afterwards. */
const jobOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 1,
} as const satisfies JobsOptions;

/** Adds jobs to one queue. */
export interface Producer {
  /** @throws Failure('queue-unreachable', backoff) when Redis has not taken the job within `deadlineMs` */
  readonly add: (data: object, options: JobsOptions, deadlineMs: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ProducerOptions {
  /** Role `producer`. The caller closes it. */
  readonly redis: RedisClient;
  readonly queue: QueueName;
  readonly cluster: string;
}

/**
 * NOTE: BullMQ's own `add` waits for ever while Redis is away, and a queue whose first connection failed halfway stays
 * broken. So a queue is made when it is first needed, is thrown away when it does not become ready, and every wait has
 * the caller's deadline. A job that arrives after its deadline is harmless: it is a hint, or its kill is known.
 */
export function createProducer({ redis, queue: name, cluster }: ProducerOptions): Producer {
  let queue: Queue | null = null;

  const ready = async (): Promise<Queue> => {
    const candidate = queue ?? new Queue(name, { connection: redis, prefix: queuePrefix(name, cluster) });
    if (queue === null) {
      // The connection's owner hears of its errors already; without a listener they would end the process.
      candidate.on('error', () => undefined);
      queue = candidate;
    }
    try {
      await candidate.waitUntilReady();
      return candidate;
    } catch (error) {
      if (queue === candidate) queue = null;
      throw error;
    }
  };

  return {
    add: async (data, options, deadlineMs) => {
      let isOver = false;
      const adding = async () => {
        const usable = await ready();
        if (!isOver) await usable.add(name, data, { ...jobOptions, ...options });
      };
      try {
        await withDeadline(adding(), deadlineMs);
      } catch (error) {
        isOver = true;
        throw new Failure('queue-unreachable', `Redis did not take a job for ${name}: ${redisFailure(error).message}`, {
          retry: 'backoff',
          cause: error,
        });
      }
    },
    close: async () => {
      const last = queue;
      queue = null;
      // Closing waits for a connection that may never be ready; the caller closes the connection itself.
      if (last) await withDeadline(last.close(), 1_000).catch(() => undefined);
    },
  };
}
