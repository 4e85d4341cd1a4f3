import { z } from 'zod';
import { growingObject } from '../../units/growing-object.ts';

/**
 * What is known of a demand that was never seen in full. `seen`: siblings, or the climb itself, show the level (bytes).
 * `beyond`: it is more than `bytes`, at which it was killed; `excess` is how much more on average, a share of `bytes`.
 * `sure`: how likely such a demand is what it was killed for, 0..1; absent = certain.
 */
const sure = z.number().min(0).max(1).optional();
export const demandSchema = z.discriminatedUnion('is', [
  growingObject({ is: z.literal('seen'), bytes: z.number(), headroom: z.number(), sure }),
  growingObject({ is: z.literal('beyond'), bytes: z.number(), excess: z.number(), sure }),
]);
export type Demand = z.infer<typeof demandSchema>;

/** The highest probability. */
const surest = 0.95;
/** With the whole headroom, without any, and below what is needed. */
const ofSeen = { whole: 0.9, none: 0.5, below: 0.1 };
/** Beyond this many means of the excess there is nothing left to find. */
const farthest = 10;

/** How likely a limit (bytes) holds, 0..1, to two digits. */
export function holdsAt(demand: Demand, limitBytes: number): number {
  return twoDigits((demand.sure ?? 1) * enoughAt(demand, limitBytes));
}

/** The limit (bytes) that is enough with this probability, 0..1, if such a demand is what it was killed for. */
export function enoughFor(demand: Demand & { readonly is: 'beyond' }, probability: number): number {
  let [low, high] = [0, farthest];
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (shareBelow(middle) < probability) low = middle;
    else high = middle;
  }
  return demand.bytes * (1 + high * demand.excess);
}

function enoughAt(demand: Demand, limitBytes: number): number {
  if (demand.is === 'beyond') return Math.min(surest, shareBelow((limitBytes / demand.bytes - 1) / demand.excess));
  const { bytes, headroom } = demand;
  if (limitBytes < bytes) return ofSeen.below;
  const share = Math.min(1, (limitBytes / bytes - 1) / (headroom - 1));
  return ofSeen.none + share * (ofSeen.whole - ofSeen.none);
}

/**
 * Share of excesses below so many of their mean: a gamma distribution of shape 3. Of the shapes 1 (exponential), 1.5,
 * 2, 2.5, 3 and 4 the labelled traces (peak / limit - 1 in 91, by the groups of excess.ts) are likeliest under 2.5 and
 * 3 (log-likelihood 45.2 and 44.3; 28.3 under the exponential), and a whole number has a formula.
 */
function shareBelow(means: number): number {
  if (means <= 0) return 0;
  const x = 3 * means;
  return 1 - Math.exp(-x) * (1 + x + (x * x) / 2);
}

function twoDigits(share: number): number {
  return Math.round(share * 100) / 100;
}
