import { UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import type { Trigger } from '../../../core/kill/trigger.ts';
import { createDeadKills } from './dead-kills.ts';
import { clusterTag } from '../keys.ts';
import { killBackoffMs } from './kill-queue.ts';
import { killJobSchema } from './queues.ts';
import { runQueueWorker, type RunningWorker, type WorkerOptions } from './queue-worker.ts';

export interface KillWorkerOptions extends WorkerOptions {
  readonly cluster: string;
  /** Admits a kill. Whatever it throws, the kill is tried again, later each time. */
  readonly handle: (trigger: Trigger) => Promise<void>;
}

/**
 * Takes kills from the queue. A job that is no kill (another version wrote it) goes to the dead letters with the
 * reason; `onError` hears of it as Failure('job-failed').
 */
export function runKillWorker({ handle, ...options }: KillWorkerOptions): RunningWorker {
  const dead = createDeadKills(options);
  return runQueueWorker({
    ...options,
    queue: 'kills',
    prefix: clusterTag(options.cluster),
    settings: { backoffStrategy: (attemptsMade) => killBackoffMs(attemptsMade, Math.random()) },
    process: async (data) => {
      const parsed = killJobSchema.safeParse(data);
      if (parsed.success) return handle(parsed.data.kill);
      const reason = z.prettifyError(parsed.error);
      await dead.bury(data, reason);
      throw new UnrecoverableError(`a kill job cannot be read and was put aside: ${reason}`);
    },
  });
}
