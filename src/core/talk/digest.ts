import { killedAtMs, type Kill } from '../kill/kill.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A bot that starts later than this after the hour leaves the digest for tomorrow. */
const LATE_MS = 6 * 60 * 60_000;

/** A suspect that nothing has decided, and why not. */
export interface Undecided {
  readonly kill: Kill;
  readonly why: string;
}

/** The digest that is to be sent at `now` (ms UTC): its hour (ms UTC); null between two. `atMs` is ms after midnight UTC. */
export function digestDue(now: number, atMs: number): number | null {
  const today = Math.floor(now / DAY_MS) * DAY_MS + atMs;
  const slot = today <= now ? today : today - DAY_MS;
  return now - slot < LATE_MS ? slot : null;
}

/** Those of the day before `slot`, oldest first. */
export function ofTheDay(suspects: readonly Undecided[], slot: number): readonly Undecided[] {
  return suspects
    .filter(({ kill }) => kill.seenAt > slot - DAY_MS && kill.seenAt <= slot)
    .toSorted((a, b) => killedAtMs(a.kill) - killedAtMs(b.kill));
}
