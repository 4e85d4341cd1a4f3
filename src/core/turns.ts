export interface Turns {
  /** Resolves with what gives the turn back. Rejects with the signal's reason if it is aborted first. */
  readonly take: (signal: AbortSignal) => Promise<() => void>;
}

/** Lets so many at one time go on; the others wait in order. */
export function createTurns(most: number): Turns {
  let free = most;
  const waiting = new Set<() => void>();

  function giveBack(): void {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  }

  /** A turn is given back once, however often its end is said. */
  function turn(): () => void {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      giveBack();
    };
  }

  function take(signal: AbortSignal): Promise<() => void> {
    if (free > 0) {
      free -= 1;
      return Promise.resolve(turn());
    }
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const leave = (): void => {
      waiting.delete(next);
      signal.removeEventListener('abort', giveUp);
    };
    const next = (): void => {
      leave();
      resolve(turn());
    };
    const giveUp = (): void => {
      leave();
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    waiting.add(next);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    return promise;
  }

  return { take };
}
