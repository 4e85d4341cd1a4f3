import { resolve } from 'node:path';
import { readOptions, usage } from '../test/faults/options.ts';
import type { Options } from '../test/faults/options.ts';
import type { RowReport } from '../test/faults/row.ts';
import { faultRows } from '../test/faults/rows.ts';
import { runRows } from '../test/faults/run-rows.ts';
import { elapsed, say } from './progress.mjs';

const options = readOptions(process.argv.slice(2), faultRows);
switch (options.is) {
  case 'help':
    process.stdout.write(usage(faultRows));
    break;
  case 'wrong':
    say(`${options.problem}\nnpm run -s faults -- --help says more.`);
    process.exitCode = 2;
    break;
  case 'run':
    // An interrupted row may still wait for something that will not come.
    process.exit(await faults(options));
}

/** The exit code. */
async function faults({ rows, incidents, seed, out, json }: Options & { readonly is: 'run' }): Promise<number> {
  const started = performance.now();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  let good = 0;
  // A folder as whoever typed the command sees it: npm runs us in the project's.
  const folder = resolve(process.env['INIT_CWD'] ?? '.', out);
  say(`${rows.length} rows of ${incidents} incidents, seed ${seed}`);
  await runRows(
    rows,
    { incidents, seed, out: folder, say: (row, text) => say(`${row}: ${text}`) },
    (row, outcome) => {
      if (outcome instanceof Error) {
        say(`${row.name}: ${outcome.message}`);
        return;
      }
      if (isGood(outcome)) good += 1;
      process.stdout.write(json ? `${JSON.stringify(outcome)}\n` : lineOf(outcome));
    },
    interrupted.signal,
  );
  if (interrupted.signal.aborted) return 130;
  say(`${good} of ${rows.length} rows without a loss or a double, in ${elapsed(started)}`);
  return good === rows.length ? 0 : 1;
}

function isGood({ injected, lost, duplicates }: RowReport): boolean {
  return injected > 0 && lost === 0 && duplicates === 0;
}

function lineOf(report: RowReport): string {
  const { fault, injected, incidents, lost, duplicates, remediations, recoveredAfterMs, logs } = report;
  const verdict = isGood(report) ? 'ok    ' : 'FAILED';
  return (
    `${verdict} ${fault}: struck ${injected} times, ${incidents} incidents, ${lost} lost, ${duplicates} double, ` +
    `${remediations} writes, recovered after ${(recoveredAfterMs / 1_000).toFixed(1)} s (${logs})\n`
  );
}
