import { z } from 'zod';
import { channelSchema } from '../talk/route.ts';
import { dayMs, hourMs, minuteMs } from '../units/duration.ts';
import { isTimeZone, localParts, type Weekday, weekdays } from '../units/time-zone.ts';

/** A bot that starts later than this after the hour leaves the digest for tomorrow. */
const LATE_MS = 6 * hourMs;

/** A time of day where somebody lives. */
export interface LocalTime {
  readonly minutes: number;
  /** IANA name, such as `Europe/Berlin`. */
  readonly zone: string;
}

/** When a channel gets its digest, and on which day the week's report with it; null = never. */
export interface DigestTime {
  readonly at: LocalTime | null;
  readonly weekly: Weekday | null;
}

const shape = /^([01]\d|2[0-3]):([0-5]\d)(?: ([A-Za-z0-9_+\-/]{1,60}))?$/;

/** `08:00 Europe/Berlin`, or in UTC without a zone; `off` for never. */
export const localTimeSchema = z.string().transform((text, context): LocalTime | null => {
  if (text === 'off') return null;
  const [, hours, minutes, zone = 'UTC'] = shape.exec(text) ?? [];
  if (hours !== undefined && minutes !== undefined && isTimeZone(zone))
    return { minutes: Number(hours) * 60 + Number(minutes), zone };
  context.addIssue({ code: 'custom', message: 'must be a time of day such as 08:00 or 08:00 Europe/Berlin, or off' });
  return z.NEVER;
});

export const weeklySchema = z
  .enum([...weekdays, 'off'], 'must be a day of the week such as mon, or off')
  .transform((day) => (day === 'off' ? null : day));

/** The digest of one channel (name without `#`, or id). */
export const digestRuleSchema = z
  .strictObject({
    channel: channelSchema,
    at: localTimeSchema,
    weekly: weeklySchema.prefault('mon'),
  })
  .readonly();
/** The digest that is to be sent at `now` (ms UTC): its hour (ms UTC); null between two. */
export function digestDue(now: number, { minutes, zone }: LocalTime): number | null {
  // A day may have 23 or 25 hours: one of the three is the latest that is over.
  const slots = [1, 0, -1].map((days) => {
    const day = localParts(now + days * dayMs, zone);
    return atLocal(Date.UTC(day.year, day.month - 1, day.day) + minutes * minuteMs, zone);
  });
  const slot = slots.find((one) => one <= now) ?? now;
  return now - slot < LATE_MS ? slot : null;
}

/** Whether the digest of this hour (ms UTC) has the week's report with it. */
export function isWeekly(slot: number, { at, weekly }: DigestTime): boolean {
  if (at === null || weekly === null) return false;
  return localParts(slot, at.zone).weekday === weekly;
}

/** ms UTC of a local time, which is given as if it were UTC. One that is skipped or comes twice is taken an hour off at most. */
function atLocal(wall: number, zone: string): number {
  let at = wall;
  for (let round = 0; round < 2; round += 1) {
    const { year, month, day, hour, minute } = localParts(at, zone);
    at += wall - Date.UTC(year, month - 1, day, hour, minute);
  }
  return at;
}
