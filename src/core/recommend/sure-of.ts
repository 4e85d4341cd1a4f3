import type { Diagnosis } from '../diagnose/diagnosis.ts';

/** From this confidence on hardly any verdict is wrong (of those on the labelled traces at most 1 %). */
const told = 0.8;

/**
 * How likely the verdict is right, 0..1, for a size that only holds if it is: a limit that is enough for a bounded need
 * does not hold a leak.
 */
export function sureOf({ hypotheses }: Pick<Diagnosis, 'hypotheses'>): number {
  const [verdict] = hypotheses;
  return verdict === undefined ? 0 : Math.min(1, verdict.confidence / told);
}
