import { describe, expect, test } from 'vitest';
import { auditOptions } from '../../../../src/app/audit/audit-options.ts';
import { doctorOptions } from '../../../../src/app/doctor/doctor-options.ts';
import { scanOptions } from '../../../../src/app/scan/scan-options.ts';
import { wrongUsage } from '../../../../src/app/command-line/wrong-usage.ts';
import { Failure } from '../../../../src/core/failure.ts';

function refusal(read: () => unknown): Failure {
  try {
    read();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('scan', () => {
  test('takes a kubeconfig, namespaces (each once) and --json', () => {
    const options = [
      '--kubeconfig',
      'a.yaml',
      '--namespace',
      'shop',
      '--namespace=ops',
      '--namespace',
      'shop',
      '--json',
    ];

    expect(scanOptions(options)).toEqual({ kubeconfig: 'a.yaml', namespaces: ['shop', 'ops'], json: true });
    expect(scanOptions([])).toEqual({ kubeconfig: null, namespaces: [], json: false });
  });

  test.each([
    [['--jsn'], /Unknown option '--jsn'\. Did you mean --json\?/],
    [['--kubecfg=x'], /Did you mean --kubeconfig\?/],
    [['--context', 'prod'], /Unknown option '--context'\. `npm run -s oomkeeper -- scan --help` lists/],
    [['shop'], /Unexpected argument 'shop'/],
    [['--kubeconfig'], /'--kubeconfig <value>' argument missing/],
    [['--kubeconfig='], /--kubeconfig is empty/],
    [['--namespace', ''], /--namespace is empty/],
    [['--json=yes'], /'--json' does not take an argument/],
  ])('%j is refused in one line', (args, words) => {
    const { code, message } = refusal(() => scanOptions(args));

    expect(code).toBe('usage');
    expect(message).toMatch(words);
    expect(message).not.toContain('\n');
  });
});

describe('doctor', () => {
  const all = ['configuration', 'redis', 'slack', 'cluster', 'usage', 'forge', 'receivers'];
  const processes = ['watcher', 'worker', 'bot'];

  test.each([
    [[], { wanted: all, processes, json: false }],
    [['slack', 'redis', '--json'], { wanted: ['redis', 'slack'], processes, json: true }],
    [['slack', '--app-manifest', 'm.json'], { wanted: ['slack'], processes, json: false, appManifest: 'm.json' }],
    [['--process', 'watcher'], { wanted: ['configuration', 'redis', 'cluster'], processes: ['watcher'], json: false }],
    [
      ['--process', 'bot', '--process', 'bot'],
      { wanted: ['configuration', 'redis', 'slack', 'receivers'], processes: ['bot'], json: false },
    ],
    [['cluster', '--process', 'worker'], { wanted: ['cluster'], processes: ['worker'], json: false }],
  ])('%j', (args, expected) => {
    expect(doctorOptions(args)).toEqual({ appManifest: null, ...expected });
  });

  test.each([
    [['slak'], /nothing called "slak" to check\. Did you mean "slack"\?/],
    [['everything'], /nothing called "everything" to check\. `npm run -s oomkeeper -- doctor --help`/],
    [['--process', 'wacher'], /no process "wacher"\. Did you mean "watcher"\?/],
    [['--jso'], /Did you mean --json\?/],
  ])('%j is refused', (args, words) => {
    expect(refusal(() => doctorOptions(args))).toMatchObject({ code: 'usage', message: expect.stringMatching(words) });
  });
});

describe('audit', () => {
  test('goes back 7 days over all clusters', () => {
    expect(auditOptions([])).toEqual({ json: false, sinceMs: 7 * 24 * 3_600_000, cluster: null });
  });

  test('takes a duration, a cluster and --json', () => {
    const options = auditOptions(['--since', '90m', '--cluster', 'prod', '--json']);

    expect(options).toEqual({ json: true, sinceMs: 90 * 60_000, cluster: 'prod' });
  });

  test.each([
    [['--since', 'yesterday'], /yesterday.*`npm run -s oomkeeper -- audit --help`/],
    [['--since', '7'], /"7"/],
    [['--since', '-7d'], /--since/],
    [['--sinc', '7d'], /Did you mean --since\?/],
    [['prod'], /Unexpected argument 'prod'/],
  ])('%j is refused', (args, words) => {
    expect(refusal(() => auditOptions(args))).toMatchObject({ code: 'usage', message: expect.stringMatching(words) });
  });
});

test('what is wrong is said in one sentence, whatever the parser adds', () => {
  const { message } = wrongUsage('scan', { args: ['--x'], options: ['--json'] }, new Error('Unknown.\nMore words'));

  expect(message).toBe('Unknown. `npm run -s oomkeeper -- scan --help` lists what it takes.');
});
