import { z } from 'zod';
import type { IgnoredReason } from './ignored-reason.ts';
import { killKinds, killedAtMs, subjectSchema, type Kill } from './kill.ts';
import { growingObject } from '../units/growing-object.ts';

/** A termination that looked like a memory kill and was not one, kept for people who ask. Times are ms UTC. */
export const ignoredSchema = growingObject({
  fingerprint: z.string(),
  subject: subjectSchema,
  pod: z.string(),
  kind: z.enum(killKinds),
  exitCode: z.number().int().nullable(),
  at: z.number(),
  seenAt: z.number(),
  /** An `IgnoredReason`; a newer version may have written one that is unknown here. */
  reason: z.string(),
});
export type Ignored = z.infer<typeof ignoredSchema>;

export function ignoredOf(kill: Kill, reason: IgnoredReason): Ignored {
  const { fingerprint, subject, pod, kind, exitCode, seenAt } = kill;
  return { fingerprint, subject, pod, kind, exitCode, at: killedAtMs(kill), seenAt, reason };
}
