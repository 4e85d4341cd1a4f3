import { z } from 'zod';

/** What ends it (`fix`) or buys time (`mitigation`). Bytes. `holds` is the probability (0..1) that the size holds. */
export const fixSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('raise-limit'),
    limitBytes: z.number(),
    requestBytes: z.number(),
    holds: z.number().min(0).max(1),
    why: z.string(),
  }),
  z.strictObject({ kind: z.literal('fix-leak'), why: z.string() }),
  z.strictObject({ kind: z.literal('roll-back'), toRevision: z.string().nullable(), why: z.string() }),
  z.strictObject({ kind: z.literal('none'), why: z.string() }),
]);
export type Fix = z.infer<typeof fixSchema>;

export const mitigationSchema = z.strictObject({
  kind: z.literal('raise-limit'),
  limitBytes: z.number(),
  requestBytes: z.number(),
  /** How long it lasts at the present slope, ms; null where that cannot be said. */
  buysMs: z.number().nullable(),
  why: z.string(),
});
export type Mitigation = z.infer<typeof mitigationSchema>;

export const recommendationSchema = z.strictObject({ fix: fixSchema, mitigation: mitigationSchema.nullable() });
export type Recommendation = z.infer<typeof recommendationSchema>;
