/** The Date header has whole seconds: a smaller difference is none. */
const sameClockMs = 2_000;

/** The API server's clock, which may be wrong and may jump, beside our own, which goes on evenly. All are ms UTC. */
export interface ServerClock {
  /** What the server has just said; null where it did not say it. */
  readonly heard: (serverTime: number | null) => void;
  readonly now: () => number;
  /** How far it is ahead of ours; 0 where it is the same. */
  readonly aheadMs: () => number;
}

export function createServerClock(own: () => number): ServerClock {
  let ahead = 0;
  return {
    heard: (serverTime) => {
      if (serverTime === null) return;
      const difference = serverTime - own();
      ahead = Math.abs(difference) < sameClockMs ? 0 : difference;
    },
    now: () => own() + ahead,
    aheadMs: () => ahead,
  };
}
