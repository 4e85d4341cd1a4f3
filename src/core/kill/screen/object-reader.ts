import { shownBytes } from './screened-line.ts';
import type { ScreenedLine } from './screened-line.ts';

/**
 * Reads JSON objects from lines in any format: spaces after colons, another key order, an object over several lines.
 * Every complete object is a candidate, because no needle can be trusted here: slow, but right.
 */
export interface ObjectReader {
  /** One line without its newline. */
  readonly line: (line: Buffer) => readonly ScreenedLine[];
  /** The end of the input; an object that was begun is dropped. */
  readonly end: () => readonly ScreenedLine[];
}

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** An object of more than `maxBytes` is dropped. */
export function createObjectReader(maxBytes: number): ObjectReader {
  /** The object being read, and how many of its braces are open. */
  let lines: Buffer[] = [];
  let bytes = 0;
  let open = 0;

  function take(): Buffer {
    const text = Buffer.concat(lines);
    [lines, bytes, open] = [[], 0, 0];
    return text;
  }

  function end(): readonly ScreenedLine[] {
    return lines.length === 0 ? [] : [{ is: 'malformed', bytes: take() }];
  }

  function line(part: Buffer): readonly ScreenedLine[] {
    const startsObject = part[0] === OPENING_BRACE;
    if (!startsObject && lines.length === 0)
      return part.toString('latin1').trim() === '' ? [] : [{ is: 'malformed', bytes: part }];
    // Lines within an object are indented, so a brace in the first column begins the next object.
    const before = startsObject ? end() : [];
    // NOTE: a copy, because this outlives the chunk.
    lines.push(Buffer.from(part), Buffer.from('\n'));
    bytes += part.length + 1;
    open += openBraces(part);
    if (bytes > maxBytes) return [...before, { is: 'too-long', bytes: take().subarray(0, shownBytes) }];
    return open > 0 ? before : [...before, { is: 'candidate', bytes: take().subarray(0, -1) }];
  }

  return { line, end };
}

/** How many braces this text leaves open, outside of strings. */
function openBraces(text: Buffer): number {
  let open = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPENING_BRACE) open += 1;
    else if (byte === CLOSING_BRACE) open -= 1;
  }
  return open;
}
