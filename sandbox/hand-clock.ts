import type { SandboxClock } from './clock.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that stands still until it is told to go on. */
export interface HandClock extends SandboxClock {
  /** Goes on by so many virtual ms and fires what is due on the way, in order; promises settle between timers. */
  readonly advance: (virtualMs: number) => Promise<void>;
  /** Timers that are still waiting. */
  readonly pending: () => number;
}

/** Hand-driven clock for tests, starting at `start` (ms UTC). */
export function createHandClock(start = Date.UTC(2026, 10, 24, 12), speed = 1): HandClock {
  const timers = new Set<Timer>();
  let elapsedMs = 0;

  function after(virtualMs: number, fn: () => void): () => void {
    const timer: Timer = { at: elapsedMs + Math.max(0, virtualMs) / speed, fire: fn };
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  }

  async function wait(virtualMs: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = (): void => {
        cancel();
        reject(reasonOf(signal));
      };
      const cancel = after(virtualMs, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  async function advance(virtualMs: number): Promise<void> {
    const end = elapsedMs + virtualMs / speed;
    for (;;) {
      await settle();
      const next = [...timers].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      timers.delete(next);
      elapsedMs = next.at;
      next.fire();
    }
    elapsedMs = end;
  }

  return {
    now: () => start + elapsedMs,
    monotonic: () => elapsedMs,
    speed,
    wait,
    after,
    advance,
    pending: () => timers.size,
  };
}

async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}
