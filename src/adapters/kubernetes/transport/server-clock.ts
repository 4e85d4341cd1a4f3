/** The Date header has whole seconds, so smaller differences mean nothing. */
const sameClockMs = 2_000;

/** The API server's clock, which may be wrong and may jump, compared with our own monotonic one. All times are ms UTC. */
export interface ServerClock {
  /** The time in the server's latest answer; null where the answer had none. */
  readonly heard: (serverTime: number | null) => void;
  readonly now: () => number;
  /** How far it is ahead of ours, ms; 0 where they agree. */
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
