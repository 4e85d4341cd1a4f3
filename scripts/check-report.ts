import { z } from 'zod';

/** What the pretend world says of a check of scenarios; keys in the order in which they are printed. */
export const scenarioReport = z.looseObject({
  scenarios: z.array(
    z.looseObject({
      name: z.string(),
      expectedVerdict: z.string().nullable(),
      verdict: z.string().nullable(),
      threads: z.number(),
      firstPostMs: z.number().nullable(),
      fix: z.string().nullable(),
      verified: z.string().nullable(),
      ok: z.boolean(),
    }),
  ),
});

/** What it says of a check of a recording. */
export const recordingReport = z.looseObject({
  incidents: z.array(
    z.looseObject({
      workload: z.string(),
      container: z.string().nullable(),
      expectedKills: z.number(),
      kills: z.number(),
      threads: z.number(),
      ok: z.boolean(),
    }),
  ),
  ok: z.boolean(),
});

const refusalSchema = z.looseObject({ error: z.string(), detail: z.string().optional() });

/** What the pretend world answered, unless it refused. Throws Error with what it says then. */
export function accepted(answer: unknown): unknown {
  const refused = refusalSchema.safeParse(answer);
  if (refused.success) throw new Error([refused.data.error, refused.data.detail].filter(Boolean).join(': '));
  return answer;
}
