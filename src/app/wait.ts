import { setTimeout as sleep } from 'node:timers/promises';

/** Ends after `ms`, or early and without an error when the signal is aborted. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}
