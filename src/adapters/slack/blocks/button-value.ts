import { z } from 'zod';

const schema = z.strictObject({
  c: z.string().regex(/^[a-z0-9-]{1,40}$/),
  i: z.string().regex(/^INC-[0-9A-Z]{4,20}$/),
  p: z.string().max(40).nullable(),
  v: z.number().int(),
});

/** The `action_id`s of our buttons. `listeners/register.ts` has a listener for each. */
export type ButtonId =
  | 'apply'
  | 'open-pr'
  | 'roll-back'
  | 'approve'
  | 'reject'
  | 'acknowledge'
  | 'edit'
  | 'undo'
  | 'make-permanent'
  | 'view-pr'
  | 'open-incident'
  | 'acknowledge-storm'
  | 'snooze-storm'
  | 'previous-page'
  | 'next-page';

/** What a button is about. Everything else is read from the store when it is clicked. */
export interface ButtonValue {
  readonly cluster: string;
  readonly incident: string;
  readonly plan: string | null;
  /** Version of the incident that the button was rendered from. */
  readonly version: number;
}

/** At most 150 characters, so that it fits into an option of a menu as well as into a button. */
export function encodeButtonValue({ cluster, incident, plan, version }: ButtonValue): string {
  return JSON.stringify({ c: cluster, i: incident, p: plan, v: version });
}

/** Null if we did not write it. Never throws. */
export function decodeButtonValue(text: string | undefined): ButtonValue | null {
  if (text === undefined) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    const { c, i, p, v } = parsed.data;
    return { cluster: c, incident: i, plan: p, version: v };
  } catch {
    return null;
  }
}

const stormSchema = z.strictObject({ s: z.string().regex(/^STORM-[0-9A-Z]{4,20}$/) });

/** The storm that a button is about. */
export function encodeStormValue(storm: string): string {
  return JSON.stringify({ s: storm });
}

/** Null if we did not write it. Never throws. */
export function decodeStormValue(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    const parsed = stormSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.s : null;
  } catch {
    return null;
  }
}
