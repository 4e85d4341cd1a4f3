import { createFaultSystems } from './fault-systems.ts';
import type { FaultRow, RowReport } from './row.ts';
import { runRow } from './run-row.ts';
import type { RowOptions } from './run-row.ts';

/** Rows beside each other, for two cores: most of a row is waiting; one of many incidents needs half a core. */
const fewIncidents = 50;
const width = { few: 7, many: 3 };

/**
 * Plays rows, some beside each other; `each` is given what became of one as soon as it is over. Resolves when all are,
 * or `signal` is aborted and everything that was started has ended.
 */
export async function runRows(
  rows: readonly FaultRow[],
  options: Omit<RowOptions, 'say'> & { readonly say: (row: string, text: string) => void },
  each: (row: FaultRow, outcome: RowReport | Error) => void,
  signal: AbortSignal,
): Promise<void> {
  const systems = createFaultSystems(rows);
  const waiting = [...rows];
  const workOff = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined && !signal.aborted; row = waiting.shift()) {
      const { name } = row;
      const say = (text: string): void => options.say(name, text);
      say('starting');
      const outcome = await runRow(row, { ...options, say }, systems).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      if (!signal.aborted) each(row, outcome);
    }
  };
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    const lanes = Array.from({ length: options.incidents > fewIncidents ? width.many : width.few }, workOff);
    await Promise.race([Promise.all(lanes), aborted]);
  } finally {
    await systems.stop();
  }
}
