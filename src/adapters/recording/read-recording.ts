import { createReadStream } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import type { RecordedLine } from './recorded-line.ts';
import { readRecordedLine } from './recorded-line.ts';

/** A line with its place. `file` is as the person wrote it, `-` for standard input; the first line is 1. */
export type PlacedLine = RecordedLine & { readonly file: string; readonly lineNumber: number };

const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * Streams a recording, one line in memory at a time; empty lines are skipped, an overlong one counts as malformed.
 * `read` says what a line is.
 * @throws Failure `unreadable-file` when the file cannot be read.
 */
export async function* readRecording(
  file: string,
  stdin: AsyncIterable<Uint8Array | string>,
  read: (line: string) => RecordedLine = readRecordedLine,
): AsyncGenerator<PlacedLine> {
  let lineNumber = 0;
  for await (const line of linesOf(file, file === '-' ? stdin : createReadStream(file))) {
    lineNumber += 1;
    if (line === null) {
      yield { is: 'malformed', why: `longer than ${MAX_LINE_BYTES} bytes`, file, lineNumber };
    } else if (line.trim() !== '') {
      yield { ...read(line), file, lineNumber };
    }
  }
}

/** Lines as text, null for one that was dropped because of its length. */
async function* linesOf(file: string, chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string | null> {
  let parts: Buffer[] = [];
  let length = 0;

  function take(tail: Buffer): string | null {
    const whole = length + tail.length > MAX_LINE_BYTES ? null : Buffer.concat([...parts, tail]).toString('utf8');
    parts = [];
    length = 0;
    return whole;
  }

  try {
    for await (const data of chunks) {
      const chunk =
        typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.length);
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
        yield take(chunk.subarray(from, end));
        from = end + 1;
      }
      const rest = chunk.subarray(from);
      length += rest.length;
      if (length <= MAX_LINE_BYTES) parts.push(rest);
      else parts = [];
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('unreadable-file', `Cannot read ${file}: ${why}`, { cause: error });
  }
  if (length > 0) yield take(Buffer.alloc(0));
}
