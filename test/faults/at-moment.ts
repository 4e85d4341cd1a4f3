import type { TcpProxy } from './tcp-proxy.ts';

/** A moment in the work of a process: between each two of its writes to Redis it awaits something. */
export interface Moment {
  /** Counting begins with the first answer of Redis in which this is found. */
  readonly from: RegExp;
  /** Which of the process' writes from then on; 1 = the first. */
  readonly nth: number;
}

/**
 * Resolves when a process has just written: Redis gets that and the process no answer any more (`after`), or neither does
 * (`before`). Nothing passes from then on, until `intercept(null)`.
 */
export async function cutAt(
  proxy: TcpProxy,
  { from, nth, when }: Moment & { readonly when: 'before' | 'after' },
): Promise<void> {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const counted = countWrites(from);
  proxy.intercept((side, piece) => {
    const before = counted(null, piece);
    if (before >= nth) return 'drop';
    if (counted(side, piece) < nth) return 'pass';
    // The piece itself has to be on its way first.
    setImmediate(resolve);
    return when === 'before' ? 'drop' : 'pass';
  });
  await reached;
}

/** Calls `strike` in the moment when a process has just written, and resolves then. */
export async function strikeAt(proxy: TcpProxy, { from, nth }: Moment, strike: () => void): Promise<void> {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const counted = countWrites(from);
  proxy.intercept((side, piece) => {
    if (counted(side, piece) < nth) return 'pass';
    proxy.intercept(null);
    strike();
    resolve();
    return 'pass';
  });
  await reached;
}

/** Takes a piece of one side into account, or of none; how often the process has written. */
function countWrites(from: RegExp): (side: 'client' | 'server' | null, piece: Buffer) => number {
  let written = -1;
  return (side, piece) => {
    if (side === 'server' && written < 0 && from.test(piece.toString('latin1'))) written = 0;
    else if (side === 'client' && written >= 0) written += 1;
    return written;
  };
}
