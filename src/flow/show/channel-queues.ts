import { Failure } from '../../core/failure.ts';
import type { Lease } from '../held-lease.ts';
import { createBucket, type Bucket, type Rate } from './bucket.ts';

/*
 * All calls to a channel go through its queue: one at a time, at the rate that the chat allows, the most urgent first.
 * It holds the channel's lease while it has work and until its rate has recovered, so that a bot that takes over can
 * start at once and both together stay within the limit.
 *
 *   first   a root that nobody has seen yet     paced per channel
 *   answer  what a person waits for             paced per app
 *   edit    a root brought up to date           paced per app
 *   reply   a line in a thread                  paced per channel, and leaves one call for a first message
 *
 * After `chat-rate-limited`, calls that share the same rate wait for as long as the chat asks; the failed call keeps
 * its place and is repeated.
 */
export const callKinds = ['first', 'answer', 'edit', 'reply'] as const;
export type CallKind = (typeof callKinds)[number];

export interface Clock {
  /** ms, monotonic. */
  readonly now: () => number;
  /** Ends early, without an error, when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ChannelQueuesOptions {
  /** Null while another process sends into the channel. */
  readonly lease: (channel: string, forMs: number) => Promise<Lease | null>;
  readonly clock: Clock;
  readonly rates: Rates;
  /** ms; longer than the longest call. */
  readonly leaseMs: number;
  /** ms between two attempts to get a lease. */
  readonly leaseRetryMs: number;
  /** ms after which calls are refused with `channel-taken` because another process keeps the lease. */
  readonly patienceMs: number;
}

export interface Rates {
  readonly post: Rate;
  readonly update: Rate;
  readonly ephemeral: Rate;
}

export interface ChannelQueues {
  /**
   * Makes a call in its turn and returns its result. Aborting `leave` before its turn removes it from the queue.
   * @throws Failure `queues-closed` and `turn-left`, and what `call` throws.
   */
  readonly run: <T>(channel: string, kind: CallKind, call: Call<T>, leave?: AbortSignal) => Promise<T>;
  /** Refuses waiting calls, lets the present call finish, and releases the leases. */
  readonly close: () => Promise<void>;
}

/**
 * Call `mustHold` right before posting something new into the channel: a process that was suspended since its turn
 * began (a stopped machine, a blocked event loop) may have lost the lease to another one that sends the same. It throws
 * Failure `turn-lost` unless the lease is certainly ours.
 */
export type Call<T> = (mustHold: () => void) => Promise<T>;

interface Waiting {
  readonly kind: CallKind;
  /** Makes the call; returns the ms to wait if the chat was rate limited, else null. Never throws. */
  readonly attempt: () => Promise<number | null>;
  readonly refuse: (failure: unknown) => void;
}

interface Queue {
  readonly waiting: Waiting[];
  readonly posts: Bucket;
  /** Ends the present pause when something new arrives. */
  wake: () => void;
  done: Promise<void> | null;
  /** Before the lease was last taken or extended, ms. */
  heldSince: number;
}

