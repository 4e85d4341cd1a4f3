export interface LineFinder {
  readonly push: (chunk: Buffer) => void;
  /** The last line may have no end. */
  readonly end: () => void;
}

/** A series has some 400 bytes. A longer line than this is passed over. */
const mostLineBytes = 16 * 1024;
const LINE_FEED = 0x0a;

/** Hands on the lines that begin with `start`, without their ends, as they arrive. Holds one line at most. */
export function createLineFinder(start: string, take: (line: string) => void): LineFinder {
  const wanted = Buffer.from(start);
  const wantedAfterEnd = Buffer.from(`\n${start}`);
  /** The beginning of the line that goes on in the next chunk. */
  let begun: Buffer = Buffer.alloc(0);
  let isTooLong = false;

  function line(bytes: Buffer): void {
    const isWanted = !isTooLong && bytes.length <= mostLineBytes && bytes.subarray(0, wanted.length).equals(wanted);
    if (isWanted) take(bytes.toString('utf8'));
    isTooLong = false;
  }

  function push(chunk: Buffer): void {
    const firstEnd = chunk.indexOf(LINE_FEED);
    if (firstEnd === -1) return begin(Buffer.concat([begun, chunk]), begun.length + chunk.length > mostLineBytes);
    if (begun.length > 0 || isTooLong) line(Buffer.concat([begun, chunk.subarray(0, firstEnd)]));
    else line(chunk.subarray(0, firstEnd));
    // Of the other whole lines only those are touched that begin so.
    const lastEnd = chunk.lastIndexOf(LINE_FEED);
    let at = chunk.indexOf(wantedAfterEnd, firstEnd);
    while (at !== -1 && at < lastEnd) {
      const end = chunk.indexOf(LINE_FEED, at + 1);
      line(chunk.subarray(at + 1, end));
      at = chunk.indexOf(wantedAfterEnd, end);
    }
    begin(chunk.subarray(lastEnd + 1), chunk.length - lastEnd - 1 > mostLineBytes);
  }

  /** A copy, because a part would keep the whole chunk. */
  function begin(bytes: Buffer, isLong: boolean): void {
    isTooLong ||= isLong;
    begun = isTooLong ? Buffer.alloc(0) : Buffer.from(bytes);
  }

  function endOfText(): void {
    if (begun.length > 0) line(begun);
    begun = Buffer.alloc(0);
  }

  return { push, end: endOfText };
}
