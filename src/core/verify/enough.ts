import { headroom } from '../recommend/size/estimate-limit.ts';
import { roundUp } from '../recommend/size/round-up.ts';
import type { Plan } from '../remediate/plan.ts';

/** A limit that is larger than needed by less than this share of it is as good as one that fits. */
const clearlyLess = 0.2;

/**
 * The limit (bytes) that would have been enough for what was used since a raise, with the headroom that a size gets above
 * a level that was seen; null where the plan's is not clearly larger. Never below the limit that it was killed at.
 */
export function enoughAfter({ from, to }: Pick<Plan, 'from' | 'to'>, mostBytes: number | null): number | null {
  if (mostBytes === null || from.limitBytes === null || to.limitBytes === null) return null;
  const enough = roundUp(Math.max(mostBytes * headroom.survivor, from.limitBytes * headroom.held));
  return enough <= to.limitBytes * (1 - clearlyLess) ? enough : null;
}
