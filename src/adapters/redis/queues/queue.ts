import { Queue, UnrecoverableError, Worker, type AdvancedOptions, type Job, type JobsOptions } from 'bullmq';
import { Failure } from '../../../core/failure.ts';
import { clusterTag, slackTag } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded, redisFailure, withDeadline } from '../redis-failure.ts';

/*
 * Four queues. `kills` carries kills from watcher to worker and is the only one whose jobs matter: they are retried for
 * ever. `incidents` and `slack` carry hints to look at an incident now; their content is in the store anyway.
 * `questions` carries people's questions from the bot to the worker; after ten seconds nobody waits for the answer any
 * more. Job ids decide nothing: whether a kill is new is up to the ledger.
 */
export type QueueName = 'kills' | 'incidents' | 'slack' | 'questions';

/** BullMQ's prefix. NOTE: without the hash tag its scripts fail on Redis Cluster (CROSSSLOT). */
export function queuePrefix(queue: QueueName, cluster: string): string {
  return queue === 'slack' ? slackTag : clusterTag(cluster);
}

/** Finished jobs are removed, whatever their result: nothing reads them afterwards. */
const jobOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 1,
} as const satisfies JobsOptions;

/** Adds jobs to one queue. */
export interface Producer {
  /** @throws Failure('queue-unreachable', backoff) if Redis has not accepted the job within `deadlineMs` */
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
 * NOTE: BullMQ's own `add` waits for ever while Redis is unreachable, and a queue whose first connection failed halfway
 * stays broken. So a queue is created when it is first needed, discarded if it does not become ready, and each wait has
 * the caller's deadline. A job that arrives after its deadline is harmless: it is a hint, or its kill is known.
 */
export function createProducer({ redis, queue: name, cluster }: ProducerOptions): Producer {
  let queue: Queue | null = null;

  const ready = async (): Promise<Queue> => {
    const candidate = queue ?? new Queue(name, { connection: redis, prefix: queuePrefix(name, cluster) });
    if (queue === null) {
      // The owner of the connection handles its errors; without a listener they would end the process.
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
      // Closing the queue would wait for a connection that may never be ready; the caller closes the connection.
      if (last) await withDeadline(last.close(), 1_000).catch(() => undefined);
    },
  };
}

/** What all three workers take. */
export interface WorkerOptions {
  /** Role `worker`; BullMQ opens one more for its blocking reads. The caller closes it. */
  readonly redis: RedisClient;
  readonly concurrency: number;
  /** ms after which another worker may take the job of one that died. Default 30 s. */
  readonly lockDuration?: number;
  /** ms between looks for such jobs. Default 15 s. */
  readonly stalledInterval?: number;
  /** Called with the error and the job, for the log and the metrics; the job is retried or found by the sweep. */
  readonly onError: (failure: Failure, job: unknown) => void;
}

export interface RunningWorker {
  /**
   * Takes no new jobs and waits for the running ones, at most `graceMs` (default 10 s). A job that takes longer keeps
   * its lock until this process ends; then another worker takes it.
   */
  readonly close: (graceMs?: number) => Promise<void>;
  /** When a job last began or ended, at first the start; ms of `performance.now()`, because a clock may be changed. */
  readonly lastActivityAt: () => number;
  /**
   * Jobs that wait for a worker. A worker that did nothing lately although jobs are waiting is dead, whatever its
   * `isRunning` says (bullmq #4378): liveness checks this. Fails within 2 s if Redis is unreachable.
   */
  readonly waiting: () => Promise<number>;
}

export interface QueueWorkerOptions extends WorkerOptions {
  readonly queue: QueueName;
  readonly prefix: string;
  /** `ends`: how many processes ended while they had this job. */
  readonly process: (data: unknown, ends: number) => Promise<void>;
  readonly settings?: AdvancedOptions;
}

export function runQueueWorker(options: QueueWorkerOptions): RunningWorker {
  const { redis, queue, prefix, process, onError } = options;
  let lastActivityAt = performance.now();
  const worker = new Worker(
    queue,
    async (job: Job<unknown>) => {
      lastActivityAt = performance.now();
      try {
        await process(job.data, job.stalledCounter);
      } finally {
        lastActivityAt = performance.now();
      }
    },
    {
      connection: redis,
      prefix,
      concurrency: options.concurrency,
      lockDuration: options.lockDuration ?? 30_000,
      stalledInterval: options.stalledInterval ?? 15_000,
      // Also for jobs that another version added without jobOptions.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      // A process that dies during a job proves nothing about the job.
      maxStalledCount: 1_000_000,
      // How long BullMQ pauses after it could not fetch a job; its own 15 s would outlast most restarts of Redis.
      runRetryDelay: 1_000,
      ...(options.settings ? { settings: options.settings } : {}),
    },
  );
  worker.on('error', (error) => onError(redisFailure(error), null));
  worker.on('failed', (job, error) => onError(jobFailure(error), job?.data ?? null));
  return {
    close: async (graceMs = 10_000) => {
      await withDeadline(worker.close(), graceMs).catch(() => undefined);
    },
    lastActivityAt: () => lastActivityAt,
    waiting: () => guarded(withDeadline(redis.llen(`${prefix}:${queue}:wait`), 2_000)),
  };
}

/** For a job that trying again cannot help; `onError` is called with `failure`. */
export function refusal(failure: Failure): UnrecoverableError {
  return Object.assign(new UnrecoverableError(failure.message), { cause: failure });
}

function jobFailure(error: Error): Failure {
  const known = error instanceof UnrecoverableError ? error.cause : error;
  return known instanceof Failure ? known : new Failure('job-failed', error.message, { cause: error });
}
