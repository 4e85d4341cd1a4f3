import { z } from 'zod';
import type { Pause } from './policy.ts';
import { growingObject } from '../units/growing-object.ts';

/** What was last done with the kill switch: by whom, when (ms UTC), and with what reason ('' for none). */
export const pauseChangeSchema = growingObject({
  what: z.enum(['paused', 'reason-changed', 'resumed']),
  by: z.string(),
  at: z.number(),
  reason: z.string(),
});
export type PauseChange = z.infer<typeof pauseChangeSchema>;

/** The kill switch of a cluster. */
export interface KillSwitch {
  /** Null while changes go on. */
  readonly pause: Pause | null;
  /** How often it was changed. */
  readonly changes: number;
  /** Null before the first change. */
  readonly last: PauseChange | null;
}
