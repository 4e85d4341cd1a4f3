import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { startWorld } from '../../sandbox/world.ts';
import type { World } from '../../sandbox/world.ts';
import { projectRoot } from '../../scripts/project.mjs';
import { usedRights } from '../../src/adapters/kubernetes/read/rights.ts';
import { accountWith } from './accounts.ts';
import { addVictim, clusterOf } from './victims.ts';
import { writesOf } from './writes.ts';
import { eventually } from '../eventually.ts';
import { afterAllLong, beforeAllLong } from '../long.ts';

/*
 * `npm run demo -- --kubeconfig FILE`, as a process of its own, against a cluster that is not the demo's: the pretended one
 * of another world, which is reached over HTTPS by a kubeconfig as any cluster is.
 */

const reading = usedRights.filter(({ need }) => need !== 'act');
let world: World;
let folder: string;

beforeAllLong(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-own-cluster-'));
  world = await startWorld({
    speed: 20,
    seed: 1,
    port: 0,
    withPage: false,
    rights: [
      ...accountWith('viewer', reading),
      ...accountWith(
        'blind',
        reading.filter(({ verb, resource }) => !(verb === 'watch' && resource === 'pods')),
      ),
      ...accountWith('of-shop', reading, 'shop'),
      ...accountWith(
        'frugal',
        reading.filter(({ resource }) => resource !== 'pods/log'),
      ),
    ],
    log: () => undefined,
  });
  const checkout = addVictim(world, { name: 'checkout', kills: 2 });
  await eventually(() => {
    if (clusterOf(world).kills(checkout).length < 2) throw new Error('not killed yet');
  });
});
afterAllLong(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

async function kubeconfigOf(account: string, change = (yaml: string): string => yaml): Promise<string> {
  const path = join(folder, `${account}.yaml`);
  await writeFile(path, change(world.kubeconfigOf(`oomkeeper/${account}`)), { mode: 0o600 });
  return path;
}

/** The demo; ended with the test at the latest. */
function demo(args: readonly string[]) {
  const { PATH = '', HOME = '', OOMKEEPER_TEST_RUN: run } = process.env;
  // What leads to a real Slack or a real PagerDuty must not matter.
  const real = { SLACK_BOT_TOKEN: 'xoxb-real', PAGERDUTY_ROUTING_KEY: 'real', OOMKEEPER_MODE: 'act' };
  const child = spawn(process.execPath, [join(projectRoot, 'scripts/demo.ts'), '--port', '0', ...args], {
    env: { PATH, HOME, ...real, ...(run === undefined ? {} : { OOMKEEPER_TEST_RUN: run }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => Number(code));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { child, ended };
}

async function refused(args: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  const { child, ended } = demo(args);
  const [err, code] = await Promise.all([text(child.stderr), ended]);
  return { code, err };
}

test('threads of the cluster come to the page, nothing is written to it, and Ctrl-C ends everything', async () => {
  const elsewhere = (yaml: string): string => yaml.replace('current-context: sandbox', 'current-context: elsewhere');
  const { child, ended } = demo(['--kubeconfig', await kubeconfigOf('viewer', elsewhere), '--context', 'sandbox']);
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const page = await eventually(() => {
    const found = /^Open (http:\S+) /m.exec(said)?.[1];
    if (found === undefined) throw new Error(said);
    return found;
  });
  expect(said).toContain(`Watching sandbox (${world.api.url}), read-only: nothing is written to it`);

  addVictim(world, { name: 'cart', namespace: 'carts', kills: 1 });
  await eventually(async () => {
    const state = await (await fetch(new URL('/slack/state', page))).text();
    expect(state).toMatch(/\*OOMKilled\* checkout/);
    expect(state).toMatch(/\*OOMKilled\* cart /);
    expect(state).toMatch(/observe-only: no button changes anything/);
  });
  child.kill('SIGINT');

  expect(await ended).toBe(0);
  await eventually(() => expect(world.api.openWatches()).toBe(0));
  expect(world.api.requestLog().length).toBeGreaterThan(20);
  expect(writesOf(world)).toEqual([]);
  expect(world.pagerduty.events()).toEqual([]);
});

test('what an account lacks is said: what a thread can do without in a line, else which right and what to do', async () => {
  const { code, err } = await refused(['--kubeconfig', await kubeconfigOf('blind')]);
  const ofShop = await refused(['--kubeconfig', await kubeconfigOf('of-shop')]);

  expect(code).toBe(1);
  expect(err).toMatch(
    /Your account lacks rights in all namespaces:\n- watch pods: to see kills\nWhere you have them .*--namespace.*"view"/,
  );
  expect(ofShop.err).toMatch(/- list pods: to see kills\n- watch pods: to see kills\n/);
});

test('--namespace is for those who may see one namespace only', async () => {
  const { child } = demo(['--kubeconfig', await kubeconfigOf('of-shop'), '--namespace', 'shop']);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));

  await eventually(() => expect(said).toMatch(/Watching .*, namespaces shop, read-only/));
  expect(said).toContain('Without the right to list nodes');
});

test.each([
  [
    'no file',
    ['--kubeconfig', '/nowhere/config'],
    /There is no file \/nowhere\/config; --kubeconfig names the one to read/,
  ],
  ['no such context', ['--context', 'sandbx'], /has no context "sandbx"\. Did you mean sandbox\? It has: sandbox\./],
])('%s', async (_, args, words) => {
  const own = args.includes('--kubeconfig') ? [] : ['--kubeconfig', await kubeconfigOf('viewer')];

  const { code, err } = await refused([...own, ...args]);

  expect(code).toBe(1);
  expect(err).toMatch(words);
});

test('a cluster that cannot be reached', async () => {
  const path = await kubeconfigOf('frugal', (yaml) => yaml.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'));

  const { code, err } = await refused(['--kubeconfig', path]);

  expect(code).toBe(1);
  expect(err).toMatch(/The API server at https:\/\/127\.0\.0\.1:1 cannot be reached: /);
});
