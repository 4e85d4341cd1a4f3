import type { IncomingMessage } from 'node:http';
import { failureOf, textOf } from './transport.ts';
import type { Transport } from './transport.ts';

/** How long watches live. */
export interface WatchPace {
  /**
   * Seconds that the server may keep one watch open. Bookmarks come just before its end, so a short watch keeps the
   * resume point fresh, and a half-open connection is noticed within 30 s (domain.md section 9).
   */
  readonly watchSeconds: number;
  /** A watch that is still open after so many ms, longer than `watchSeconds`, is half-open. */
  readonly halfOpenMs: number;
}

export const usualPace: WatchPace = { watchSeconds: 25, halfOpenMs: 29_000 };

export interface OpenWatch {
  /** The bytes until it ends or breaks; a break is no error here, because the answer to both is the next watch. */
  readonly chunks: AsyncIterable<Buffer>;
  /** API server's clock at the answer, ms UTC; null without a Date header. */
  readonly serverTime: number | null;
  /** How it is over, once `chunks` has ended. */
  readonly outcome: () => 'ended' | 'broken' | 'half-open';
  /** Frees the socket and the timer; call it always. */
  readonly close: () => void;
}

/**
 * Opens a watch of a list's path (`/api/v1/pods`, `/api/v1/namespaces/shop/events`): from a resourceVersion, or,
 * without one, as a streaming list (`sendInitialEvents`), whose first lines are the present objects up to a bookmark
 * that says so. Throws the Failure of the answer; `cluster-expired`, `cluster-invalid` and `cluster-bad-request` mean
 * that this way to begin is not served.
 */
export async function openWatch(
  transport: Transport,
  path: string,
  resourceVersion: string | null,
  pace: WatchPace,
  signal: AbortSignal,
): Promise<OpenWatch> {
  const query = new URLSearchParams({
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(pace.watchSeconds),
    ...(resourceVersion === null
      ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
      : { resourceVersion }),
  });
  const life = new AbortController();
  const stop = (): void => life.abort();
  let outcome: ReturnType<OpenWatch['outcome']> = 'ended';
  const timer = setTimeout(() => {
    outcome = 'half-open';
    stop();
  }, pace.halfOpenMs);
  // Not AbortSignal.any: one made of a signal that lives as long as the process is kept as long, every 25 s a new one.
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const release = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  };

  async function* chunksOf(body: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      yield* body as AsyncIterable<Buffer>;
    } catch {
      if (outcome === 'ended') outcome = 'broken';
    }
  }

  try {
    const call = { path: `${path}?${query.toString()}`, signal: life.signal, lasts: true };
    const body = await transport.open(call);
    if (body.statusCode !== 200) throw failureOf(body.statusCode ?? 0, await textOf(body), call);
    return {
      chunks: chunksOf(body),
      serverTime: serverTime(body.headers.date),
      outcome: () => outcome,
      close: () => {
        release();
        body.destroy();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** API server's clock at an answer, ms UTC; null without a Date header. */
export function serverTime(date: string | undefined): number | null {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? null : time;
}
