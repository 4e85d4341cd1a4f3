import { z } from 'zod';
import { globsSchema } from '../units/glob.ts';

const scopes = ['incident', 'workload'] as const;

export const silenceRuleSchema = ({ shape, complaint }: { readonly shape: RegExp; readonly complaint: string }) =>
  z
    .strictObject({
      who: z.array(z.string().regex(shape, complaint)).min(1, 'names nobody'),
      clusters: globsSchema.prefault(['*']),
      namespaces: globsSchema.prefault(['*']),
      scopes: z
        .array(z.enum(scopes))
        .min(1)
        .prefault([...scopes]),
    })
    .readonly();
/** Who may silence what for everybody: one incident, or a workload with all that is to come of it. */
export type SilenceRule = z.infer<ReturnType<typeof silenceRuleSchema>>;
