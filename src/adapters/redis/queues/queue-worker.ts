import { Worker, type AdvancedOptions, type Job } from 'bullmq';
import { Failure } from '../../../core/failure.ts';
import type { QueueName } from './queues.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded, redisFailure, withDeadline } from '../redis-failure.ts';

/** What all three workers take. */
export interface WorkerOptions {
  /** Role `worker`; BullMQ opens one more for its blocking reads. The caller closes it. */
  readonly redis: RedisClient;
  readonly concurrency: number;
  /** ms after which another worker may take the job of one that died. Default 30 s. */
  readonly lockDuration?: number;
  /** ms between looks for such jobs. Default 15 s. */
  readonly stalledInterval?: number;
  /** What went wrong and with which job; it is tried again or found by the sweep. For the log and the metrics. */
  readonly onError: (failure: Failure, job: unknown) => void;
}

export interface RunningWorker {
  /**
   * Takes no new job and waits for those under way, at most `graceMs` (default 10 s). One that takes longer holds its
   * lock until this process ends; then another worker takes it.
   */
  readonly close: (graceMs?: number) => Promise<void>;
  /** When a job last began or ended, at first the start; ms of `performance.now()`, since a clock may be set. */
  readonly lastActivityAt: () => number;
  /**
   * Jobs that wait for a worker. A worker that did nothing lately although jobs wait is dead, whatever its `isRunning`
   * says (bullmq #4378): what liveness looks at. Fails within 2 s when Redis is away.
   */
  readonly waiting: () => Promise<number>;
}

export interface QueueWorkerOptions extends WorkerOptions {
  readonly queue: QueueName;
  readonly prefix: string;
  readonly process: (data: unknown) => Promise<void>;
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
        await process(job.data);
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
      // A process that dies while it holds a job says nothing about the job.
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

function jobFailure(error: Error): Failure {
  return error instanceof Failure ? error : new Failure('job-failed', error.message, { cause: error });
}
