import { readBody } from '../transport/read-body.ts';
import { createSilence } from './silence.ts';
import { failureIn } from '../transport/transport.ts';
import type { Transport } from '../transport/transport.ts';

/** How long watches last. */
export interface WatchPace {
  /**
   * Seconds that the server may keep one watch open. Bookmarks come just before its end, so a short watch keeps the
   * resume point fresh, and a half-open connection is noticed within 30 s.
   */
  readonly watchSeconds: number;
  /**
   * A watch that is still open after so many ms (more than `watchSeconds`) counts as half-open, and so does a streaming
   * list that was silent for so long.
   */
  readonly halfOpenMs: number;
}

export const usualPace: WatchPace = { watchSeconds: 25, halfOpenMs: 29_000 };

/** A streaming list of 150 000 pods is 1.5 GB, and may take as long as it needs. */
const listSeconds = 1_800;

export interface OpenWatch {
  /**
   * Reads until it ends or breaks, and waits if `take` returns a promise. A break is no error, because both are
   * followed by the next watch. Rejects with what `take` throws.
   */
  readonly read: (take: (chunk: Buffer) => Promise<void> | null) => Promise<'ended' | 'broken' | 'half-open'>;
  /** API server's clock at the answer, ms UTC; null without a Date header. */
  readonly serverTime: number | null;
  /** Frees the socket and the timer; call it always. */
  readonly close: () => void;
}

/**
 * Opens a watch of a list's path (`/api/v1/pods`, `/api/v1/namespaces/shop/events`): from a resourceVersion, or,
 * without one, as a streaming list (`sendInitialEvents`), whose first lines are the present objects up to a bookmark
 * that says so. Close it then, because only short watches are noticed when they hang. Throws the Failure of the answer;
 * `cluster-expired`, `cluster-invalid` and `cluster-bad-request` mean that the server does not support this start.
 */
export async function openWatch(
  transport: Transport,
  path: string,
  resourceVersion: string | null,
  pace: WatchPace,
  signal: AbortSignal,
): Promise<OpenWatch> {
  const isList = resourceVersion === null;
  const query = new URLSearchParams({
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(isList ? listSeconds : pace.watchSeconds),
    ...(isList ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' } : { resourceVersion }),
  });
  const silence = createSilence(signal, pace.halfOpenMs);

  /** A list is silent if nothing arrives, not if it lasts long or while we make it wait. */
  function patient(take: (chunk: Buffer) => Promise<void> | null): typeof take {
    return (chunk) => {
      silence.listen();
      const taken = take(chunk);
      if (taken === null) return null;
      silence.hold();
      return taken.then(silence.listen);
    };
  }

  try {
    const call = { path: `${path}?${query.toString()}`, signal: silence.signal, lasts: true };
    const body = await transport.open(call);
    if (body.statusCode !== 200) throw await failureIn(body, call);
    return {
      read: async (take) => {
        const outcome = await readBody(body, isList ? patient(take) : take);
        return silence.isBroken() ? 'half-open' : outcome;
      },
      serverTime: serverTime(body.headers.date),
      close: () => {
        silence.release();
        body.destroy();
      },
    };
  } catch (error) {
    silence.release();
    throw error;
  }
}

/** API server's clock at an answer, ms UTC; null without a Date header. */
export function serverTime(date: string | undefined): number | null {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? null : time;
}
