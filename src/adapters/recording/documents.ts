/** The text of one JSON document and the number of its first line; null for one that was dropped for its length. */
export interface Document {
  readonly text: string | null;
  readonly lineNumber: number;
}

export const maxDocumentBytes = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** Tab, line feed, carriage return, space. */
const BLANKS = new Set([0x09, 0x0a, 0x0d, 0x20]);
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * A document a line, or over several as `kubectl -o json` and `jq` write it: it begins and ends with a brace in the
 * first column, and all between is indented. What fits neither is a document of its own, for whoever parses it to refuse.
 * An error of the bytes comes after all that was read before it.
 */
export async function* documentsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Document> {
  let begun: { readonly lines: Buffer[]; readonly lineNumber: number; bytes: number } | null = null;
  let lineNumber = 0;

  function* flush(): Generator<Document> {
    if (begun === null) return;
    const { lines, lineNumber: first, bytes } = begun;
    begun = null;
    yield { text: bytes > maxDocumentBytes ? null : Buffer.concat(lines).toString('utf8'), lineNumber: first };
  }

  for await (const line of linesOf(chunks)) {
    lineNumber += 1;
    if (line === null) {
      yield* flush();
      yield { text: null, lineNumber };
      continue;
    }
    const last = lastVisible(line);
    if (last === null) continue;
    const [first] = line;
    const goesOn = begun !== null && first !== undefined && (BLANKS.has(first) || first === CLOSING_BRACE);
    if (!goesOn) {
      yield* flush();
      if (first !== OPENING_BRACE || last === CLOSING_BRACE) {
        yield { text: line.toString('utf8'), lineNumber };
        continue;
      }
      begun = { lines: [], lineNumber, bytes: 0 };
    }
    if (begun === null) continue;
    begun.bytes += line.length;
    if (begun.bytes <= maxDocumentBytes) begun.lines.push(line);
    if (first === CLOSING_BRACE) yield* flush();
  }
  yield* flush();
}

/** Lines without their ends, null for one that was dropped for its length. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | null> {
  let parts: Buffer[] = [];
  let length = 0;
  let isFirst = true;
  let failure: Error | null = null;

  function take(tail: Buffer): Buffer | null {
    const whole = length + tail.length > maxDocumentBytes ? null : Buffer.concat([...parts, tail]);
    parts = [];
    length = 0;
    const isMarked = isFirst && whole?.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) === true;
    isFirst = false;
    return isMarked ? whole.subarray(BYTE_ORDER_MARK.length) : whole;
  }

  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
        yield take(chunk.subarray(from, end));
        from = end + 1;
      }
      const rest = chunk.subarray(from);
      length += rest.length;
      if (length <= maxDocumentBytes) parts.push(rest);
      else parts = [];
    }
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  if (length > 0) yield take(Buffer.alloc(0));
  if (failure !== null) throw failure;
}

function lastVisible(line: Buffer): number | null {
  for (let at = line.length - 1; at >= 0; at -= 1) {
    const byte = line[at];
    if (byte !== undefined && !BLANKS.has(byte)) return byte;
  }
  return null;
}
