import type { Failure } from '../../../core/failure.ts';
import type { Hints } from '../../../flow/needs.ts';
import { createProducer } from './queues.ts';
import type { RedisClient } from '../redis-client.ts';
import { redisFailure } from '../redis-failure.ts';

export interface HintsOptions {
  /** Role `producer`. */
  readonly redis: RedisClient;
  readonly cluster: string;
  /** ms that a caller waits for a hint at most. Default 1 s. */
  readonly deadlineMs?: number;
  /** A hint that Redis did not take. The sweep of `due` does its work later; this is for the log and the metrics. */
  readonly onLost: (lost: { readonly hint: keyof Hints; readonly incident: string; readonly failure: Failure }) => void;
}

/**
 * Hints as BullMQ jobs: at most one waits per incident, and one that comes while its incident is being looked at runs
 * afterwards, since the look may have missed what it is about. They never throw.
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
