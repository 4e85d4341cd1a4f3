import type { Cause, Diagnosis } from './diagnosis.ts';
import { confidenceTable } from './confidence-table.ts';

/** `no-kill`: nothing ended, and no counter rose. */
export type Said = Cause | 'no-kill';

/**
 * How sure a rule is, 0..1, as the share of such answers that were right: of the labelled traces, by cause and by what
 * the rule itself says (docs/accuracy.md). A cause that no trace has is as sure as its rule says, and never surer
 * than all causes together. Never falls as `raw` rises.
 */
export function calibrated(said: Said, raw: number): number {
  const table: Readonly<Partial<Record<Said, readonly Step[]>>> = confidenceTable.causes;
  const own = table[said];
  const others: readonly Step[] = confidenceTable.others;
  const share = (own ?? others).findLast(([from]) => raw >= from)?.[1] ?? raw;
  return own === undefined ? Math.min(raw, share) : share;
}

/** From this raw confidence on (0..1), so many are right (0..1). */
type Step = readonly [from: number, share: number];

/**
 * The same diagnosis with the verdict's confidence as it was measured. What did not become the verdict keeps its own,
 * but is never surer than that.
 */
export function calibratedDiagnosis(diagnosis: Diagnosis, confidenceOf = calibrated): Diagnosis {
  const [verdict, ...others] = diagnosis.hypotheses;
  if (verdict === undefined) return diagnosis;
  const confidence = confidenceOf(verdict.cause, verdict.confidence);
  const rest = others.map((one) =>
    verdict.cause === 'inconclusive' ? one : { ...one, confidence: Math.min(one.confidence, confidence) },
  );
  return { ...diagnosis, hypotheses: [{ ...verdict, confidence }, ...rest] };
}
