import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { isLongWanted, tooLong } from '../long.ts';

/*
 * The smallest runs: that each benchmark does its work with the real processes and says so in its one shape. How fast it
 * was is nowhere asserted; that it ends is, by the test's own time limit.
 */
const run = promisify(execFile);

const positive = z.number().positive();
const times = { p50: positive, p99: positive };
const throughput = { perSecond: positive };
const common = {
  n: z.int().positive(),
  unit: z.enum(['ms', 'jobs/s', 'lines/s of CPU']),
  rssBytes: positive.optional(),
  retainedBytesPerPod: z.number().optional(),
};
const beside = <Value extends z.ZodRawShape>(value: Value) => ({
  ...value,
  floor: z.strictObject(value),
  ratio: z.strictObject(value),
});
const peerSchema = z.union([
  z.strictObject({ ...common, ...beside(times) }),
  z.strictObject({ ...common, ...beside(throughput) }),
]);
const around = {
  ...common,
  bench: z.string(),
  peers: z.record(z.string(), peerSchema),
  counts: z.record(z.string(), z.number()).optional(),
  machine: z.string().min(1),
  node: z.string().regex(/^v\d+\./),
  at: z.iso.datetime(),
};
const reportSchema = z.union([
  z.strictObject({ ...around, ...beside(times) }),
  z.strictObject({ ...around, ...beside(throughput) }),
]);

async function bench(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run(process.execPath, ['scripts/bench.ts', ...args], { cwd: projectRoot });
}

// All at once, each with processes of its own: a machine that others use needs minutes for what takes it seconds alone.
describe.concurrent('a benchmark', { timeout: 300_000 }, () => {
  test.for([
    ['latency', ['5/s']],
    ['watch', ['over the informer']],
    ['storm', []],
    ['queue', ['hop']],
    ['ack', ['click', 'command']],
  ] as const)('%s prints one line of JSON and nothing else', async ([name, peers], { skip }) => {
    if (!isLongWanted) skip(tooLong);

    const { stdout } = await bench(name, '--json', '--size', 'small');

    const [line = '', ...rest] = stdout.trimEnd().split('\n');
    expect(rest).toEqual([]);
    const report = reportSchema.parse(JSON.parse(line));
    expect(report.bench).toBe(name);
    // Whether a storm is folded is up to the machine.
    expect(Object.keys(report.peers).filter((peer) => peer !== 'first storm root')).toEqual(peers);
  });

  test('that does not exist is refused before anything is started', async () => {
    const refused = bench('latncy');

    await expect(refused).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('latency?') });
  });
});
