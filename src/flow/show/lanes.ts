import { Failure } from '../../core/failure.ts';
import { createBucket, type Bucket, type Rate } from './bucket.ts';

/*
 * A lane is the one way into a channel: one call at a time, paced as Slack allows, the most urgent first. It holds the
 * channel's lease while it has work and until its pace has recovered, so that another bot that takes over starts at
 * once and the two together stay within the limit.
 *
 *   first   a root that nobody has seen yet     paced per channel (chat.postMessage: about 1 a second)
 *   answer  what a person waits for             paced per app (chat.postEphemeral: tier 4)
 *   edit    a root brought up to date           paced per app (chat.update: tier 3)
 *   reply   a line in a thread                  paced per channel, and leaves one call for a first message
 *
 * A 429 holds back what shares its pace for as long as Slack asks; the call keeps its place and is made again.
 */
export const callKinds = ['first', 'answer', 'edit', 'reply'] as const;
export type CallKind = (typeof callKinds)[number];

export interface Clock {
  /** ms, monotonic. */
  readonly now: () => number;
  /** Ends early, without an error, when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface LaneLease {
  readonly extend: () => Promise<boolean>;
  readonly release: () => Promise<void>;
}

export interface LanesOptions {
  /** Null while another process sends into the channel. */
  readonly lease: (channel: string, forMs: number) => Promise<LaneLease | null>;
  readonly clock: Clock;
  readonly rates: Rates;
  /** ms; longer than the longest call. */
  readonly leaseMs: number;
  /** ms between two attempts to get a lease. */
  readonly leaseRetryMs: number;
  /** ms after which calls are refused with `lane-taken` because another process keeps the lease. */
  readonly patienceMs: number;
}

export interface Rates {
  readonly post: Rate;
  readonly update: Rate;
  readonly ephemeral: Rate;
}

/** Slack's limits: 1 message a second per channel with a small burst, tier 3 and tier 4 a minute, never all at once. */
export const slackRates: Rates = {
  post: { burst: 3, perSecond: 1 },
  update: { burst: 10, perSecond: 40 / 60 },
  ephemeral: { burst: 20, perSecond: 80 / 60 },
};

export interface Lanes {
  /**
   * Makes a call in its turn and answers with what it answers. Aborting `leave` before its turn takes it out of the lane.
   * @throws Failure `lanes-closed` and `lane-left`, and what `call` throws.
   */
  readonly run: <T>(channel: string, kind: CallKind, call: () => Promise<T>, leave?: AbortSignal) => Promise<T>;
  /**
   * To be asked by a call right before it puts something new into the channel: a process that was asleep since its turn
   * began (a stopped machine, a blocked event loop) may have lost the lease to another one that sends the same.
   * Says nothing of a channel that nobody here waits for. @throws Failure `lane-lost` unless the lease is surely ours
   */
  readonly mustHold: (channel: string) => void;
  /** Refuses what still waits, lets a call under way end, gives the leases back. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly kind: CallKind;
  /** Makes the call; the ms to wait when Slack asked for fewer, else null. Never throws. */
  readonly attempt: () => Promise<number | null>;
  readonly refuse: (failure: unknown) => void;
}

interface Lane {
  readonly waiting: Waiting[];
  readonly posts: Bucket;
  /** Ends the present pause when something new arrives. */
  wake: () => void;
  done: Promise<void> | null;
  /** Before the lease was last taken or extended, ms. */
  heldSince: number;
}

