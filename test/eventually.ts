import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createPatientTime } from '../sandbox/patient-time.ts';

/** Nothing that is on its way stands still for so long: a watch that leads nowhere is believed in for 29 s. */
const stillMs = 60_000;
const everyMs = { first: 2, last: 50 } as const;

/** Time in which this process could look: a test that did not run has not waited. */
const time = createPatientTime();

/**
 * The way to wait in tests: looks until `look` no longer throws, and answers with what it answered. It goes on as long as
 * what is seen changes. When nothing has moved for a minute (`patienceMs`) it throws what was thrown last, and says how long it waited.
 */
export async function eventually<T>(look: () => T | Promise<T>, patienceMs = stillMs): Promise<T> {
  const began = performance.now();
  let seen = '';
  let movedAt = time.now();
  for (let waitMs: number = everyMs.first; ; waitMs = Math.min(waitMs * 1.5, everyMs.last)) {
    try {
      return await look();
    } catch (error) {
      const now = wordsOf(error);
      if (now !== seen) movedAt = time.now();
      seen = now;
      if (time.now() - movedAt > patienceMs) throw withWait(error, performance.now() - began);
    }
    await delay(waitMs);
  }
}

/** Waits for something to be found; null is nothing. When it gives up it says that `what` did not happen. */
export async function until<T>(what: string, find: () => T | null, patienceMs = stillMs): Promise<T> {
  return eventually(() => {
    const found = find();
    if (found === null) throw new Error(`it did not happen: ${what}`);
    return found;
  }, patienceMs);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message}\n${'actual' in error ? inspect(error.actual, { depth: 6 }) : ''}`;
}

/** The same error, so that the difference between what was expected and what was seen is shown. */
function withWait(error: unknown, waitedMs: number): unknown {
  if (error instanceof Error) error.message += ` (waited ${Math.round(waitedMs / 1_000)} s; nothing moved any more)`;
  return error;
}
