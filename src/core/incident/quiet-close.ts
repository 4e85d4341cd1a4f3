import { hourMs, dayMs } from '../units/duration.ts';

const SHORTEST_MS = 24 * hourMs;
const LONGEST_MS = 7 * dayMs;

/**
 * How long an incident without a live remediation stays open after its last kill: max(24 h, 3 x the median gap between
 * its kills), at most 7 d. Something that is killed twice a week is not over after a day. `killTimesMs` in any order;
 * the last 20 are enough.
 */
export function quietAfterMs(killTimesMs: readonly number[]): number {
  const sorted = killTimesMs.toSorted((a, b) => a - b);
  const gaps = sorted.slice(1).map((time, index) => time - (sorted[index] ?? time));
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, 3 * median(gaps)));
}

/**
 * Cuts the kills of one subject into incidents where the quiet rule would have closed one: a kill later than its
 * deadline opens the next. Sorts by time; each incident is not empty and oldest first.
 */
export function splitAtQuiet<Item>(
  items: readonly Item[],
  timeMs: (item: Item) => number,
): readonly (readonly Item[])[] {
  const incidents: Item[][] = [];
  let open: Item[] = [];
  for (const item of items.toSorted((a, b) => timeMs(a) - timeMs(b))) {
    const times = open.slice(-20).map(timeMs);
    const last = times.at(-1);
    if (last === undefined || timeMs(item) - last > quietAfterMs(times)) {
      open = [];
      incidents.push(open);
    }
    open.push(item);
  }
  return incidents;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  const lower = sorted[Math.ceil(middle) - 1] ?? upper;
  return (lower + upper) / 2;
}
