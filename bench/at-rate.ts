import { setTimeout as delay } from 'node:timers/promises';

/** Begins so many a second, whether or not those before have ended; resolves when all have. */
export async function atRate<T, R>(
  all: readonly T[],
  perSecond: number,
  begin: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const startedAt = performance.now();
  const begun: Promise<R>[] = [];
  for (const [index, one] of all.entries()) {
    await delay(Math.max(0, startedAt + (index * 1_000) / perSecond - performance.now()));
    const running = begin(one);
    // One that fails is told of below, where all are awaited.
    running.catch(() => undefined);
    begun.push(running);
  }
  return Promise.all(begun);
}
