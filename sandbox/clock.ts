import { setTimeout as delay } from 'node:timers/promises';

/**
 * Time in the pretend world. Time stamps are real; `speed` only shortens durations: programs, back-offs, scrape
 * intervals, scenario offsets. A back-off of 10 virtual seconds takes 10/speed real seconds.
 */
export interface SandboxClock {
  /** Real time, ms UTC. */
  readonly now: () => number;
  /** Real ms since some fixed moment; never jumps. */
  readonly monotonic: () => number;
  /** Virtual ms per real ms. */
  readonly speed: number;
  /** Resolves after so many virtual ms; rejects with the signal's reason when it is aborted first. */
  readonly wait: (virtualMs: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `fn` after so many virtual ms; the returned function cancels it. */
  readonly after: (virtualMs: number, fn: () => void) => () => void;
}

const longestTimerMs = 2 ** 31 - 1;

/** The clock of a running sandbox. A pending `after` keeps no process alive. */
export function createClock(speed = 1): SandboxClock {
  const realMs = (virtualMs: number): number => Math.min(Math.max(0, virtualMs / speed), longestTimerMs);
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    speed,
    wait: async (virtualMs, signal) => {
      await delay(realMs(virtualMs), undefined, signal === undefined ? {} : { signal });
    },
    after: (virtualMs, fn) => {
      const timer = setTimeout(fn, realMs(virtualMs)).unref();
      return () => {
        clearTimeout(timer);
      };
    },
  };
}
