import { z } from 'zod';
import type { Cause } from '../diagnose/diagnosis.ts';

/** Labels of traces, in the order in which they are printed. */
export const labels = [
  'limit-too-low',
  'leak',
  'traffic-spike',
  'bad-rollout',
  'tmpfs',
  'child-process',
  'node-pressure',
  'not-memory',
  'healthy',
] as const;
export type Label = (typeof labels)[number];

/** What is true of a trace: what was really done. Bytes; never an input of diagnosis. */
export const truthSchema = z.looseObject({
  label: z.enum(labels),
  /** A variant of the label. */
  kind: z.string().default(''),
  /** False where another label gives the same picture. */
  decidable: z.boolean().default(true),
  alsoAcceptable: z.array(z.string()).default([]),
  /** What it uses without a limit; null where that has no end or was not measured. */
  true_peak_bytes: z.number().nullish().default(null),
  /** RFC 3339 */
  killed_at: z.array(z.string()).default([]),
});
export type Truth = z.infer<typeof truthSchema>;

/** The label that a verdict stands for: traces tell fewer causes apart than production does. */
export function labelOf(verdict: Cause | null, wasKilled: boolean): Label | 'inconclusive' {
  switch (verdict) {
    case null:
      return 'healthy';
    case 'heap-misconfigured':
    case 'pod-limit':
      return 'limit-too-low';
    case 'no-limit':
    case 'overcommit':
      return 'node-pressure';
    case 'page-cache':
      return wasKilled ? 'limit-too-low' : 'healthy';
    default:
      return verdict;
  }
}

/** Whether a verdict is right: the label, what else the truth accepts, or openness where nothing can decide. */
export function isRight(verdict: Cause | null, wasKilled: boolean, truth: Truth): boolean {
  const said = labelOf(verdict, wasKilled);
  if (said === truth.label || truth.alsoAcceptable.includes(said)) return true;
  if (verdict !== null && truth.alsoAcceptable.includes(verdict)) return true;
  return verdict === 'inconclusive' && !truth.decidable;
}
