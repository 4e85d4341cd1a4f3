import { z } from 'zod';
import { instanceShape, killedAtMs, killKinds, killSchema } from './kill.ts';
import type { Kill } from './kill.ts';

export const atRiskShape = { ...instanceShape, kind: z.literal('ahead') };

/** A container that runs, or a node, that a warning is about. No kill: nothing has ended, and nothing is counted. */
export const atRiskSchema: z.ZodType<z.infer<z.ZodObject<typeof atRiskShape>>> = z.looseObject(atRiskShape);
export type AtRisk = z.infer<typeof atRiskSchema>;

/** What an incident is about: a kill, or ahead of one what is at risk. Both are looked into alike. */
export type Trigger = Kill | AtRisk;
export const triggerKinds = [...killKinds, 'ahead'] as const satisfies readonly Trigger['kind'][];
export const triggerSchema: z.ZodType<Trigger> = z.union([killSchema, atRiskSchema]);

/** ms UTC of the kill; of what is at risk when it was looked at. */
export function triggeredAtMs(trigger: Trigger): number {
  return trigger.kind === 'ahead' ? trigger.seenAt : killedAtMs(trigger);
}
