import { Failure } from '../../core/failure.ts';
import { minuteMs } from '../../core/units/duration.ts';
import { createBucket, type Rate } from '../show/bucket.ts';
import type { Homes } from './needs.ts';

/** Also without a hint, what is open in front of somebody is not older than this, ms. */
const lookEveryMs = minuteMs;

export interface RefreshNeeds {
  readonly homes: Pick<Homes, 'fresh'>;
  /** Shows somebody's Home tab as it is now; `sent` where it had changed. */
  readonly show: (user: string) => Promise<'sent' | 'same' | 'busy'>;
  /** ms of a monotonic clock. */
  readonly clock: () => number;
  readonly rate: Rate;
  readonly trouble: (failure: unknown, user: string) => void;
}

export interface HomeRefresh {
  /** Something has changed that a Home tab may show. */
  readonly changed: () => void;
  /** Call it often: brings every Home tab up to date that somebody looks at, where there may be something new. */
  readonly tick: () => Promise<void>;
}

/** Paced by the chat's limit for all people together: whom there is no turn for has one at the next tick. */
export function createHomeRefresh({ homes, show, clock, rate, trouble }: RefreshNeeds): HomeRefresh {
  const bucket = createBucket(rate, clock());
  let waiting: readonly string[] = [];
  let isChanged = false;
  let lookedAt = clock();

  return {
    changed: () => {
      isChanged = true;
    },
    tick: async () => {
      if (isChanged || clock() - lookedAt >= lookEveryMs) {
        isChanged = false;
        lookedAt = clock();
        waiting = await homes.fresh();
      }
      const later: string[] = [];
      for (const user of waiting) {
        if (bucket.readyAt(clock(), 0) > clock()) {
          later.push(user);
          continue;
        }
        try {
          const shown = await show(user);
          if (shown === 'sent') bucket.take(clock());
          if (shown === 'busy') later.push(user);
        } catch (failure) {
          trouble(failure, user);
          if (!(failure instanceof Failure) || failure.retry === 'never') continue;
          if (typeof failure.retry === 'object') bucket.hold(clock() + failure.retry.afterMs);
          later.push(user);
        }
      }
      waiting = later;
    },
  };
}
