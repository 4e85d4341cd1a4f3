import { setTimeout as delay } from 'node:timers/promises';
import type { FaultSystem } from '../row.ts';

const deadlineMs = 30_000;
const lookEveryMs = 50;

/** How often the processes of a system have said this. */
export async function saidTimes(system: FaultSystem, words: string): Promise<number> {
  return (await system.said()).split(words).length - 1;
}

/** Resolves when they have said it so often. */
export async function untilSaid(system: FaultSystem, words: string, times: number): Promise<void> {
  const latest = performance.now() + deadlineMs;
  while ((await saidTimes(system, words)) < times) {
    if (performance.now() > latest) throw new Error(`not said ${times} times: ${words}`);
    await delay(lookEveryMs);
  }
}
