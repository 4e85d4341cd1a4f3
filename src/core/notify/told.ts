import { z } from 'zod';
import { severitySchema } from './severity.ts';
import { growingObject } from '../units/growing-object.ts';

const alarmStateSchema = z.enum(['firing', 'acknowledged', 'resolved']);
export type AlarmState = z.infer<typeof alarmStateSchema>;

/** What one receiver was last told of an incident. Times are ms UTC. */
export const toldSchema = growingObject({
  state: alarmStateSchema,
  severity: severitySchema,
  /** Under which severity it was told before, until it is certain that it knows the new one. */
  before: severitySchema.nullable(),
  /** Since when the alarm fires. */
  since: z.number(),
  sentAt: z.number(),
  /** The receiver said that it has it. While it did not, it may or may not have it. */
  sure: z.boolean(),
  /** How often in a row it could not be sent, since when, and when it is tried again. */
  failures: z.number().int(),
  failingSince: z.number().nullable(),
  retryAt: z.number().nullable(),
  /** It is not tried any more: the receiver refused it, or did not answer for a day. */
  gaveUp: z.boolean(),
});
export type Told = z.infer<typeof toldSchema>;
