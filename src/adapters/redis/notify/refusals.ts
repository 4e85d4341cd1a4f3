import { z } from 'zod';
import { growingObject } from '../../../core/units/growing-object.ts';
import type { Refusals } from '../../../flow/notify/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { stored } from '../documents/stored.ts';

const refusalDocument = stored(
  'refusal',
  growingObject({ configuration: z.string(), at: z.number(), why: z.string(), until: z.number() }),
);

/** Which receivers refuse everything, for all bots and for whoever looks at them. Throws only Failures. */
export function createRefusals(redis: RedisClient, bounds: Bounds = usualBounds): Refusals {
  return {
    of: async (receiver) => {
      const found = await guarded(redis.get(slackKeys.refusal(receiver)));
      return found === null ? null : refusalDocument.read(`the refusal of ${receiver}`, found);
    },
    keep: async (receiver, refusal) => {
      const key = slackKeys.refusal(receiver);
      if (refusal === null) await guarded(redis.del(key));
      else await guarded(redis.set(key, refusalDocument.write(refusal), 'PX', bounds.closedMs));
    },
  };
}
