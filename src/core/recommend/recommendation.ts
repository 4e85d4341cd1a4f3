import { z } from 'zod';
import { envChangeSchema } from './env-change.ts';
import { growingObject } from '../units/growing-object.ts';

const sizeFields = {
  limitBytes: z.number(),
  requestBytes: z.number(),
  /** Probability (0..1) that the size holds. */
  holds: z.number().min(0).max(1),
  why: z.string(),
  /** The limit of the pod as a whole (`spec.resources`) is meant, not the container's own. */
  whose: z.literal('pod').optional(),
};

/** What ends it (`fix`) or buys time (`mitigation`). Bytes. */
export const fixSchema = z.discriminatedUnion('kind', [
  growingObject({ kind: z.literal('raise-limit'), ...sizeFields }),
  /**
   * Limit and heap flag in one. The limit may stay as it is (never below), or no variable changes (the flag stays, or
   * stands where a variable cannot reach it: `why` says so), but never neither. `heapBytes` is the heap afterwards.
   */
  growingObject({
    kind: z.literal('set-heap'),
    ...sizeFields,
    env: z.array(envChangeSchema),
    heapBytes: z.number(),
  }),
  growingObject({ kind: z.literal('fix-leak'), why: z.string() }),
  growingObject({ kind: z.literal('roll-back'), toRevision: z.string().nullable(), why: z.string() }),
  /** `emptyDir.medium: ""` instead of `Memory`. */
  growingObject({ kind: z.literal('move-volume'), volume: z.string(), mountPath: z.string(), why: z.string() }),
  /** Request up to what it uses, so that the scheduler counts it; `pod` (`namespace/pod`) where another one is meant. */
  growingObject({
    kind: z.literal('adjust-requests'),
    requestBytes: z.number(),
    pod: z.string().optional(),
    why: z.string(),
  }),
  growingObject({ kind: z.literal('add-node-memory'), why: z.string() }),
  growingObject({ kind: z.literal('none'), why: z.string() }),
]);
export type Fix = z.infer<typeof fixSchema>;

export const mitigationSchema = growingObject({
  kind: z.literal('raise-limit'),
  limitBytes: z.number(),
  requestBytes: z.number(),
  /** How long it lasts at the present slope, ms; null where that cannot be said. */
  buysMs: z.number().nullable(),
  why: z.string(),
  whose: z.literal('pod').optional(),
});
export type Mitigation = z.infer<typeof mitigationSchema>;

export const recommendationSchema = growingObject({ fix: fixSchema, mitigation: mitigationSchema.nullable() });
export type Recommendation = z.infer<typeof recommendationSchema>;
