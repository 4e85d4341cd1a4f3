import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { connect } from '../../src/adapters/kubernetes/transport/connect.ts';
import { listPages } from '../../src/adapters/kubernetes/transport/list-pages.ts';
import { record } from '../../src/core/kill/json-read.ts';
import { projectRoot } from '../../scripts/project.mjs';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { eventually } from '../eventually.ts';
import { afterAllLong, beforeAllLong } from '../long.ts';
import { accountWith } from './accounts.ts';
import { runHere } from './run-command.ts';
import type { Ran } from './run-command.ts';
import { allWords, threadsOf } from './threads.ts';
import { clusterOf } from './victims.ts';

/* `oomkeeper try-kill` against the pretend cluster, beside the three processes, which call somebody for everything. */

const onPods = (...verbs: readonly string[]) => verbs.map((verb) => ({ verb, group: '', resource: 'pods' }));
let system: System;
let folder: string;

beforeAllLong(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-try-kill-'));
  const policy = join(folder, 'policy.yaml');
  await writeFile(policy, 'alarms: [{ from: low }]\nnotify: [{ levels: [{ who: [U0AMIRA], from: low }] }]\n');
  system = await startSystem({
    settings: { OOMKEEPER_MODE: 'act', OOMKEEPER_POLICY: policy, OOMKEEPER_APPROVERS: '' },
    world: {
      rights: [
        ...accountWith('developer', onPods('create', 'get', 'list', 'delete')),
        ...accountWith('careless', onPods('create', 'get', 'list')),
      ],
    },
  });
  const inNamespace = (kind: string, namespace: string, spec: object) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: 'rule', namespace },
    spec,
  });
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  clusterOf(system.world).apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } },
    inNamespace('ResourceQuota', 'full', { hard: { 'limits.memory': '16Mi' } }),
    inNamespace('LimitRange', 'large', { limits: [{ type: 'Container', min: { memory: '64Mi' } }] }),
  ]);
});
afterAllLong(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function environmentOf(account: string): Promise<Readonly<Record<string, string>>> {
  const path = join(folder, `${account}.yaml`);
  await writeFile(path, system.world.kubeconfigOf(`oomkeeper/${account}`), { mode: 0o600 });
  return { KUBECONFIG: path };
}

async function tryKill(args: readonly string[], account = 'developer'): Promise<Ran> {
  vi.stubEnv('OOMKEEPER_TEST_TIMING', JSON.stringify({ testStayMs: 100 }));
  return runHere(['try-kill', ...args], await environmentOf(account));
}

/** Names of the pods of tests that are there now. */
async function testPods(): Promise<readonly string[]> {
  const transport = await connect({ kubeconfig: system.world.addresses.kubeconfig });
  const names: string[] = [];
  const query = { labelSelector: 'oomkeeper.dev/try-kill=true' };
  await listPages(transport, { path: '/api/v1/pods', query, endsAt: Date.now() + 60_000 }, (pod) => {
    names.push(String(record(pod['metadata'])['name']));
  });
  return names;
}

/** A pod whose deletion was accepted may be there for a moment longer. */
async function expectNoTestPods(): Promise<void> {
  await eventually(async () => expect(await testPods()).toEqual([]));
}

/** What was written to pods so far, by whom. */
function podWrites(): readonly string[] {
  return system.world.api
    .requestLog()
    .filter(({ method, path, status }) => method !== 'GET' && path.includes('/pods') && status < 300)
    .map(({ method, user }) => `${method} by ${user.replace('system:serviceaccount:oomkeeper:', '')}`);
}

test('a kill is made by whoever typed it, told in one thread as a test, and no pod is left', async () => {
  const { code, out, err } = await tryKill(['--namespace', 'shop', '--yes', '--json']);

  expect({ code, err }).toMatchObject({ code: 0 });
  const result = record(JSON.parse(out));
  expect(result).toMatchObject({ killed: true, reason: 'OOMKilled', exitCode: 137, namespace: 'shop', removed: true });
  expect(err).toMatch(/making the pod .*\nkilled\nkeeping .*\nremoved the pod\n/s);
  const thread = await eventually(() => {
    const [found, ...others] = threadsOf(system.world);
    expect(others).toEqual([]);
    if (found === undefined || found.verdict === '') throw new Error('not explained yet');
    return found;
  });
  const words = allWords(thread.root);
  expect(thread.subject).toBe(`test/shop/Pod/${String(result['pod'])}/try-kill`);
  expect(thread.kills).toBe(1);
  expect(words).toContain('*Test: OOMKilled* oomkeeper-try-kill-');
  expect(words).toMatch(
    /This is a test by .*oomkeeper try-kill.*: its pod was made to run out of memory\. There is nothing to fix\./,
  );
  expect(words).not.toMatch(/\*Fix:|To buy time|Apply |Impact:|Edit value/);
  await expectNoTestPods();
  expect(podWrites()).toEqual(['POST by developer', 'DELETE by developer']);
});

test('nobody is called for it, and nobody is mentioned', async () => {
  const { pagerduty, alertmanager } = system.world;
  const [thread] = threadsOf(system.world);

  expect(pagerduty.events()).toEqual([]);
  expect(alertmanager.firing()).toEqual([]);
  expect(thread?.replies.map(allWords).filter((words) => words.includes('<@'))).toEqual([]);
});

test('it says for people what was done, where to look, and what if there is nothing', async () => {
  const { code, out } = await tryKill(['--namespace', 'shop', '--yes']);

  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    expect.stringMatching(
      /^Killed: pod oomkeeper-try-kill-\w{5} in shop on [\w-]+ at [\d:]{8} UTC \(OOMKilled, exit code 137\)\.$/,
    ),
    expect.stringMatching(
      /^Slack: a thread in #oom-alerts, or the channel that .*, usually within a second of the kill\. It says that it is a test\.$/,
    ),
    expect.stringMatching(/^Nothing there after a minute\? .*OOMKEEPER_NAMESPACES.* doctor$/),
    'The pod is removed.',
    '',
  ]);
  await eventually(() => expect(threadsOf(system.world)).toHaveLength(2));
});

