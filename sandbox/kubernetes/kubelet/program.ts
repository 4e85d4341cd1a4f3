/**
 * What a container needs over the time of one instance: points joined by straight lines, `at` in virtual ms since the
 * instance's start. Before the first point it needs the first point's bytes; after the last point it stays there, or
 * begins again where `repeat` is set. Demand does not depend on the limit: the kernel compares the two.
 */
export interface MemoryProgram {
  readonly points: readonly MemoryPoint[];
  /** Starts over after the last point. */
  readonly repeat?: boolean;
  /** What it has in its termination log (/dev/termination-log) when it ends. */
  readonly lastWords?: string;
}

export interface MemoryPoint {
  /** Virtual ms since the container started. */
  readonly at: number;
  readonly bytes: number;
}

/** Bytes needed at an age of so many virtual ms. A program without points needs nothing. */
export function demandAt(program: MemoryProgram, ageMs: number): number {
  const { points } = program;
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return 0;
  const age = program.repeat === true && last.at > 0 && ageMs > last.at ? ageMs % last.at : ageMs;
  if (age <= first.at) return first.bytes;
  let before = first;
  for (const after of points) {
    if (after.at > age) return between(before, after, age);
    before = after;
  }
  return last.bytes;
}

/**
 * First age (virtual ms, not before `fromAgeMs`) at which the demand is above `limitBytes`; null when it never is.
 * The kernel kills on the page that no longer fits, so "equal" still fits.
 */
export function crossingAt(program: MemoryProgram, limitBytes: number, fromAgeMs = 0): number | null {
  if (demandAt(program, fromAgeMs) > limitBytes) return fromAgeMs;
  const last = program.points.at(-1);
  if (last === undefined) return null;
  const repeats = program.repeat === true && last.at > 0;
  const round = repeats ? Math.floor(fromAgeMs / last.at) : 0;
  for (const offset of repeats ? [round * last.at, (round + 1) * last.at] : [0]) {
    const found = firstCrossing(program.points, limitBytes, fromAgeMs - offset);
    if (found !== null) return found + offset;
  }
  return null;
}

/** The largest demand of an instance. */
export function peakOf(program: MemoryProgram): number {
  return Math.max(0, ...program.points.map((point) => point.bytes));
}

/** Virtual ms of the last point: when a run that ends by itself is done. */
export function lengthOf(program: MemoryProgram): number {
  return program.points.at(-1)?.at ?? 0;
}

function firstCrossing(points: readonly MemoryPoint[], limit: number, from: number): number | null {
  let before: MemoryPoint | undefined;
  for (const after of points) {
    if (after.bytes > limit && after.at >= from) {
      if (before === undefined || after.at === before.at) return Math.max(from, after.at);
      const share = (limit - before.bytes) / (after.bytes - before.bytes);
      const crossing = before.bytes > limit ? before.at : before.at + share * (after.at - before.at);
      // The first whole ms at which the demand is really above the limit.
      return Math.max(from, Math.min(after.at, Math.floor(crossing) + 1));
    }
    before = after;
  }
  return null;
}

function between(before: MemoryPoint, after: MemoryPoint, at: number): number {
  if (after.at === before.at) return after.bytes;
  return before.bytes + ((after.bytes - before.bytes) * (at - before.at)) / (after.at - before.at);
}
