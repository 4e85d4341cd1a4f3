import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { keepInCorpus, readCorpus } from '../test/hostile/fuzz/corpus.ts';
import { fuzzTargets } from '../test/hostile/fuzz/targets.ts';
import type { FuzzTarget } from '../test/hostile/fuzz/targets.ts';
import { countsLine } from './counts.mjs';
import { elapsed, say } from './progress.mjs';

const usage = `Usage: npm run fuzz -- [--minutes N] [--only TEXT] [--seed N]

Makes hostile inputs for everything that reads what comes from outside (test/hostile/fuzz/targets.ts), in turns, until the
time is up. Each has to be read rightly or refused: nothing throws, nothing takes more than 2 s of processor time, and
nothing grows. What is found is made small, printed, and added to the corpus, which npm test begins with from then on.

  --minutes N  how long; 1 by default
  --only TEXT  targets whose name has TEXT in it
  --seed N     the same inputs as in another run
`;

const runsInATurn = 400;
const mostCpuMs = 2_000;
/** What may be kept from turn to turn, caches of the runtime included. */
const mostGrowthBytes = 48 * 2 ** 20;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(usage);
else process.exitCode = await fuzz(Number(values.minutes), values.only, Number(values.seed));

/** The exit code. */
async function fuzz(minutes: number, only: string, seed: number): Promise<number> {
  const chosen = fuzzTargets.filter(({ name }) => name.includes(only));
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || chosen.length === 0) {
    process.stderr.write(usage);
    return 2;
  }
  const started = performance.now();
  const failed = new Set<string>();
  let runs = 0;
  let settledBytes = 0;
  for (const { name, check } of chosen) for (const input of await readCorpus(name)) await check(input);
  for (let turn = 0; performance.now() - started < minutes * 60_000; turn += 1) {
    for (const one of chosen) {
      if (failed.has(one.name)) continue;
      if (!(await takeTurn(one, seed + turn))) failed.add(one.name);
      runs += runsInATurn;
    }
    const heldBytes = heldNow();
    // In the first turns the runtime compiles and fills its caches.
    if (turn <= 2) settledBytes = heldBytes;
    if (turn % 10 === 0) say(`${runs} inputs after ${elapsed(started)}, ${Math.round(heldBytes / 2 ** 20)} MiB held`);
    if (heldBytes - settledBytes <= mostGrowthBytes) continue;
    say(`it grows: ${settledBytes} bytes were held after the third turn, ${heldBytes} now (seed ${seed})`);
    failed.add('growth');
    break;
  }
  say(`${runs} inputs, seed ${seed}`);
  const bad = failed.size;
  process.stdout.write(`${countsLine({ passed: Math.max(0, chosen.length - bad), failed: bad, skipped: 0 })}\n`);
  return bad === 0 ? 0 : 1;
}

async function takeTurn({ name, input, check }: FuzzTarget, seed: number): Promise<boolean> {
  const property = fc.asyncProperty(input, async (given) => {
    const before = process.cpuUsage();
    await check(given);
    const { user } = process.cpuUsage(before);
    if (user / 1_000 > mostCpuMs) throw new Error(`it takes ${Math.round(user / 1_000)} ms of processor time`);
  });
  const result = await fc.check(property, { seed, numRuns: runsInATurn });
  if (!result.failed) return true;
  say(`${name}: ${fc.defaultReportMessage(result)}`);
  for (const one of result.counterexample ?? []) await keepInCorpus(name, one, `seed ${seed}`);
  return false;
}

/** Bytes on the heap after a collection. */
function heldNow(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}
