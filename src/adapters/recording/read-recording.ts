import { createReadStream } from 'node:fs';
import { documentsOf, maxDocumentBytes } from './documents.ts';
import type { RecordedLine } from './recorded-line.ts';
import { unpacked } from './unpacked.ts';

/**
 * A line with its place. `file` is as the person wrote it, `-` for standard input; the first line is 1.
 * `unreadable`: nothing more of this file can be read.
 */
export type PlacedLine = (RecordedLine | { readonly is: 'unreadable'; readonly why: string }) & {
  readonly file: string;
  readonly lineNumber: number;
};

/**
 * Streams a recording, gzip or not, one object in memory at a time; empty lines are skipped, an overlong one counts as
 * malformed. `read` says what an object is. A file that cannot be read, or not to its end, says so last; it throws
 * nothing, so that the others are read all the same.
 */
export async function* readRecording(
  file: string,
  stdin: AsyncIterable<Uint8Array | string>,
  read: (text: string) => readonly RecordedLine[],
): AsyncGenerator<PlacedLine> {
  let lineNumber = 0;
  try {
    for await (const document of documentsOf(unpacked(file === '-' ? stdin : createReadStream(file)))) {
      ({ lineNumber } = document);
      const tooLong: RecordedLine = { is: 'malformed', why: `longer than ${maxDocumentBytes} bytes` };
      for (const line of document.text === null ? [tooLong] : read(document.text)) yield { ...line, file, lineNumber };
    }
  } catch (error) {
    yield { is: 'unreadable', why: error instanceof Error ? error.message : String(error), file, lineNumber };
  }
}
