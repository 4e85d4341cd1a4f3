import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 15;

/**
 * Looks every 15 ms until there is something to find. What is measured is read off the simulators' logs, so that the
 * time between two looks is no part of it.
 * @throws Error after `deadlineMs`, which says `what` did not happen
 */
export async function until<T>(what: string, deadlineMs: number, find: () => T | null): Promise<T> {
  const over = performance.now() + deadlineMs;
  for (;;) {
    const found = find();
    if (found !== null) return found;
    if (performance.now() > over) throw new Error(`not within ${deadlineMs / 1_000} s: ${what}`);
    await delay(everyMs);
  }
}
