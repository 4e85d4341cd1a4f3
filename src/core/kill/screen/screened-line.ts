/** `bytes` may point into the pushed chunk: use them before the next push, or copy them. */
export interface ScreenedLine {
  readonly is: 'candidate' | 'bookmark' | 'error' | 'malformed' | 'too-long';
  /** The beginning of a line that was dropped because it is too long. */
  readonly bytes: Buffer;
  /** For an unreadable line: the resourceVersion in the last complete line before it, if known. */
  readonly after?: string | null;
}

/** Enough of a dropped line to name its object in a log. */
export const shownBytes = 512;
