import { Failure } from '../../core/failure.ts';
import type { Now } from '../needs.ts';
import { whyClosed } from './chat-failure.ts';
import type { ShowSettings } from './needs.ts';

const MOST_DOUBLINGS = 6;

/** The incident or storm that is being shown, and its channel. */
interface About {
  readonly id: string;
  readonly channel: string;
}

/** When to retry, and what to report. */
export interface Retries {
  /**
   * ms UTC of the next try: `retryMs`, doubled with each failure in a row, or `deadChannelMs`, or later where the chat
   * asks for that. An early retry, because there was news, does not make the pause longer. Calls `report`; for a dead
   * channel only once. @throws a Failure of Redis
   */
  readonly next: (about: About, failure: unknown, report: () => void) => Promise<number>;
  /** Nothing can be written into this channel: calls `report` if that was not reported before. */
  readonly isDead: (channel: string, report: () => void) => void;
  readonly succeeded: (about: About) => void;
}

export function createRetries(now: Now, settings: Pick<ShowSettings, 'retryMs' | 'deadChannelMs'>): Retries {
  const failures = new Map<string, { readonly count: number; readonly until: number }>();
  const deadChannels = new Set<string>();
  const isDead: Retries['isDead'] = (channel, report) => {
    if (!deadChannels.has(channel)) report();
    deadChannels.add(channel);
  };
  return {
    isDead,
    next: async ({ id, channel }, failure, report) => {
      const code = failure instanceof Failure ? failure.code : '';
      if (code.startsWith('redis-')) throw failure;
      if (code === 'queues-closed') return now();
      const dead = whyClosed(failure) !== null || code === 'chat-missing-scope';
      const at = await now();
      const { count, until: planned } = failures.get(id) ?? { count: 0, until: 0 };
      if (dead) isDead(channel, report);
      else if (code !== 'channel-taken') report();
      const askedMs = failure instanceof Failure && typeof failure.retry === 'object' ? failure.retry.afterMs : 0;
      // A bot that is updated must not wait for one that is not.
      const doublings = code === 'newer-document' ? 0 : Math.min(count, MOST_DOUBLINGS);
      const ownMs = dead ? settings.deadChannelMs : settings.retryMs * 2 ** doublings;
      const pauseMs = Math.max(ownMs, askedMs);
      if (at < planned) return planned;
      failures.set(id, { count: count + 1, until: at + pauseMs });
      return at + pauseMs;
    },
    succeeded: ({ id, channel }) => {
      failures.delete(id);
      deadChannels.delete(channel);
    },
  };
}