export function createChannelQueues({
  lease,
  clock,
  rates,
  leaseMs,
  leaseRetryMs,
  patienceMs,
}: ChannelQueuesOptions): ChannelQueues {
  const queues = new Map<string, Queue>();
  const updates = createBucket(rates.update, clock.now());
  const ephemerals = createBucket(rates.ephemeral, clock.now());
  const closing = new AbortController();

  const bucketOf = (queue: Queue, kind: CallKind): Bucket =>
    kind === 'edit' ? updates : kind === 'answer' ? ephemerals : queue.posts;

  const readyAt = (queue: Queue, { kind }: Waiting, now: number): number => {
    const spare = kind === 'reply' && rates.post.burst >= 2 ? 1 : 0;
    return bucketOf(queue, kind).readyAt(now, spare);
  };

  const pause = async (queue: Queue, ms: number): Promise<void> => {
    const early = new AbortController();
    queue.wake = () => {
      early.abort();
    };
    await clock.wait(ms, AbortSignal.any([early.signal, closing.signal]));
  };

  const work = async (queue: Queue, held: Lease): Promise<void> => {
    queue.posts.restart(clock.now());
    while (!closing.signal.aborted) {
      const now = clock.now();
      if (now - queue.heldSince > leaseMs / 4) {
        if (!(await held.extend())) return;
        queue.heldSince = now;
        continue;
      }
      const next = mostUrgent(queue.waiting, (one) => readyAt(queue, one, now));
      const at = next?.at ?? queue.posts.readyAt(now, 0);
      if (at > now) {
        await pause(queue, Math.min(at - now, leaseMs / 3));
        continue;
      }
      if (next === null) return;
      const bucket = bucketOf(queue, next.item.kind);
      bucket.take(now);
      const holdMs = await next.item.attempt();
      if (holdMs === null) takeOut(queue, next.item);
      else bucket.hold(clock.now() + holdMs);
    }
  };

  /** Null when the bot stops meanwhile. */
  const acquire = async (channel: string, queue: Queue): Promise<Lease | null> => {
    const patientUntil = clock.now() + patienceMs;
    while (!closing.signal.aborted) {
      const askedAt = clock.now();
      const held = await lease(channel, leaseMs);
      if (held !== null) {
        queue.heldSince = askedAt;
        return held;
      }
      if (clock.now() >= patientUntil) throw takenFailure(channel);
      await clock.wait(leaseRetryMs, closing.signal);
    }
    return null;
  };

  const drive = async (channel: string, queue: Queue): Promise<void> => {
    while (queue.waiting.length > 0 && !closing.signal.aborted) {
      try {
        const held = await acquire(channel, queue);
        if (held === null) break;
        try {
          await work(queue, held);
        } finally {
          await held.release();
        }
      } catch (failure) {
        // Without the lease nothing is sent: the waiting calls are refused and come back later.
        for (const waiting of queue.waiting.splice(0)) waiting.refuse(failure);
      }
    }
    for (const waiting of queue.waiting.splice(0)) waiting.refuse(closedFailure());
    queue.done = null;
    queues.delete(channel);
  };

  return {
    run: async <T>(channel: string, kind: CallKind, call: Call<T>, leave?: AbortSignal): Promise<T> => {
      if (closing.signal.aborted) throw closedFailure();
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const queue = queues.get(channel) ?? newQueue(rates, clock.now());
      queues.set(channel, queue);
      let isMade = false;
      const mustHold = (): void => {
        if (clock.now() - queue.heldSince < leaseMs) return;
        throw new Failure('turn-lost', `The turn in ${channel} took longer than its lease.`, { retry: 'backoff' });
      };
      const attempt = async (): Promise<number | null> => {
        isMade = true;
        return attempted(async () => call(mustHold), resolve, reject);
      };
      const waiting = { kind, refuse: reject, attempt };
      queue.waiting.push(waiting);
      leave?.addEventListener('abort', () => {
        if (isMade) return;
        takeOut(queue, waiting);
        reject(new Failure('turn-left', 'The call was taken back before its turn.'));
      });
      queue.wake();
      queue.done ??= drive(channel, queue);
      return promise;
    },
    close: async () => {
      closing.abort();
      await Promise.all([...queues.values()].map(async (queue) => queue.done));
    },
  };
}

async function attempted<T>(
  call: () => Promise<T>,
  resolve: (value: T) => void,
  reject: (failure: unknown) => void,
): Promise<number | null> {
  try {
    resolve(await call());
  } catch (failure) {
    if (failure instanceof Failure && failure.code === 'chat-rate-limited' && typeof failure.retry === 'object') {
      return failure.retry.afterMs;
    }
    reject(failure);
  }
  return null;
}

function takeOut(queue: Queue, one: Waiting): void {
  const at = queue.waiting.indexOf(one);
  if (at !== -1) queue.waiting.splice(at, 1);
}

/** By kind, then by arrival; a call that has to wait longer for its rate lets others go first. */
function mostUrgent(
  waiting: readonly Waiting[],
  readyAt: (one: Waiting) => number,
): { readonly item: Waiting; readonly at: number } | null {
  const ranked = waiting
    .map((item) => ({ item, at: readyAt(item) }))
    .toSorted((a, b) => a.at - b.at || callKinds.indexOf(a.item.kind) - callKinds.indexOf(b.item.kind));
  return ranked[0] ?? null;
}

function newQueue(rates: Rates, now: number): Queue {
  return { waiting: [], posts: createBucket(rates.post, now), wake: () => undefined, done: null, heldSince: -Infinity };
}

function takenFailure(channel: string): Failure {
  return new Failure('channel-taken', `Another bot is sending into ${channel} all the time.`, { retry: 'backoff' });
}

function closedFailure(): Failure {
  return new Failure('queues-closed', 'The bot is stopping.', { retry: 'backoff' });
}
