import { UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import { clusterTag, slackTag } from '../keys.ts';
import { advanceJobSchema, showJobSchema } from './queues.ts';
import { runQueueWorker, type RunningWorker, type WorkerOptions } from './queue-worker.ts';

export interface IncidentWorkerOptions extends WorkerOptions {
  readonly cluster: string;
  /** Looks at an incident now. What it throws goes to `onError`; the incident stays due and is found by the sweep. */
  readonly handle: (incident: string) => Promise<void>;
}

/** Follows the hints of one cluster's incidents. */
export function runIncidentWorker({ handle, ...options }: IncidentWorkerOptions): RunningWorker {
  return runQueueWorker({
    ...options,
    queue: 'incidents',
    prefix: clusterTag(options.cluster),
    process: async (data) => handle(readHint(advanceJobSchema, data).incident),
  });
}

export interface SlackWorkerOptions extends WorkerOptions {
  /** As `handle` of the incident worker, for the bot. */
  readonly handle: (cluster: string, incident: string) => Promise<void>;
}

/** Follows the hints of all clusters' incidents for the bot. */
export function runSlackWorker({ handle, ...options }: SlackWorkerOptions): RunningWorker {
  return runQueueWorker({
    ...options,
    queue: 'slack',
    prefix: slackTag,
    process: async (data) => {
      const { cluster, incident } = readHint(showJobSchema, data);
      await handle(cluster, incident);
    },
  });
}

function readHint<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new UnrecoverableError(`a hint cannot be read: ${z.prettifyError(parsed.error)}`);
}
