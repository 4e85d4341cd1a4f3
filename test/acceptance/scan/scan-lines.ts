import { z } from 'zod';
import { objectsIn } from '../run-command.ts';
import type { Ran } from '../run-command.ts';

const lineSchema = z.looseObject({
  summary: z.boolean().default(false),
  workload: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }).optional(),
  container: z.string().nullish(),
  kind: z.string().default(''),
  kills: z.number().default(0),
  suspect: z.boolean().default(false),
  limitBytes: z.number().nullish(),
  verdict: z.string().nullish(),
  fix: z.object({ kind: z.string(), bytes: z.number().nullable() }).nullish(),
  missing: z.array(z.object({ what: z.string(), reason: z.string() })).default([]),
  notes: z.array(z.string()).default([]),
  usage: z.string().default(''),
});
export type Line = z.output<typeof lineSchema>;

/** The subjects, then the summary. */
export function linesOf({ out }: Pick<Ran, 'out'>): readonly Line[] {
  return objectsIn(out, (object) => lineSchema.parse(object));
}

/** `shop/Deployment/checkout app` */
export function named({ workload, container }: Line): string {
  return `${workload?.namespace}/${workload?.kind}/${workload?.name}${container ? ` ${container}` : ''}`;
}
