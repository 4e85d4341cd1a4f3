import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld } from '../../../sandbox/world.ts';
import type { World } from '../../../sandbox/world.ts';
import { projectRoot } from '../../../scripts/project.mjs';
import { probePrometheus } from '../../../src/adapters/prometheus/probe.ts';
import { startAnswering } from '../../flow/prometheus/answering-server.ts';
import { rawCharacters, withoutBold } from '../../unit/app/command-line/raw-characters.ts';
import { accountWith } from '../accounts.ts';
import { runHere } from '../run-command.ts';
import { linesOf, named } from './scan-lines.ts';
import type { Line } from './scan-lines.ts';
import type { Ran } from '../run-command.ts';
import { addVictim, clusterOf } from '../victims.ts';
import { eventually } from '../../eventually.ts';

/*
 * `oomkeeper scan` against the pretend cluster. There is no Redis and no Slack in any of these tests, and none in any
 * environment.
 */

/** Runs a command in a terminal of its own. */
const terminal = 'script';
const complaints: string[] = [];
let world: World;
let folder: string;

async function kubeconfigOf(name: string): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, world.kubeconfigOf(`oomkeeper/${name}`), { mode: 0o600 });
  return path;
}

/** What was asked of the API server while something went on. */
async function asked<T>(during: () => Promise<T>) {
  const before = world.api.requestLog().length;
  const result = await during();
  return { result, requests: world.api.requestLog().slice(before) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-scan-'));
  world = await startWorld({
    speed: 20,
    seed: 1,
    port: 0,
    withPage: false,
    rights: [
      ...accountWith('pods-only', [{ verb: 'list', group: '', resource: 'pods' }]),
      ...accountWith('nothing', [{ verb: 'list', group: '', resource: 'services' }]),
    ],
    log: (message, fields) => complaints.push(`${message} ${JSON.stringify(fields)}`),
  });
  const checkout = addVictim(world, { name: 'checkout', kills: 100 });
  const down = addVictim(world, { name: 'cart', kills: 1, limit: '48Mi' });
  const other = addVictim(world, { name: 'mail', namespace: 'ops', kills: 2 });
  // One that keeps running, so that there is usage to be found.
  addVictim(world, { name: 'web', namespace: 'data', kills: 100, program: [{ at: 0, bytes: 20 * 2 ** 20 }] });
  const { kills } = clusterOf(world);
  await eventually(async () => {
    const { is } = await probePrometheus(world.addresses.prometheusUrl, { deadlineMs: 60_000 });
    const seen = [kills(checkout).length >= 2, kills(down).length === 1, kills(other).length === 2, is === 'usable'];
    if (seen.includes(false)) throw new Error(`not all has happened yet: ${seen.join(' ')}`);
  });
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a process of its own with nothing but a kubeconfig', () => {
  async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const child = spawn(process.execPath, [join(projectRoot, 'src/bin/oomkeeper.ts'), ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
    return { code: Number(code), out, err };
  }

  test('finds every kill with verdict and size, only reads, and says on standard error what it does', async () => {
    const { result, requests } = await asked(() => run(['scan', '--kubeconfig', world.addresses.kubeconfig, '--json']));

    const { code, err } = result;
    const lines = linesOf(result);
    expect({ code, err }).toEqual({
      code: 0,
      err: `connecting to ${world.api.url}\nlooking for a Prometheus\nreading Events\nreading pods\nlooking for the causes\n`,
    });
    expect(lines.slice(0, -1).map(named).toSorted()).toEqual([
      'ops/Deployment/mail app',
      'shop/Deployment/cart app',
      'shop/Deployment/checkout app',
    ]);
    expect(lines.slice(0, -1).filter(({ verdict }) => verdict !== 'limit-too-low')).toEqual([]);
    for (const { fix, limitBytes } of lines.slice(0, -1)) {
      expect(fix?.kind).toBe('raise-limit');
      expect(fix?.bytes).toBeGreaterThan(limitBytes ?? Infinity);
    }
    expect(lines.at(-1)).toMatchObject({ summary: true, incidents: 3, suspects: 0, notes: [] });
    expect(lines.at(-1)?.usage).toContain('found as Service monitoring/');
    expect(requests.length).toBeGreaterThan(5);
    expect([...new Set(requests.map(({ method }) => method))]).toEqual(['GET']);
    expect(requests.filter(({ path }) => path.includes('watch='))).toEqual([]);
  });

  test('prints a table and paragraphs for people, without colours in a pipe, and nothing is left of them with | head', async () => {
    const { code, out } = await run(['scan', '--kubeconfig', world.addresses.kubeconfig]);

    expect(code).toBe(0);
    expect(out).toMatch(/^KILLS {2}LAST +LIMIT +VERDICT +FIX +WORKLOAD\n/);
    expect(out).toMatch(/^1 +.* ago +48Mi +limit-too-low \d+% +limit \d+Mi +shop\/Deployment\/cart app$/m);
    expect(out).toMatch(/^shop\/Deployment\/cart app\n {2}1 kill, .*\n {2}Why: .*\n {2}Fix: Raise the limit to /m);
    expect(out).toContain('3 incidents in 4 pods. Nothing changed.');
    expect(out).toContain('Usage: Prometheus at ');
    expect(out).toBe(stripVTControlCharacters(out));
  });

  test.each([
    ['colours', { TERM: 'xterm' }, true],
    ['none with NO_COLOR', { TERM: 'xterm', NO_COLOR: '1' }, false],
  ])('in a terminal it has a line that moves, and %s', async (_, environment, coloured) => {
    const command = `'${process.execPath}' src/bin/oomkeeper.ts scan --kubeconfig '${world.addresses.kubeconfig}'`;
    const child = spawn(terminal, ['-qec', `stty cols 80; ${command}`, '/dev/null'], {
      cwd: projectRoot,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [[code], out] = await Promise.all([once(child, 'close'), text(child.stdout)]);

    const [moved, shown] = [out.slice(0, out.indexOf('KILLS')), out.slice(out.indexOf('KILLS'))];
    const lines = stripVTControlCharacters(shown).split('\r\n');
    expect(code).toBe(0);
    expect(moved).toContain('\r\u001b[K◒ connecting to ');
    expect(stripVTControlCharacters(moved)).not.toContain('\n');
    expect(withoutBold(moved).endsWith('\r\u001b[K')).toBe(true);
    expect(withoutBold(out) !== out).toBe(coloured);
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([['--json'], ['--help']])('a reader that has seen enough of %s ends it without a word', async (flag) => {
    const child = spawn(
      process.execPath,
      [join(projectRoot, 'src/bin/oomkeeper.ts'), 'scan', '--kubeconfig', world.addresses.kubeconfig, flag],
      { env: {}, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout.destroy();
    const [[code], err] = await Promise.all([once(child, 'close'), text(child.stderr)]);

    expect(code).toBe(0);
    expect(err).not.toMatch(/EPIPE|Error|at /);
  });
});

describe('what it is asked for', () => {
  const scan = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    runHere(['scan', ...args], { KUBECONFIG: world.addresses.kubeconfig, ...environment });

  test('--namespace looks there and nowhere else; OOMKEEPER_NAMESPACES is its default', async () => {
    const { result, requests } = await asked(() => scan(['--namespace', 'ops', '--namespace', 'ops', '--json']));
    const configured = await scan(['--json'], { OOMKEEPER_NAMESPACES: 'ops' });

    expect(linesOf(result).map(named).slice(0, -1)).toEqual(['ops/Deployment/mail app']);
    expect(linesOf(result).at(-1)).toMatchObject({ pods: 1 });
    expect(requests.filter(({ path }) => /\/api\/v1\/(pods|events)/.test(path))).toEqual([]);
    expect(linesOf(configured).map(named)).toEqual(linesOf(result).map(named));
  });

  test.each([
    [['shp'], 'The cluster has no namespace "shp". Did you mean shop?'],
    [['shop', 'somewhere'], 'The cluster has no namespace "somewhere".'],
  ])('a namespace that is not there is refused, not found empty: %j', async (names, words) => {
    const { code, out, err } = await scan(names.flatMap((name) => ['--namespace', name]));

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.split('\n').at(-2)).toBe(`oomkeeper: ${words}`);
  });

  test('the environment of somebody who has wrong tokens for other things does not matter', async () => {
    const { code } = await scan(['--json'], { SLACK_BOT_TOKEN: 'none', REDIS_URL: 'none', OOMKEEPER_MODE: 'maybe' });

    expect(code).toBe(0);
  });

  test('a wrong command line is said in one line, with exit code 2', async () => {
    const { code, out, err } = await scan(['--jsn']);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^oomkeeper: Unknown option '--jsn'\. Did you mean --json\? .*\n$/);
  });
});

describe('what it may not see', () => {
  const forbidden = async (name: string, args: readonly string[] = []): Promise<Ran> =>
    runHere(['scan', '--kubeconfig', await kubeconfigOf(name), ...args]);

  test('with the right to list pods alone it finds the kills all the same, and says what is missing', async () => {
    const ran = await forbidden('pods-only', ['--json']);

    const lines = linesOf(ran);
    expect(ran.code).toBe(0);
    expect(lines.slice(0, -1)).toHaveLength(3);
    expect(lines[0]?.verdict).toBe('limit-too-low');
    expect(lines[0]?.missing.map(({ what }) => what)).toEqual(expect.arrayContaining(['usage', 'log', 'rollout']));
    expect(lines.at(-1)?.notes).toEqual([expect.stringMatching(/^Events could not be read, .*403/)]);
    expect(lines.at(-1)?.usage).toMatch(/^none, because no Prometheus was found \(.*may not list Services/);
  });

  test('for people: what is missing is told once, at the end', async () => {
    const { out } = await forbidden('pods-only');

    expect(out).toMatch(/\nIncomplete: Events could not be read, .*403.*\.\n/);
    expect(out.match(/^Without the log of 3 of 3: .*403/gm)).toHaveLength(1);
  });

  test('without the right to list pods it says what it needs', async () => {
    const { code, out, err } = await forbidden('nothing');

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/403: pods is forbidden: .*scan needs the right to list pods; .*--namespace\.\n$/);
  });

  test('a namespace cannot be checked by somebody who may not list them: it is looked at', async () => {
    const { code, out } = await forbidden('pods-only', ['--namespace', 'ops', '--json']);

    expect(code).toBe(0);
    expect(linesOf({ out }).at(-1)).toMatchObject({ pods: 1 });
  });
});

describe('a Prometheus', () => {
  const scan = async (url: string): Promise<readonly Line[]> =>
    linesOf(
      await runHere(['scan', '--json'], { KUBECONFIG: world.addresses.kubeconfig, OOMKEEPER_PROMETHEUS_URL: url }),
    );

  test('that is switched off is not looked for', async () => {
    const [first, ...others] = await scan('off');

    expect(first?.missing.map(({ what }) => what)).toContain('usage');
    expect(others.at(-1)?.usage).toContain('OOMKEEPER_PROMETHEUS_URL is off');
  });

  test.each([
    [
      'answers NaN and numbers that are no sizes',
      [
        [0, 'NaN'],
        [1, '+Inf'],
        [2, '-7'],
        [3, 'much'],
      ],
    ],
    ['has no rows', []],
  ])('that %s is no evidence, and stops nothing', async (_, values) => {
    const rows = values.map(([, value]) => [Math.round(Date.now() / 1000) - 1, value]);
    const metric = { namespace: 'shop', container: 'app', pod: 'checkout', id: '/kubepods/a', name: 'a' };
    const body = JSON.stringify({
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric, values: rows }] },
    });
    const server = await startAnswering({ status: 200, body });

    const lines = await scan(server.url);
    await server.close();

    expect(server.asked.length).toBeGreaterThan(0);
    expect(lines).toHaveLength(4);
    expect(lines[0]?.verdict).toBe('limit-too-low');
    expect(JSON.stringify(lines)).not.toMatch(/NaN|Infinity/);
  });

  test('that is not there leaves the kills, without usage, and its password is not shown', async () => {
    const lines = await scan('http://me:hunter2-password@127.0.0.1:1');

    expect(lines).toHaveLength(4);
    expect(lines[0]?.missing).toContainEqual({ what: 'usage', reason: expect.stringMatching(/reach/) });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('a cluster that cannot be reached is one sentence', () => {
  const kubeconfig = (server: string): string =>
    `apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{ name: a, context: { cluster: a, user: a } }]\n` +
    `clusters: [{ name: a, cluster: { server: '${server}', insecure-skip-tls-verify: true } }]\n` +
    `users: [{ name: a, user: { token: hunter2-token } }]\n`;

  test.each([
    [
      'nobody listens',
      kubeconfig('https://127.0.0.1:1'),
      /The API server at https:\/\/127\.0\.0\.1:1 cannot be reached/,
    ],
    ['no address', kubeconfig('not an address'), /The API server at not an address cannot be reached/],
    ['nothing in it', '', /The kubeconfig .+ cannot be read: /],
    ['no kubeconfig', 'just words', /The kubeconfig names no current cluster; set KUBECONFIG/],
    ['no YAML', '[{: \u0000', /The kubeconfig .+ cannot be read: /],
    ['hostile words', kubeconfig('https://\u001b[2J'), /cannot be (?:read|reached)/],
  ])('%s', async (name, content, words) => {
    const path = join(folder, `broken ${name}`);
    await writeFile(path, content);

    const { code, out, err } = await runHere(['scan', '--kubeconfig', path, '--json']);

    const told = err.split('\n').filter((line) => !line.startsWith('connecting to '));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(told).toEqual([expect.stringMatching(words), '']);
    expect(err).not.toContain('hunter2');
    expect(err).not.toMatch(rawCharacters);
  });

  test('no file', async () => {
    const { code, err } = await runHere(['scan', '--kubeconfig', join(folder, 'nowhere')]);

    expect(code).toBe(1);
    expect(err).toMatch(/^oomkeeper: There is no kubeconfig at .*nowhere; set KUBECONFIG to one that exists\.\n$/);
  });

  test('several files, as kubectl joins them, are one', async () => {
    const more = join(folder, 'more.yaml');
    await writeFile(
      more,
      kubeconfig('https://127.0.0.1:1').replaceAll(/name: a|cluster: a|user: a/g, (it) => `${it}2`),
    );

    const { code } = await runHere(['scan', '--json'], { KUBECONFIG: `${world.addresses.kubeconfig}:${more}` });

    expect(code).toBe(0);
  });

  test('one that is cut off while it is read', async () => {
    world.api.faults.inject({ kind: 'http-500', path: '/api/v1/pods', count: 1 });

    const { code, err } = await runHere(['scan'], { KUBECONFIG: world.addresses.kubeconfig });

    expect(code).toBe(1);
    expect(err).toMatch(/oomkeeper: The API server answered GET \/api\/v1\/pods with 500: .*\n$/);
  });
});

test('nothing in this file was asked that the pretend cluster does not cover', () => {
  expect(complaints).toEqual([]);
});
