import { setTimeout as delay } from 'node:timers/promises';
import { createPatientTime, realTime, type PatientTime } from './patient-time.ts';

/**
 * Time in the pretend world. Time stamps are real; `speed` only shortens durations: programs, back-offs, scrape
 * intervals, scenario offsets. A back-off of 10 virtual seconds takes 10/speed real seconds, and longer while somebody
 * is late: compressed time must not outrun the machine.
 */
export interface SandboxClock {
  /** Real time, ms UTC. */
  readonly now: () => number;
  /** Ms since some fixed moment, by which all durations are measured; never jumps. Stands still while time does. */
  readonly monotonic: () => number;
  /** Virtual ms per ms of `monotonic`. */
  readonly speed: number;
  /** Resolves after so many virtual ms; rejects when the signal is aborted first. */
  readonly wait: (virtualMs: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `fn` after so many virtual ms; the returned function cancels it. */
  readonly after: (virtualMs: number, fn: () => void) => () => void;
}

export interface RunningClock extends SandboxClock, Omit<PatientTime, 'now'> {}

const longestTimerMs = 2 ** 31 - 1;
/** Node's timers may come so much too early. */
const earlyMs = 1;
/** What came while time stood still is looked at again after this. */
const againMs = 5;

/** The clock of a running sandbox. At real speed it waits for nobody. A pending `after` keeps no process alive. */
export function createClock(speed = 1): RunningClock {
  const { now: monotonic, standStillWhile, stop } = speed > 1 ? createPatientTime() : realTime;
  const realMs = (virtualMs: number): number => Math.max(0, virtualMs / speed);
  const timerMs = (ms: number): number => Math.min(ms, longestTimerMs);

  return {
    now: () => Date.now(),
    monotonic,
    speed,
    standStillWhile,
    stop,
    wait: async (virtualMs, signal) => {
      let leftMs = realMs(virtualMs);
      const due = monotonic() + leftMs;
      do {
        await delay(timerMs(leftMs), undefined, signal === undefined ? {} : { signal });
        leftMs = Math.max(againMs, due - monotonic());
      } while (due - monotonic() > earlyMs);
    },
    after: (virtualMs, fn) => {
      const due = monotonic() + realMs(virtualMs);
      const look = (): void => {
        const leftMs = due - monotonic();
        if (leftMs <= earlyMs) fn();
        else timer = setTimeout(look, timerMs(Math.max(againMs, leftMs))).unref();
      };
      let timer = setTimeout(look, timerMs(realMs(virtualMs))).unref();
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
