import { eventually } from '../../eventually.ts';
import type { FaultSystem } from '../row.ts';

/** How often the processes of a system have said this. */
export async function saidTimes(system: FaultSystem, words: string): Promise<number> {
  return (await system.said()).split(words).length - 1;
}

/** Resolves when they have said it so often. */
export async function untilSaid(system: FaultSystem, words: string, times: number): Promise<void> {
  await eventually(async () => {
    const said = await saidTimes(system, words);
    if (said < times) throw new Error(`said ${said} of ${times} times: ${words}`);
  });
}
