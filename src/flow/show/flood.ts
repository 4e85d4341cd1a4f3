import { Failure } from '../../core/failure.ts';
import type { Call, ChannelQueues, Clock } from './channel-queues.ts';

/*
 * A flood: more roots are waiting for their turn in a channel than a person wants to read. They leave the queue
 * unposted, and so does whatever arrives in the next moment; all of them are folded into a storm (fold.ts). A root
 * whose turn has come is posted: it may be in the channel already.
 */
export interface Flood {
  /** Posts a first message in its turn, or returns 'flooded' without calling. @throws what `call` throws */
  readonly first: <T>(channel: string, call: Call<T>) => Promise<T | 'flooded'>;
  readonly isOff: boolean;
  /** More first messages than this are a flood; 0 = never. */
  readonly after: number;
}

export interface FloodOptions {
  readonly queues: Pick<ChannelQueues, 'run'>;
  readonly clock: Pick<Clock, 'now'>;
  /** More first messages than this waiting are a flood; 0 = never. */
  readonly after: number;
  /** How long a flood lasts at least, ms: until the storm is stored and other processes can see it. */
  readonly lastsMs: number;
}

export function createFlood({ queues, clock, after, lastsMs }: FloodOptions): Flood {
  const isOff = after === 0;
  const waiting = new Map<string, Set<AbortController>>();
  const floodedUntil = new Map<string, number>();

  const isFlooded = (channel: string): boolean => (floodedUntil.get(channel) ?? 0) > clock.now();

  /** Counts one more; true if that makes it a flood. */
  const joins = (channel: string, one: AbortController): boolean => {
    const all = waiting.get(channel) ?? new Set();
    waiting.set(channel, all.add(one));
    if (all.size <= after) return false;
    waiting.delete(channel);
    floodedUntil.set(channel, clock.now() + lastsMs);
    for (const each of all) each.abort();
    return true;
  };

  const leaves = (channel: string, one: AbortController): void => {
    const all = waiting.get(channel);
    all?.delete(one);
    if (all?.size === 0) waiting.delete(channel);
  };

  return {
    isOff,
    after,
    first: async (channel, call) => {
      if (isOff) return queues.run(channel, 'first', call);
      if (isFlooded(channel)) return 'flooded';
      const mine = new AbortController();
      if (joins(channel, mine)) return 'flooded';
      const turn: typeof call = async (mustHold) => {
        leaves(channel, mine);
        return call(mustHold);
      };
      try {
        return await queues.run(channel, 'first', turn, mine.signal);
      } catch (failure) {
        if (failure instanceof Failure && failure.code === 'turn-left') return 'flooded';
        throw failure;
      } finally {
        leaves(channel, mine);
      }
    },
  };
}
