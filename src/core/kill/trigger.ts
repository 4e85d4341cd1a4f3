import { z } from 'zod';
import { instanceShape, killedAtMs, killKinds, killSchema } from './kill.ts';
import type { Kill } from './kill.ts';

export const atRiskShape = { ...instanceShape, kind: z.literal('ahead') };

/**
 * A running container or a node that a warning is about. It is not a kill: nothing has ended and nothing is counted.
 */
export const atRiskSchema: z.ZodType<z.infer<z.ZodObject<typeof atRiskShape>>> = z.looseObject(atRiskShape);
export type AtRisk = z.infer<typeof atRiskSchema>;

/** What an incident is about: a kill, or what is at risk before there is one. Both are explained in the same way. */
export type Trigger = Kill | AtRisk;
export const triggerKinds = [...killKinds, 'ahead'] as const satisfies readonly Trigger['kind'][];
export const triggerSchema: z.ZodType<Trigger> = z.union([killSchema, atRiskSchema]);

/** ms UTC of the kill, or of the warning. */
export function triggeredAtMs(trigger: Trigger): number {
  return trigger.kind === 'ahead' ? trigger.seenAt : killedAtMs(trigger);
}
