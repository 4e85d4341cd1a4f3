import { z } from 'zod';
import type { IgnoredReason } from './ignored-reason.ts';
import { killKinds, killedAtMs, subjectSchema, type Kill } from './kill.ts';

/** A termination that looked like a memory kill and is none, as it is kept for whoever asks. Times are ms UTC. */
export const ignoredSchema = z.strictObject({
  fingerprint: z.string(),
  subject: subjectSchema,
  pod: z.string(),
  kind: z.enum(killKinds),
  exitCode: z.number().int().nullable(),
  at: z.number(),
  seenAt: z.number(),
  /** An `IgnoredReason`; of another version perhaps one that is not known here. */
  reason: z.string(),
});
export type Ignored = z.infer<typeof ignoredSchema>;

export function ignoredOf(kill: Kill, reason: IgnoredReason): Ignored {
  const { fingerprint, subject, pod, kind, exitCode, seenAt } = kill;
  return { fingerprint, subject, pod, kind, exitCode, at: killedAtMs(kill), seenAt, reason };
}
