import { z } from 'zod';
import { growingObject } from '../units/growing-object.ts';

/** The closed union of verdicts. */
export const causes = [
  'limit-too-low',
  'leak',
  'traffic-spike',
  'bad-rollout',
  'heap-misconfigured',
  'tmpfs',
  'page-cache',
  'child-process',
  'pod-limit',
  'node-pressure',
  'overcommit',
  'no-limit',
  'not-memory',
  'inconclusive',
] as const;
export type Cause = (typeof causes)[number];

/** A possible cause with what speaks for and against it, as sentences a person reads. Confidence is 0..1. */
export const hypothesisSchema = growingObject({
  cause: z.enum(causes),
  confidence: z.number().min(0).max(1),
  /** The verdict line in plain words, with the numbers that made it: "Leak: grows 4.1 Mi/min, killed every 58 min". */
  sentence: z.string(),
  for: z.array(z.string()),
  against: z.array(z.string()),
});
export type Hypothesis = z.infer<typeof hypothesisSchema>;

/** Ranked, never empty; the first is the verdict. */
export const diagnosisSchema = growingObject({
  hypotheses: z.array(hypothesisSchema).min(1),
  /** Growth before the kill where it could be measured, bytes per second. */
  slopeBytesPerSecond: z.number().nullable(),
  /** ms UTC when the next kill is expected at the present rate; null if no growth is seen. */
  nextKillAt: z.number().nullable(),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;
