import { homeClickSchema } from '../../../core/home/home-news.ts';
import type { Homes } from '../../../flow/home/needs.ts';
import type { Skipped } from '../../../flow/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { redisNow } from '../connection.ts';
import { slackKeys } from '../keys.ts';
import { takeLease } from '../lease.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { eachReadable } from '../documents/readable.ts';
import { stored } from '../documents/stored.ts';

const clickDocument = stored('home-click', homeClickSchema);

/** More than a screenful of news is none. */
const mostClicks = 5;

export interface HomesOptions {
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly bounds?: Pick<Bounds, 'homes' | 'homeMs'>;
  readonly onUnreadable?: Skipped;
}

export function createHomes({ redis, bounds = usualBounds, onUnreadable = () => undefined }: HomesOptions): Homes {
  const { homes, homeMs } = bounds;
  const now = (): Promise<number> => redisNow(redis);
  return {
    now,
    opened: async (user) => {
      await guarded(redis.zadd(slackKeys.homes, await now(), user));
      await guarded(redis.zremrangebyrank(slackKeys.homes, 0, -(homes + 1)));
      await guarded(redis.pexpire(slackKeys.homes, homeMs));
    },
    fresh: async () => {
      await guarded(redis.zremrangebyscore(slackKeys.homes, '-inf', (await now()) - homeMs));
      return guarded(redis.zrange(slackKeys.homes, 0, '-1', 'REV'));
    },
    clicked: async (user, click) => {
      const key = slackKeys.homeClicks(user);
      await guarded(redis.rpush(key, clickDocument.write(click)));
      await guarded(redis.ltrim(key, -mostClicks, -1));
      await guarded(redis.pexpire(key, homeMs));
    },
    clicks: async (user) => {
      const found = await guarded(redis.lrange(slackKeys.homeClicks(user), 0, -1));
      const clicks = await eachReadable(
        found.map(() => `a click in the Home tab of ${user}`),
        (name, at) => clickDocument.read(name, found[at] ?? ''),
        onUnreadable,
      );
      const since = (await now()) - homeMs;
      return clicks.filter(({ at }) => at >= since);
    },
    shown: async (user) => guarded(redis.get(slackKeys.home(user))),
    keepShown: async (user, hash) => {
      await guarded(redis.set(slackKeys.home(user), hash, 'PX', homeMs));
    },
    lease: (user, forMs) => takeLease(redis, slackKeys.homeLease(user), forMs),
  };
}
