import type { Diagnosis } from '../diagnose/diagnosis.ts';

/** From this confidence on hardly any verdict is wrong (of those on the labelled traces at most 1 %). */
export const sure = 0.8;
/** Assumed of an open verdict: a bounded need is as likely as not. */
const ofOpen = 0.5;

/**
 * How likely the verdict is right, 0..1, for a size that only holds if it is: a limit that is enough for a bounded need
 * does not hold a leak.
 */
export function sureOf({ hypotheses }: Pick<Diagnosis, 'hypotheses'>): number {
  const [verdict] = hypotheses;
  if (verdict === undefined) return 0;
  return verdict.cause === 'inconclusive' ? ofOpen : Math.min(1, verdict.confidence / sure);
}
