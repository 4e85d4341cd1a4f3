import type { ScreenedLine } from './screen.ts';

/**
 * Lines of a watch that somebody encoded again: spaces after colons, another key order, or one object over several
 * lines. Every whole object is a candidate, since no needle can be trusted; slow and right.
 */
export interface ReencodedReader {
  /** One line that does not begin as the API server's do, without its line end. */
  readonly line: (line: Buffer) => readonly ScreenedLine[];
  /** Something else follows: an object that was begun stays unfinished. */
  readonly reset: () => readonly ScreenedLine[];
}

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether an object ends with this text: how many braces stay open, outside of strings. */
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

/** An object of more than `maxBytes` is dropped. */
export function createReencodedReader(maxBytes: number): ReencodedReader {
  let lines: Buffer[] = [];
  let bytes = 0;
  let open = 0;

  function reset(): readonly ScreenedLine[] {
    if (lines.length === 0) return [];
    const unfinished = Buffer.concat(lines);
    lines = [];
    bytes = 0;
    open = 0;
    return [{ is: 'malformed', bytes: unfinished }];
  }

  function line(part: Buffer): readonly ScreenedLine[] {
    const startsObject = part[0] === OPENING_BRACE;
    // Inside of an object the lines are indented: a brace in the first column begins the next one.
    const before = startsObject ? reset() : [];
    if (!startsObject && lines.length === 0) {
      return part.toString('latin1').trim() === '' ? [] : [{ is: 'malformed', bytes: part }];
    }
    // NOTE: a copy, because this outlives the chunk.
    lines.push(Buffer.from(part), Buffer.from('\n'));
    bytes += part.length + 1;
    open += openBraces(part);
    if (bytes > maxBytes) return [...before, ...tooLong()];
    if (open > 0) return before;

    const whole = Buffer.concat(lines).subarray(0, -1);
    lines = [];
    bytes = 0;
    open = 0;
    return [...before, { is: 'candidate', bytes: whole }];
  }

  function tooLong(): readonly ScreenedLine[] {
    const length = bytes;
    return reset().map(({ bytes: dropped }) => ({ is: 'too-long', bytes: dropped.subarray(0, 512), length }));
  }

  return { line, reset };
}
