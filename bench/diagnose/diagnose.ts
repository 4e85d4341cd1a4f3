import { join } from 'node:path';
import { readTrace, traceFolders } from '../../src/adapters/recording/read-trace.ts';
import type { TraceInput } from '../../src/adapters/recording/read-trace.ts';
import { judgeTrace } from '../../src/app/evaluate/judge-trace.ts';
import type { Basis } from '../../src/app/evaluate/judge-trace.ts';
import { diagnose as judgeCause } from '../../src/core/diagnose/diagnose.ts';
import { recommend } from '../../src/core/recommend/recommend.ts';
import type { Benchmark, Size } from '../benchmark.ts';
import { circumstances, throughputBeside } from '../report.ts';

/** Rounds over all traces, each of ours, of diagnosis alone, and of the floor; none is begun after so many ms. */
const amounts: Readonly<Record<Size, { readonly rounds: number; readonly forMs: number }>> = {
  small: { rounds: 2, forMs: Infinity },
  default: { rounds: 60, forMs: 12_000 },
  full: { rounds: 300, forMs: Infinity },
};

const root = join(import.meta.dirname, '../../test/recordings');

/** A verdict with its recommendation from what a cluster answers, next to parsing the samples of it. */
export const diagnose: Benchmark = {
  name: 'diagnose',
  about: 'verdicts a second on one core, from the recorded traces, against parsing their samples',
  run: async ({ size, say }) => {
    const { rounds, forMs } = amounts[size];
    const traces = ['traces', 'fair-traces'].flatMap((name) => traceFolders(join(root, name))).map(readTrace);
    const texts = traces.map(({ rows }) => JSON.stringify(rows));
    const bases = (await judged(traces)).filter((basis) => basis !== null);
    for (let warm = 0; warm < 2; warm += 1) await judged(traces);
    const rates = { ours: new Array<number>(), alone: new Array<number>(), floor: new Array<number>() };
    say(`${rounds} rounds of ${traces.length} traces`);
    const over = performance.now() + forMs;
    for (let round = 0; round < rounds && (round === 0 || performance.now() < over); round += 1) {
      rates.ours.push(await perSecond(traces.length, () => judged(traces)));
      rates.alone.push(await perSecond(bases.length, () => bases.forEach(explain)));
      rates.floor.push(await perSecond(texts.length, () => texts.forEach(parse)));
    }
    return {
      bench: 'diagnose',
      n: rates.ours.length * traces.length,
      ...throughputBeside(rates.ours, rates.floor),
      unit: 'verdicts/s',
      peers: {
        'from evidence': {
          n: rates.alone.length * bases.length,
          ...throughputBeside(rates.alone, rates.floor),
          unit: 'verdicts/s',
        },
      },
      ...circumstances(),
    };
  },
};

async function judged(traces: readonly TraceInput[]): Promise<readonly (Basis | null)[]> {
  const found: (Basis | null)[] = [];
  for (const trace of traces) found.push((await judgeTrace(trace)).basis);
  return found;
}

function explain({ findings, kill, recent, now }: Basis): void {
  recommend(judgeCause(findings, kill, recent, now), findings, kill, recent);
}

function parse(text: string): void {
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) throw new Error('no samples');
}

/** By the CPU time of this process, so that others on the machine do not count. */
async function perSecond(count: number, work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (count * 1_000_000) / (user + system);
}
