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

/** A clock that goes right and is set wrong: what it says is so many ms later than it is, now. */
export function setWrong(clock: SandboxClock, byMs: () => number): SandboxClock {
  return { ...clock, now: () => clock.now() + byMs() };
}

/** The same time for a story that runs faster or slower than the rest of the world. */
export function atSpeed(clock: SandboxClock, speed: number): SandboxClock {
  const scale = clock.speed / speed;
  return {
    now: clock.now,
    monotonic: clock.monotonic,
    speed,
    wait: async (virtualMs, signal) => clock.wait(virtualMs * scale, signal),
    after: (virtualMs, fn) => clock.after(virtualMs * scale, fn),
  };
}

/** Virtual ms since some fixed moment; only differences mean something. */
export function virtualNow(clock: SandboxClock): number {
  return clock.monotonic() * clock.speed;
}
