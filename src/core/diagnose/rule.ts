import type { Hypothesis } from './diagnosis.ts';
import type { Facts } from './facts.ts';

/** One cause. Null when nothing at all speaks for it. */
export type Rule = (facts: Facts) => Hypothesis | null;

/** Below this a verdict would be a guess; `inconclusive` comes first then. */
export const decidingConfidence = 0.5;
