/** `bytes` may lie in the chunk that was pushed: use them before the next push, or copy. */
export type ScreenedLine = {
  /** Of one that cannot be read: the resourceVersion in the last whole line before it, where that is known. */
  readonly after?: string | null;
} & (
  | { readonly is: 'candidate' | 'bookmark' | 'error' | 'malformed'; readonly bytes: Buffer }
  /** The line was dropped; `bytes` is its beginning. */
  | { readonly is: 'too-long'; readonly bytes: Buffer; readonly length: number }
);

/** Enough of a dropped line to name its object in a log. */
export const shownBytes = 512;
