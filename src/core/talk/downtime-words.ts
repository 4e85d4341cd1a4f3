import type { Downtime } from '../kill/downtime.ts';
import { clockTime } from './words.ts';

/** `while I was away (02:50:00 UTC to 03:20:00 UTC)`; times of another day than `today` (ms UTC) with their date. */
export function downtimeWords({ from, until }: Downtime, today: number): string {
  return from === null
    ? `before I began to watch (${clockTime(until, today)})`
    : `while I was away (${clockTime(from, today)} to ${clockTime(until, today)})`;
}
