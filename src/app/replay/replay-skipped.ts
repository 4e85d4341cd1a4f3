import type { PlacedLine } from '../../adapters/recording/read-recording.ts';
import { counted } from '../../core/talk/words.ts';

type Malformed = Extract<PlacedLine, { readonly is: 'malformed' }>;

/** Malformed lines of several files: each is named, but a file without any other line is named once, as no recording. */
export interface SkippedLines {
  /** `source`: which of the files, by its place. */
  readonly malformed: (source: number, line: Malformed) => void;
  readonly readable: (source: number) => void;
  /** Call it when all files were read; answers with how many lines were malformed. */
  readonly end: () => number;
}

interface Found {
  /** The first ones, until a readable line shows that the file is a recording. */
  readonly held: Malformed[];
  count: number;
  isRecording: boolean;
}

/** Of what is no recording, however long it is. */
const mostHeld = 1_000;

/** `writes`: what the file at a place should have been written by. */
export function createSkippedLines(writes: (source: number) => string, warn: (words: string) => void): SkippedLines {
  const bySource = new Map<number, Found>();
  const foundIn = (source: number): Found => {
    const found = bySource.get(source) ?? { held: [], count: 0, isRecording: false };
    bySource.set(source, found);
    return found;
  };
  const name = ({ file, lineNumber, why }: Malformed): void =>
    warn(`${file}:${lineNumber}: malformed line skipped: ${why}`);
  return {
    malformed: (source, line) => {
      const found = foundIn(source);
      found.count += 1;
      if (found.isRecording) name(line);
      else if (found.held.length < mostHeld) found.held.push(line);
    },
    readable: (source) => {
      const found = foundIn(source);
      if (found.isRecording) return;
      found.isRecording = true;
      found.held.splice(0).forEach(name);
    },
    end: () => {
      for (const [source, { held, count }] of bySource) {
        const [first] = held;
        if (first === undefined) continue;
        const { file, lineNumber, why } = first;
        warn(
          `${file} is not a recording: ${counted(count, 'line')}, and none can be read (line ${lineNumber}: ${why}). Expected is what ${writes(source)} writes.`,
        );
      }
      return [...bySource.values()].reduce((sum, { count }) => sum + count, 0);
    },
  };
}
