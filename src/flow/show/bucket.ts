export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket. All times are ms of one monotonic clock. */
export interface Bucket {
  /**
   * When a call may be made that leaves `spare` tokens; `now` or earlier means at once. The same for all calls that may
   * go now.
   */
  readonly readyAt: (now: number, spare: number) => number;
  readonly take: (now: number) => void;
  /** Nothing is sent before `until`. */
  readonly hold: (until: number) => void;
  /** Assumes that another process has used all but one token. */
  readonly restart: (now: number) => void;
}

export function createBucket({ burst, perSecond }: Rate, start: number): Bucket {
  let tokens = burst;
  let at = start;
  let heldUntil = 0;

  const refill = (now: number): void => {
    tokens = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond);
    at = now;
  };

  return {
    readyAt: (now, spare) => {
      refill(now);
      // Slightly less than a whole token counts: refilling in small steps leaves rounding errors.
      const missing = Math.max(0, 1 + spare - tokens - 1e-9);
      return Math.max(now + Math.ceil((missing / perSecond) * 1000), heldUntil);
    },
    take: (now) => {
      refill(now);
      tokens -= 1;
    },
    hold: (until) => {
      heldUntil = Math.max(heldUntil, until);
    },
    restart: (now) => {
      refill(now);
      tokens = Math.min(tokens, 1);
    },
  };
}
