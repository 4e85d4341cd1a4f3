import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Bytes that are still in use after everything that nobody holds has been freed. */
export async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await setImmediate();
    runInNewContext('gc()');
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
