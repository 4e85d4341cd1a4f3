import { describe, expect, test } from 'vitest';
import { readDemoOptions, usage } from '../../../scripts/demo/demo-options.ts';

const asItIs = { is: 'run', check: false, json: false, seed: 0, speed: 2, clusters: 1, port: 4040 };

describe('what was typed after demo', () => {
  test.each([
    ['nothing', [], asItIs],
    ['a check, which is faster', ['--check', '--json'], { ...asItIs, check: true, json: true, speed: 60 }],
    ['a check of another speed', ['--check', '--speed=7.5'], { ...asItIs, check: true, speed: 7.5 }],
    [
      'other stories',
      ['--scenarios', 'mine', '--seed', '7', '--port', '0'],
      { ...asItIs, scenarios: 'mine', seed: 7, port: 0 },
    ],
    ['two clusters', ['--clusters', '2', '--logs', 'logs'], { ...asItIs, clusters: 2, logs: 'logs' }],
  ])('is %s', (_what, args, expected) => {
    expect(readDemoOptions(args)).toMatchObject(expected);
  });

  test('is a cluster of somebody', () => {
    const own = { is: 'own', kubeconfig: 'k', context: null, namespaces: [], logs: undefined, port: 4040 };

    expect(readDemoOptions(['--kubeconfig', 'k'])).toEqual(own);
    expect(
      readDemoOptions(['--kubeconfig', 'k', '--context', 'c', '--namespace', 'a', '--namespace', 'a', '--port', '0']),
    ).toEqual({ ...own, context: 'c', namespaces: ['a'], port: 0 });
  });

  test.each([
    [['--chek'], "Unknown option '--chek'. Did you mean --check?"],
    [['shop'], "Unexpected argument 'shop'"],
    [['--seed', 'x'], '--seed x: a whole number such as 7'],
    [['--seed', ''], '--seed : a whole number'],
    [['--port', 'abc'], '--port abc: a port'],
    [['--port', '70000'], '--port 70000: a port'],
    [['--port', '4190'], '--port 4190: no browser opens a page at this port'],
    [['--speed', 'fast'], '--speed fast: a number such as 60'],
    [['--speed', '0'], '--speed 0: a number'],
    [['--clusters', '3'], '--clusters 3: 1 or 2'],
    [['--clusters', '2', '--check'], '--clusters 2 is for looking at'],
    [['--clusters', '2', '--recording', 'x'], '--clusters 2 is for looking at'],
    [['--scenarios', 'a', '--recording', 'b'], '--scenarios and --recording: one of them'],
    [['--json'], '--json goes with --check'],
    [['--kubeconfig', ''], '--kubeconfig is empty'],
    [['--context', 'prod'], '--context and --namespace go with --kubeconfig FILE'],
    [['--kubeconfig', 'k', '--namespace', ''], '--context and --namespace want a name'],
    [['--kubeconfig', 'k', '--check'], '--kubeconfig shows your own cluster as it is'],
    [['--kubeconfig', 'k', '--speed', '2'], '--kubeconfig shows your own cluster as it is'],
  ])('is refused with what would be right: %j', (args, problem) => {
    expect(readDemoOptions(args)).toEqual({ is: 'wrong', problem: expect.stringContaining(problem) });
  });

  test.each(['--help', '-h'])('may be a wish for help: %s', (word) => {
    expect(readDemoOptions([word, '--speed', 'fast'])).toEqual({ is: 'help' });
    expect(usage).toContain('--recording DIR');
  });
});
