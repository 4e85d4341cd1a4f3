import { z } from 'zod';

/**
 * What is known of a demand that was never seen in full. `seen`: siblings, or the climb itself, show the level (bytes).
 * `beyond`: it is more than `bytes`, at which it was killed; by how much is assumed to be exponential (passing a limit
 * says nothing about how far) with the mean `excess`, a share of `bytes`.
 */
export const demandSchema = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('seen'), bytes: z.number(), headroom: z.number() }),
  z.strictObject({ is: z.literal('beyond'), bytes: z.number(), excess: z.number() }),
]);
export type Demand = z.infer<typeof demandSchema>;

/** The highest probability. */
const surest = 0.95;
/** With the whole headroom, without any, and below what is needed. */
const ofSeen = { whole: 0.9, none: 0.5, below: 0.1 };

/** How likely a limit (bytes) holds, 0..1, to two digits. */
export function holdsAt(demand: Demand, limitBytes: number): number {
  if (demand.is === 'beyond') {
    const over = limitBytes / demand.bytes - 1;
    return over <= 0 ? 0 : twoDigits(Math.min(surest, 1 - Math.exp(-over / demand.excess)));
  }
  const { bytes, headroom } = demand;
  if (limitBytes < bytes) return ofSeen.below;
  const share = Math.min(1, (limitBytes / bytes - 1) / (headroom - 1));
  return twoDigits(ofSeen.none + share * (ofSeen.whole - ofSeen.none));
}

function twoDigits(share: number): number {
  return Math.round(share * 100) / 100;
}
