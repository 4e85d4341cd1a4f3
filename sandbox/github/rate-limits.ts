export interface Budget {
  readonly limit: number;
  readonly used: number;
  /** ms UTC when the hour is over. */
  readonly resetAt: number;
}

export interface RateLimits {
  /** The hour of a caller as it is, without counting anything. */
  readonly look: (caller: string) => Budget;
  /** Counts one request; false where none was left. */
  readonly take: (caller: string) => boolean;
}

const hourMs = 3_600_000;

/** GitHub's primary limit: so many requests an hour for each caller, counted from its first. `now` is ms UTC. */
export function createRateLimits(limit: number, now: () => number): RateLimits {
  const hours = new Map<string, { used: number; resetAt: number }>();
  const hourOf = (caller: string): { used: number; resetAt: number } => {
    const known = hours.get(caller);
    if (known !== undefined && known.resetAt > now()) return known;
    const fresh = { used: 0, resetAt: now() + hourMs };
    hours.set(caller, fresh);
    return fresh;
  };
  return {
    look: (caller) => ({ limit, ...hourOf(caller) }),
    take: (caller) => {
      const hour = hourOf(caller);
      if (hour.used >= limit) return false;
      hour.used += 1;
      return true;
    },
  };
}

/** The headers that stand on every answer. */
export function budgetHeaders({ limit, resetAt, used }: Budget): Readonly<Record<string, string>> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(limit - used),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(Math.ceil(resetAt / 1000)),
    'x-ratelimit-resource': 'core',
  };
}
