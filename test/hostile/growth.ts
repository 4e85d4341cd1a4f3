import { Failure } from '../../src/core/failure.ts';

const times = 8;
/** Below this there is nothing to compare. */
const leastMs = 2;
const mostTries = 3;

/**
 * Whether eight times as much takes at most 24 times as long; in quadratic time it takes 64 times as long. Measured is
 * what this thread alone has worked, and in up to three tries, so that a busy machine changes nothing.
 */
export function isLinear(run: (size: number) => unknown, size: number): boolean {
  for (let tries = 0; tries < mostTries; tries += 1)
    if (workedMs(run, size * times) < 3 * times * Math.max(leastMs, workedMs(run, size))) return true;
  return false;
}

function workedMs(run: (size: number) => unknown, size: number): number {
  const before = process.threadCpuUsage();
  try {
    run(size);
  } catch (error) {
    // To refuse it is an answer.
    if (!(error instanceof Failure)) throw error;
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
