/**
 * Slack's published limits as token buckets. A tier allows that many calls a minute with bursts up to a minute's worth;
 * posting allows one message a second and channel with a small burst. Slack promises no exact burst; these are strict.
 */
export type Tier = 1 | 2 | 3 | 4 | 'posting' | 'special';

interface Bucket {
  tokens: number;
  at: number;
}

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const rates: Readonly<Record<Tier, Rate>> = {
  // NOTE: published as "1+"; reconnecting clients are in fact allowed several opens in a row.
  1: { burst: 20, perSecond: 1 / 60 },
  2: { burst: 20, perSecond: 20 / 60 },
  3: { burst: 50, perSecond: 50 / 60 },
  4: { burst: 100, perSecond: 100 / 60 },
  posting: { burst: 4, perSecond: 1 },
  special: { burst: 600, perSecond: 10 },
};

export interface RateLimits {
  /** Takes one call; returns 0, or the seconds to wait (whole, at least 1) when there is none left. */
  readonly take: (tier: Tier, key: string) => number;
}

/** `scale` makes them that many times more generous, for worlds that run faster. `now`: real ms. */
export function createRateLimits(limits: 'slack' | 'off' | { readonly scale: number }, now: () => number): RateLimits {
  if (limits === 'off') return { take: () => 0 };
  const scale = limits === 'slack' ? 1 : limits.scale;
  const buckets = new Map<string, Bucket>();
  return {
    take: (tier, key) => {
      const { burst, perSecond } = rates[tier];
      const bucket = buckets.get(key) ?? { tokens: burst * scale, at: now() };
      const gained = ((now() - bucket.at) / 1000) * perSecond * scale;
      const tokens = Math.min(burst * scale, bucket.tokens + gained);
      const allowed = tokens >= 1;
      buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now() });
      return allowed ? 0 : Math.max(1, Math.ceil((1 - tokens) / (perSecond * scale)));
    },
  };
}
