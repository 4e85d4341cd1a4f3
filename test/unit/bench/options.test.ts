import { describe, expect, test } from 'vitest';
import type { Benchmark } from '../../../bench/benchmark.ts';
import { readOptions, usage } from '../../../bench/options.ts';

const known = ['latency', 'queue', 'ack'].map((name): Benchmark => ({
  name,
  about: `how fast ${name} is`,
  run: () => Promise.reject(new Error('not run here')),
}));

describe('what was typed after bench', () => {
  test.each([
    ['nothing: all of them', [], ['latency', 'queue', 'ack'], 'default', false],
    ['names: these, in their usual order', ['ack', 'latency'], ['latency', 'ack'], 'default', false],
    ['a name twice: once', ['queue', 'queue'], ['queue'], 'default', false],
    ['options before a name', ['--json', '--size', 'full', 'ack'], ['ack'], 'full', true],
    ['options behind a name', ['ack', '--size=small'], ['ack'], 'small', false],
  ])('is %s', (_, args, names, size, json) => {
    const options = readOptions(args, known);

    expect(options).toMatchObject({ is: 'run', size, json });
    expect(options.is === 'run' && options.benchmarks.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    [['latncy'], 'There is no benchmark latncy. Did you mean latency? There are latency, queue, ack.'],
    [['elephant'], 'There is no benchmark elephant. There are latency, queue, ack.'],
    [['ack', 'que'], 'There is no benchmark que. Did you mean queue? There are latency, queue, ack.'],
    [['--size', 'huge'], '--size huge: it is small, default, full'],
    [['--jsn'], "Unknown option '--jsn'"],
    [['--size'], "Option '--size <value>' argument missing"],
  ])('is refused with what would be right: %j', (args, problem) => {
    expect(readOptions(args, known)).toEqual({ is: 'wrong', problem: expect.stringContaining(problem) });
  });

  test('may be a wish for help, whatever else is there', () => {
    expect(readOptions(['--help', 'elephant'], known)).toEqual({ is: 'help' });
    expect(usage(known)).toContain('how fast queue is');
  });
});
