import { killedAtMs, type Kill } from '../kill/kill.ts';
import { dayMs, hourMs } from '../units/duration.ts';

/** A bot that starts later than this after the hour leaves the digest for tomorrow. */
const LATE_MS = 6 * hourMs;

/** A suspect that nothing has decided, and why not. */
export interface Undecided {
  readonly kill: Kill;
  readonly why: string;
}

/** The digest that is to be sent at `now` (ms UTC): its hour (ms UTC); null between two. `atMs` is ms after midnight UTC. */
export function digestDue(now: number, atMs: number): number | null {
  const today = Math.floor(now / dayMs) * dayMs + atMs;
  const slot = today <= now ? today : today - dayMs;
  return now - slot < LATE_MS ? slot : null;
}

/** Those of the day before `slot`, oldest first. */
export function ofTheDay(suspects: readonly Undecided[], slot: number): readonly Undecided[] {
  return suspects
    .filter(({ kill }) => kill.seenAt > slot - dayMs && kill.seenAt <= slot)
    .toSorted((a, b) => killedAtMs(a.kill) - killedAtMs(b.kill));
}
