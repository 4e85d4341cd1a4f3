import { ack } from '../bench/ack/ack.ts';
import type { Benchmark, Size } from '../bench/benchmark.ts';
import { diagnose } from '../bench/diagnose/diagnose.ts';
import { latency } from '../bench/latency/latency.ts';
import { readOptions, usage } from '../bench/options.ts';
import { queue } from '../bench/queue/queue.ts';
import { watch } from '../bench/watch/watch.ts';
import type { Report } from '../bench/report.ts';
import { tableOf } from '../bench/table.ts';
import { storm } from '../bench/storm/storm.ts';
import { elapsed, say } from './progress.mjs';

const benchmarks: readonly Benchmark[] = [latency, watch, storm, queue, ack, diagnose];

const given = process.argv.slice(2);
const options = readOptions(given, benchmarks);
switch (options.is) {
  case 'help':
    process.stdout.write(usage(benchmarks));
    break;
  case 'wrong':
    say(`${options.problem}\nnpm run -s bench -- --help says more.`);
    process.exitCode = 2;
    break;
  case 'run': {
    if (options.benchmarks.length === benchmarks.length && given.every((word) => word.startsWith('-')))
      say('No name was given, so all run; npm run -s bench -- --help lists them.');
    const interrupted = Promise.withResolvers<null>();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.resolve(null));
    for (const benchmark of options.benchmarks) {
      const ended = await runOne(benchmark, options.size, interrupted.promise);
      if (ended === 'interrupted') break;
      if (ended !== 'failed') process.stdout.write(options.json ? `${JSON.stringify(ended)}\n` : tableOf(ended));
    }
    break;
  }
}

/** Whatever it has started is ended when this resolves. */
async function runOne(
  { name, run }: Benchmark,
  size: Size,
  interrupted: Promise<null>,
): Promise<Report | 'failed' | 'interrupted'> {
  const started = performance.now();
  const stops: (() => Promise<void>)[] = [];
  const tell = (text: string): void => say(`${name}: ${text}`);
  tell('starting');
  try {
    const running = run({ size, say: tell, onStop: (stop) => stops.push(stop) });
    running.catch(() => undefined);
    const report = await Promise.race([running, interrupted]);
    if (report !== null) return report;
    process.exitCode = 130;
    return 'interrupted';
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    return 'failed';
  } finally {
    for (const stop of stops.toReversed()) await stop();
    tell(`took ${elapsed(started)}`);
  }
}
