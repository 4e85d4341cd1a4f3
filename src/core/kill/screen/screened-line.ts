/** `bytes` may lie in the chunk that was pushed: use them before the next push, or copy. */
export interface ScreenedLine {
  readonly is: 'candidate' | 'bookmark' | 'error' | 'malformed' | 'too-long';
  /** Of one that is too long and was dropped, its beginning. */
  readonly bytes: Buffer;
  /** Of one that cannot be read, the resourceVersion in the last whole line before it, where that is known. */
  readonly after?: string | null;
}

/** Enough of a dropped line to name its object in a log. */
export const shownBytes = 512;