export function createLanes({ lease, clock, rates, leaseMs, leaseRetryMs, patienceMs }: LanesOptions): Lanes {
  const lanes = new Map<string, Lane>();
  const updates = createBucket(rates.update, clock.now());
  const ephemerals = createBucket(rates.ephemeral, clock.now());
  const closing = new AbortController();

  const bucketOf = (lane: Lane, kind: CallKind): Bucket =>
    kind === 'edit' ? updates : kind === 'answer' ? ephemerals : lane.posts;

  const readyAt = (lane: Lane, { kind }: Waiting, now: number): number => {
    const spare = kind === 'reply' && rates.post.burst >= 2 ? 1 : 0;
    return bucketOf(lane, kind).readyAt(now, spare);
  };

  const pause = async (lane: Lane, ms: number): Promise<void> => {
    const early = new AbortController();
    lane.wake = () => {
      early.abort();
    };
    await clock.wait(ms, AbortSignal.any([early.signal, closing.signal]));
  };

  const work = async (lane: Lane, held: LaneLease): Promise<void> => {
    lane.posts.restart(clock.now());
    while (!closing.signal.aborted) {
      const now = clock.now();
      if (now - lane.heldSince > leaseMs / 4) {
        if (!(await held.extend())) return;
        lane.heldSince = now;
        continue;
      }
      const next = mostUrgent(lane.waiting, (one) => readyAt(lane, one, now));
      const at = next?.at ?? lane.posts.readyAt(now, 0);
      if (at > now) {
        await pause(lane, Math.min(at - now, leaseMs / 3));
        continue;
      }
      if (next === null) return;
      const bucket = bucketOf(lane, next.item.kind);
      bucket.take(now);
      const holdMs = await next.item.attempt();
      if (holdMs === null) takeOut(lane, next.item);
      else bucket.hold(clock.now() + holdMs);
    }
  };

  /** Null when the bot stops meanwhile. */
  const acquire = async (channel: string, lane: Lane): Promise<LaneLease | null> => {
    const patientUntil = clock.now() + patienceMs;
    while (!closing.signal.aborted) {
      const askedAt = clock.now();
      const held = await lease(channel, leaseMs);
      if (held !== null) {
        lane.heldSince = askedAt;
        return held;
      }
      if (clock.now() >= patientUntil) throw takenFailure(channel);
      await clock.wait(leaseRetryMs, closing.signal);
    }
    return null;
  };

  const drive = async (channel: string, lane: Lane): Promise<void> => {
    while (lane.waiting.length > 0 && !closing.signal.aborted) {
      try {
        const held = await acquire(channel, lane);
        if (held === null) break;
        try {
          await work(lane, held);
        } finally {
          await held.release();
        }
      } catch (failure) {
        // No lease, no sender: whoever waits learns why and looks again later.
        for (const waiting of lane.waiting.splice(0)) waiting.refuse(failure);
      }
    }
    for (const waiting of lane.waiting.splice(0)) waiting.refuse(closedFailure());
    lane.done = null;
    lanes.delete(channel);
  };

  return {
    run: async <T>(channel: string, kind: CallKind, call: () => Promise<T>, leave?: AbortSignal): Promise<T> => {
      if (closing.signal.aborted) throw closedFailure();
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const lane = lanes.get(channel) ?? newLane(rates, clock.now());
      lanes.set(channel, lane);
      let isMade = false;
      const attempt = async (): Promise<number | null> => {
        isMade = true;
        return attempted(call, resolve, reject);
      };
      const waiting = { kind, refuse: reject, attempt };
      lane.waiting.push(waiting);
      leave?.addEventListener('abort', () => {
        if (isMade) return;
        takeOut(lane, waiting);
        reject(new Failure('lane-left', 'The call was taken back before its turn.'));
      });
      lane.wake();
      lane.done ??= drive(channel, lane);
      return promise;
    },
    mustHold: (channel) => {
      const lane = lanes.get(channel);
      if (lane === undefined || clock.now() - lane.heldSince < leaseMs) return;
      throw new Failure('lane-lost', `The turn in ${channel} took longer than its lease.`, { retry: 'backoff' });
    },
    close: async () => {
      closing.abort();
      await Promise.all([...lanes.values()].map(async (lane) => lane.done));
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

function takeOut(lane: Lane, one: Waiting): void {
  const at = lane.waiting.indexOf(one);
  if (at !== -1) lane.waiting.splice(at, 1);
}

/** By kind, then by arrival; one that has to wait longer for its pace lets others go first. */
function mostUrgent(
  waiting: readonly Waiting[],
  readyAt: (one: Waiting) => number,
): { readonly item: Waiting; readonly at: number } | null {
  const ranked = waiting
    .map((item) => ({ item, at: readyAt(item) }))
    .toSorted((a, b) => a.at - b.at || callKinds.indexOf(a.item.kind) - callKinds.indexOf(b.item.kind));
  return ranked[0] ?? null;
}

function newLane(rates: Rates, now: number): Lane {
  return { waiting: [], posts: createBucket(rates.post, now), wake: () => undefined, done: null, heldSince: -Infinity };
}

function takenFailure(channel: string): Failure {
  return new Failure('lane-taken', `Another bot is sending into ${channel} all the time.`, { retry: 'backoff' });
}

function closedFailure(): Failure {
  return new Failure('lanes-closed', 'The bot is stopping.', { retry: 'backoff' });
}
