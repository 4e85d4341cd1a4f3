import { z } from 'zod';

import { durationSchema } from './scenario-units.ts';

const ruleSchema = z.strictObject({
  who: z
    .array(z.string().min(1))
    .min(1)
    .meta({ description: '`approver`, `second-approver`, a name or group of the workspace, or a Slack id.' }),
  kinds: z.array(z.enum(['raise-limit', 'set-heap', 'roll-back'])).optional(),
  means: z.array(z.enum(['cluster', 'pull-request'])).optional(),
  upTo: z.string().optional().meta({ description: 'At most this much more than now (`2x`) or at most this limit.' }),
  secondPerson: z.boolean().optional(),
  expires: durationSchema.optional(),
});

/** The words of the product's policy file without those that say where: a story's rules are for its own namespace. */
export const storyPolicySchema = z.strictObject({
  approvals: z.array(ruleSchema).optional().meta({ description: 'Without it the approver may do everything.' }),
  owners: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .meta({ description: 'Whom an annotation oomkeeper.dev/owner means: its text, and somebody as in `who`.' }),
  levels: z
    .array(
      z.strictObject({
        who: z
          .array(z.string().min(1))
          .min(1)
          .meta({ description: '`owner`, or somebody as in the rules for approvals.' }),
        from: z.enum(['critical', 'high', 'low']).optional(),
        after: durationSchema.optional(),
      }),
    )
    .optional()
    .meta({ description: 'Who is notified of what nobody takes care of, one after the other.' }),
});
