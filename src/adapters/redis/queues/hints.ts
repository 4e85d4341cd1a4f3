import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import type { Hints } from '../../../flow/needs.ts';
import { clusterTag, slackTag } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { redisFailure } from '../redis-failure.ts';
import { createProducer, refusal, runQueueWorker, type RunningWorker, type WorkerOptions } from './queue.ts';

/** A job of `incidents`. Fields of a newer version are ignored: it is only a hint. */
const advanceJobSchema = z.object({ incident: z.string().min(1) });
/** A job of `slack`, likewise; one bot serves all clusters. */
const showJobSchema = z.object({ cluster: z.string().min(1), incident: z.string().min(1) });

export interface HintsOptions {
  /** Role `producer`. */
  readonly redis: RedisClient;
  readonly cluster: string;
  /** How long a caller waits at most for sending a hint, ms. Default 1 s. */
  readonly deadlineMs?: number;
  /**
   * Called for a hint that Redis did not accept, for the log and the metrics; the sweep of `due` does the work later.
   */
  readonly onLost: (lost: { readonly hint: keyof Hints; readonly incident: string; readonly failure: Failure }) => void;
}

/**
 * Hints as BullMQ jobs. At most one waits per incident; one that comes while its incident is being processed runs
 * afterwards, because that may have missed the change. They never throw.
 */
export function createHints({ redis, cluster, deadlineMs = 1_000, onLost }: HintsOptions): Hints & {
  readonly close: () => Promise<void>;
} {
  const incidents = createProducer({ redis, queue: 'incidents', cluster });
  const slack = createProducer({ redis, queue: 'slack', cluster });

  const hint = async (kind: keyof Hints, incident: string, adding: Promise<void>): Promise<void> => {
    try {
      await adding;
    } catch (error) {
      onLost({ hint: kind, incident, failure: redisFailure(error) });
    }
  };
  const once = (id: string) => ({ deduplication: { id, keepLastIfActive: true } });

  return {
    advance: (incident) => hint('advance', incident, incidents.add({ incident }, once(incident), deadlineMs)),
    show: (incident) =>
      hint('show', incident, slack.add({ cluster, incident }, once(`${cluster}/${incident}`), deadlineMs)),
    close: async () => {
      await Promise.all([incidents.close(), slack.close()]);
    },
  };
}

export interface IncidentWorkerOptions extends WorkerOptions {
  readonly cluster: string;
  /** Processes an incident now. What it throws goes to `onError`; the incident stays due and is found by the sweep. */
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
  /** Like `handle` of the incident worker, for the bot. */
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
  throw refusal(new Failure('unreadable-job', `A hint cannot be read: ${z.prettifyError(parsed.error)}`));
}
