import { z } from 'zod';
import type { Refusals } from '../../../flow/notify/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { slackKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { parseDocument } from '../store/documents.ts';

const refusalSchema = z.strictObject({
  configuration: z.string(),
  at: z.number(),
  why: z.string(),
  until: z.number(),
});

/** Which receivers refuse everything, for all bots and for whoever looks at them. Throws only Failures. */
export function createRefusals(redis: RedisClient, bounds: Bounds = usualBounds): Refusals {
  return {
    of: async (receiver) => {
      const found = await guarded(redis.get(slackKeys.refusal(receiver)));
      return found === null ? null : parseDocument(`the refusal of ${receiver}`, refusalSchema, found);
    },
    keep: async (receiver, refusal) => {
      const key = slackKeys.refusal(receiver);
      if (refusal === null) await guarded(redis.del(key));
      else await guarded(redis.set(key, JSON.stringify(refusal), 'PX', bounds.closedMs));
    },
  };
}
