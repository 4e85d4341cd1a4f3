const initialMs = 10_000;
const longestMs = 300_000;

/** Crash-loop back-off of one container. Times are virtual ms. */
export interface Backoff {
  /** How long a container that ended at `endedAt` still has to wait; 0 = start it now. */
  readonly remaining: (endedAt: number, now: number) => number;
  /** Says that it is being started: the next wait is twice as long. */
  readonly started: (now: number) => void;
  /** Forgets the past, as an accepted resize does. */
  readonly reset: () => void;
}

/**
 * As the kubelet counts: the first restart is immediate, then 10 s, 20 s, 40 s … at most 5 min after the end, and a
 * container that ran for 10 min starts from the beginning (k8s.io/client-go/util/flowcontrol, kubelet's constants).
 */
export function createBackoff(): Backoff {
  let waitMs = 0;
  let updatedAt = 0;
  const expired = (at: number): boolean => waitMs > 0 && at - updatedAt > 2 * longestMs;
  return {
    remaining: (endedAt, now) => {
      if (waitMs === 0 || expired(endedAt)) return 0;
      return Math.max(0, endedAt + waitMs - now);
    },
    started: (now) => {
      waitMs = waitMs === 0 || expired(now) ? initialMs : Math.min(longestMs, waitMs * 2);
      updatedAt = now;
    },
    reset: () => {
      waitMs = 0;
    },
  };
}
