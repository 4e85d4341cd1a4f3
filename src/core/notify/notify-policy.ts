import { z } from 'zod';
import { channelSchema } from '../talk/route.ts';
import { notifyRuleSchema } from './escalate.ts';
import { linkTemplateSchema } from './link-templates.ts';
import { ownersSchema } from './owner.ts';
import { severityTableSchema, usualSeverities } from './severity-table.ts';

type Words = Parameters<typeof notifyRuleSchema>[0];

/** The parts of the policy file that say whom an incident reaches. */
export const notifyShape = (words: Words) => ({
  severity: severityTableSchema.default(usualSeverities),
  owners: ownersSchema(words).prefault({}),
  notify: z.array(notifyRuleSchema(words)).prefault([]),
  links: z.array(linkTemplateSchema).prefault([]),
  /** Where the annotation oomkeeper.dev/channel may lead. */
  channels: z.array(channelSchema).prefault([]),
});
type Shape = ReturnType<typeof notifyShape>;
export type NotifyPolicy = Omit<z.infer<z.ZodObject<Shape>>, 'channels'>;
