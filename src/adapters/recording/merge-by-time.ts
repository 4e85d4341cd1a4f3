import type { PlacedLine } from './read-recording.ts';

/** A line and the time that it counts for, ms UTC. */
export interface TimedLine {
  readonly atMs: number;
  /** Which of the sources it came from. */
  readonly source: number;
  readonly line: PlacedLine;
}

interface Source {
  readonly index: number;
  readonly lines: AsyncGenerator<PlacedLine>;
  head: TimedLine | null;
}

/**
 * Merges recordings by time while it streams them: one line of each is in memory. A line without any time counts for
 * the time of the one before it, the first for 1970. The order within a source is kept, even where its times go back.
 */
export async function* mergeByTime(recordings: readonly AsyncGenerator<PlacedLine>[]): AsyncGenerator<TimedLine> {
  const sources = recordings.map((lines, index): Source => ({ index, lines, head: null }));
  await Promise.all(sources.map((source) => advance(source, 0)));

  for (;;) {
    const [first] = sources.filter(hasHead).toSorted((a, b) => a.head.atMs - b.head.atMs);
    if (first === undefined) return;
    const { head } = first;
    yield head;
    await advance(first, head.atMs);
  }
}

async function advance(source: Source, previousMs: number): Promise<void> {
  const next = await source.lines.next();
  source.head =
    next.done === true ? null : { atMs: timeOf(next.value) ?? previousMs, source: source.index, line: next.value };
}

function timeOf(line: PlacedLine): number | null {
  return 'atMs' in line ? line.atMs : null;
}

function hasHead(source: Source): source is Source & { readonly head: TimedLine } {
  return source.head !== null;
}
