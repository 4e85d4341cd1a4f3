import { z } from 'zod';
import { growingObject } from '../units/growing-object.ts';

/** What a chart shows of one container: bytes over ms UTC, oldest first, thinned to what can be seen. */
export const chartSeriesSchema = growingObject({
  title: z.string(),
  samples: z.array(growingObject({ t: z.number(), bytes: z.number() })),
  limitBytes: z.number().nullable(),
  requestBytes: z.number().nullable(),
  /** Limit that the verdict proposes; null where none is. */
  proposedBytes: z.number().nullable(),
  /** ms UTC of the kills within the window. */
  kills: z.array(z.number()),
  from: z.number(),
  to: z.number(),
  /** What was measured and how often, in words. */
  source: z.string(),
});
export type ChartSeries = z.infer<typeof chartSeriesSchema>;