test.each([
  [['--namespace', 'full'], 'developer', /The ResourceQuota of full leaves no room .*exceeded quota: rule/],
  [['--namespace', 'large'], 'developer', /A LimitRange of large does not allow .*minimum memory usage/],
  [['--namespace', 'shp'], 'developer', /The cluster has no namespace "shp"\./],
  [['--namespace', 'shop'], 'careless', /You may not delete pods in shop, .*--namespace.*role "edit"/],
])('%j of %s is refused in words that say what to do, and leaves no pod', async (args, account, words) => {
  const { code, out, err } = await tryKill([...args, '--yes'], account);

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err.split('\n').at(-2)).toMatch(words);
  await expectNoTestPods();
});

test('nothing is made where nobody can be asked', async () => {
  const before = podWrites();
  const { code, err } = await tryKill(['--namespace', 'shop']);

  expect(code).toBe(2);
  expect(err).toContain('add --yes');
  expect(podWrites()).toEqual(before);
});

test('Ctrl-C ends the wait after the kill, and the pod is removed all the same', async () => {
  const child = spawn(
    process.execPath,
    [join(projectRoot, 'src/bin/oomkeeper.ts'), 'try-kill', '--namespace', 'shop', '--yes'],
    {
      env: { ...(await environmentOf('developer')), OOMKEEPER_TEST_TIMING: JSON.stringify({ testStayMs: 3_600_000 }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, ended] = [text(child.stdout), once(child, 'close')];
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  await eventually(() => expect(said).toContain('keeping the pod'));
  expect(await testPods()).toHaveLength(1);

  child.kill('SIGINT');
  const [code] = await ended;

  expect(code).toBe(0);
  expect(await out).toMatch(/^Killed: .*\nThe pod is removed\.\n$/s);
  await expectNoTestPods();
});

test('the printed pod is the one that is made', async () => {
  const { code, out } = await tryKill(['--print', '--namespace', 'shop', '--image', 'registry.example.com/busybox:1']);

  expect(code).toBe(0);
  expect(out).toMatch(
    /^# Killed for memory once, announced as a test\. Afterwards: kubectl delete pod -l oomkeeper\.dev\/try-kill=true\n/,
  );
  expect(parse(out)).toMatchObject({
    kind: 'Pod',
    metadata: { namespace: 'shop', labels: { 'oomkeeper.dev/try-kill': 'true' } },
    spec: { restartPolicy: 'Never', containers: [{ image: 'registry.example.com/busybox:1' }] },
  });
});
