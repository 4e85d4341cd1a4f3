import { z } from 'zod';
import { hourMs, minuteMs } from '../units/duration.ts';
import { isTimeZone, localParts, weekdays, type Weekday } from '../units/time-zone.ts';
import { isAtLeast, severitySchema } from './severity.ts';
import type { Severity } from './severity.ts';

const dayMinutes = 24 * 60;

const timeOfDay = z
  .string({ error: 'must be a time of day such as "22:00", in quotes' })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "22:00"')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

export const quietHoursSchema = z
  .strictObject({
    from: timeOfDay,
    until: timeOfDay,
    timeZone: z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin'),
    /** On which they begin. */
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .prefault([...weekdays]),
    /** The worst that waits for their end. */
    upTo: severitySchema.default('high'),
  })
  .refine(({ from, until }) => from !== until, { path: ['until'], error: 'must be another time than from' })
  .readonly();
/** Minutes of the day where it is; who would be notified then is so at the end, except of worse. */
export type QuietHours = z.infer<typeof quietHoursSchema>;

/** The end of the quiet hours that hold for a severity at a moment, ms UTC; null if there are none. */
export function quietUntil(hours: readonly QuietHours[], severity: Severity, at: number): number | null {
  const ends = hours
    .filter(({ upTo }) => isAtLeast(upTo, severity))
    .map((one) => endOf(one, at))
    .filter((end) => end !== null);
  return ends.length === 0 ? null : Math.max(...ends);
}

function endOf(hours: QuietHours, at: number): number | null {
  if (!isQuiet(hours, at)) return null;
  const minutes = (hours.until - clockIn(hours.timeZone, at).minute + dayMinutes) % dayMinutes;
  const end = startOfMinute(at) + minutes * minuteMs;
  // The clocks may change before that: an hour too early, or too late.
  const off = ((clockIn(hours.timeZone, end).minute - hours.until + dayMinutes * 1.5) % dayMinutes) - dayMinutes / 2;
  return Math.abs(off) <= 2 * 60 && end - off * minuteMs > at ? end - off * minuteMs : end;
}

function isQuiet({ from, until, days, timeZone }: QuietHours, at: number): boolean {
  const { minute, day } = clockIn(timeZone, at);
  if (from < until) return minute >= from && minute < until && days.includes(day);
  if (minute >= from) return days.includes(day);
  return minute < until && days.includes(clockIn(timeZone, at - (minute + 1) * minuteMs - hourMs).day);
}

/** Minute of the day and weekday there. */
function clockIn(timeZone: string, at: number): { readonly minute: number; readonly day: Weekday } {
  const { hour, minute, weekday } = localParts(at, timeZone);
  return { minute: hour * 60 + minute, day: weekday };
}

function startOfMinute(at: number): number {
  return at - (at % minuteMs);
}
