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
  /** What it writes into a memory-backed volume besides, from its start on. */
  readonly files?: FileWriting;
  /** Pages of files that it reads and writes: all but the dirty ones are taken back when something else needs room. */
  readonly pages?: PageCache;
  /** Its runtime ends by itself at this age, with an exit code and a last line in its log. */
  readonly givesUp?: { readonly at: number; readonly exitCode: number; readonly words: string };
  /** How much it is asked for: points joined by straight lines as above. Next to nothing unless told. */
  readonly load?: readonly LoadPoint[];
}

export interface FileWriting {
  readonly bytesPerMs: number;
  /** More than this is never there. */
  readonly mostBytes: number;
}

export interface PageCache {
  /** How fast it reads files that it has not read before. */
  readonly bytesPerMs: number;
  /** Pages that wait to be written: points joined by straight lines. The kernel cannot take those back. */
  readonly dirty: readonly MemoryPoint[];
}

export interface LoadPoint {
  /** Virtual ms since the container started. */
  readonly at: number;
  readonly perSecond: number;
}

/** Bytes in the volume at an age of so many virtual ms, of which so many lay there before. */
export function filesAt({ files }: MemoryProgram, leftBytes: number, ageMs: number): number {
  if (files === undefined) return leftBytes;
  return Math.max(leftBytes, Math.min(files.mostBytes, leftBytes + files.bytesPerMs * Math.max(0, ageMs)));
}

/** The same program together with its files, of which so many bytes lie there from the run before. It does not repeat. */
export function withFiles(program: MemoryProgram, leftBytes: number): MemoryProgram {
  const { files, repeat: _, ...rest } = program;
  if (files === undefined) return program;
  const fullAt = Math.max(0, (files.mostBytes - leftBytes) / files.bytesPerMs);
  const times = [...new Set([0, ...program.points.map(({ at }) => at), fullAt])].toSorted((a, b) => a - b);
  const points = times.map((at) => ({ at, bytes: demandAt(program, at) + filesAt(program, leftBytes, at) }));
  return { ...rest, files, points };
}

/** Pages of files at an age, if nothing else needed the room. */
export function pagesAt({ pages }: MemoryProgram, ageMs: number): number {
  if (pages === undefined) return 0;
  return Math.max(dirtyAt(pages, ageMs), pages.bytesPerMs * Math.max(0, ageMs));
}

/** Those that the kernel cannot take back. */
export function dirtyAt({ dirty }: PageCache, ageMs: number): number {
  return demandAt({ points: dirty }, ageMs);
}

/** The same program with what the kernel cannot take back: that is what it is killed for. It does not repeat. */
export function withPages(program: MemoryProgram): MemoryProgram {
  const { pages, repeat: _, ...rest } = program;
  if (pages === undefined) return program;
  const times = [...new Set([...program.points, ...pages.dirty].map(({ at }) => at))].toSorted((a, b) => a - b);
  const points = times.map((at) => ({ at, bytes: demandAt(program, at) + dirtyAt(pages, at) }));
  return { ...rest, pages, points };
}

/** What it is asked for per virtual second at an age. */
export function loadAt({ load = [] }: MemoryProgram, ageMs: number): number {
  return demandAt({ points: load.map(({ at, perSecond }) => ({ at, bytes: perSecond })) }, ageMs);
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
