import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxClock } from '../clock.ts';

const lookEveryMs = 100;

/** A step that a person could not do, in a sentence. */
export class StepError extends Error {}

/** How long something is waited for: ms of the clock that all that is awaited goes by, which stands still while it is late. */
export interface Patience {
  readonly clock: Pick<SandboxClock, 'monotonic'>;
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/** Looks every 100 ms. False when it did not come true in that time. Rejects when the signal is aborted. */
export async function lookUntil(
  isTrue: () => boolean | Promise<boolean>,
  { clock, ms, signal }: Patience,
): Promise<boolean> {
  const deadline = clock.monotonic() + ms;
  while (!(await isTrue())) {
    if (clock.monotonic() > deadline) return false;
    await delay(lookEveryMs, undefined, signal === undefined ? {} : { signal });
  }
  return true;
}
