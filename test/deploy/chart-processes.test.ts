import { expect, test } from 'vitest';
import { z } from 'zod';
import { readServiceAccounts } from '../../sandbox/kubernetes/server/service-accounts.ts';
import { capture } from '../../scripts/child.mjs';
import { readConfig } from '../../src/app/config/config.ts';
import { parsePolicy } from '../../src/app/config/policy-file.ts';
import { aboutVariables } from '../../src/app/config/variables.ts';
import { eachItsOwn, whatEachMay } from './redis-users.ts';
import { chartFolder, objectsOf, ofKind, renderChart, type Rendered } from './render.ts';
import { secretOwners } from './secret-owners.ts';
import { environmentOf, secretNamed } from './secrets-of.ts';
import { chartNames, fourValues, rendered, renderedTests } from './sets.ts';
import { serveObjects } from './serve-objects.ts';
import { findHelm, need } from './tools.ts';
import { workloads } from './workloads.ts';

const processes = ['watcher', 'worker', 'bot'] as const;
const runIn = (objects: readonly Rendered[]) => processes.filter((name) => workloads(objects).has(`oomkeeper-${name}`));
const secretNames = aboutVariables().flatMap(([name, { secret }]) => (secret ? [name] : []));

test.for(chartNames)('%s: each process is configured, and gets its own secrets and no other', async (name, context) => {
  const objects = await rendered(context, name);

  expect(runIn(objects).length).toBeGreaterThan(0);
  for (const process of runIn(objects)) {
    const environment = environmentOf(objects, process);
    const given = Object.keys(environment).filter((one) => secretNames.includes(one) && one !== 'REDIS_URL');
    expect(given.filter((one) => !secretOwners[process].includes(one))).toEqual([]);
    expect(environment['REDIS_URL']).toMatch(/^redis|^redis-users\//);
    if (name === 'chart: Secrets of their own') continue;
    expect(readConfig(environment, [process]).OOMKEEPER_CHANNEL).not.toBe('');
  }
});

test('what somebody sets reaches the process that it is for', async (context) => {
  const http = await rendered(context, 'chart: over HTTP, and everybody told');
  const wanted = await rendered(context, 'chart: with all that a platform wants');
  const external = await rendered(context, 'chart: external Redis, watcher and worker');
  const own = await rendered(context, 'chart: Secrets of their own');

  const bot = readConfig(environmentOf(http, 'bot'), ['bot']);
  expect(bot.SLACK_SIGNING_SECRET).toBe('a'.repeat(32));
  expect(bot.SLACK_APP_TOKEN).toBeUndefined();
  expect(bot.OOMKEEPER_ALERTMANAGER_URL).toEqual(['http://alertmanager.monitoring:9093']);
  const [policy] = ofKind(http, 'ConfigMap').filter(({ metadata }) => metadata.name === 'oomkeeper-policy');
  const text = z.strictObject({ 'policy.yaml': z.string() }).parse(policy?.['data'])['policy.yaml'];
  expect(parsePolicy(text, 'policy.yaml').approvals).toHaveLength(1);
  expect(environmentOf(wanted, 'bot')).toMatchObject({ OOMKEEPER_LOOK_BACK: '2h', OOMKEEPER_STORM_AFTER: '10' });
  expect(environmentOf(external, 'worker')).toMatchObject({
    REDIS_URL: 'rediss+sentinel://worker:p@a.example.com:26379/main',
    NODE_EXTRA_CA_CERTS: '/etc/oomkeeper-redis/ca.crt',
  });
  expect(environmentOf(own, 'bot')).toMatchObject({
    SLACK_BOT_TOKEN: 'slack/SLACK_BOT_TOKEN',
    GITHUB_WEBHOOK_SECRET: 'github/GITHUB_WEBHOOK_SECRET',
    PAGERDUTY_ROUTING_KEY: 'pagerduty/PAGERDUTY_ROUTING_KEY',
    REDIS_URL: 'redis-users/bot',
    GITHUB_APP_ID: '1234567',
    OOMKEEPER_POLICY: '/etc/oomkeeper/policy.yaml',
  });
});

test('the size of the cluster decides how much memory a process gets, and what somebody says decides before it', async (context) => {
  const [small, large] = [
    workloads(await rendered(context, 'chart')),
    workloads(await rendered(context, 'chart: with all that a platform wants')),
  ];

  expect(small.get('oomkeeper-watcher')?.container.resources.limits.memory).toBe('192Mi');
  expect(large.get('oomkeeper-watcher')?.container.resources.requests).toEqual({ cpu: '500m', memory: '256Mi' });
  expect(large.get('oomkeeper-worker')?.container.resources.limits.memory).toBe('2Gi');
  expect(large.get('oomkeeper-redis')?.container.args).toContain('1536mb');
});

test.for([
  ['the configuration', { settings: { OOMKEEPER_LOOK_BACK: '2h' } }, ['watcher', 'worker', 'bot']],
  ['the policy', { policy: 'approvals: []\n' }, ['watcher', 'worker', 'bot']],
  ['a token', { slack: { botToken: 'xoxb-2', appToken: 'xapp-1' } }, ['bot']],
  ['where a process finds Redis', { redis: { enabled: false, external: externalWith('worker2') } }, ['worker']],
] as const)('a change of %s starts the pods anew that read it', async ([, change, wanted], context) => {
  const helm = need(context, await findHelm());
  const values = { ...fourValues, redis: { enabled: false, external: externalWith('worker') } };

  const [before, after] = [await renderChart(helm, values), await renderChart(helm, { ...values, ...change })];

  const templateOf = (objects: readonly Rendered[], name: string): string =>
    JSON.stringify(workloads(objects).get(`oomkeeper-${name}`)?.spec.template);
  expect(processes.filter((name) => templateOf(before, name) !== templateOf(after, name))).toEqual(wanted);
});

function externalWith(worker: string) {
  return { watcherUrl: 'redis://watcher@a', workerUrl: `redis://${worker}@a`, botUrl: 'redis://bot@a' };
}

test('an upgrade with the same values starts no pod anew', async (context) => {
  const helm = need(context, await findHelm());
  const [first, second] = [
    await renderChart(helm, fourValues),
    // Rendered again: its passwords are others, as they are not in a cluster.
    await renderChart(helm, { ...fourValues, labels: {} }),
  ];

  const templatesOf = (objects: readonly Rendered[]) =>
    [...workloads(objects).values()].map(({ spec }) => spec.template);
  expect(templatesOf(second)).toEqual(templatesOf(first));
});

test('a token that is no longer given is gone after an upgrade', async (context) => {
  const objects = await rendered(context, 'chart: over HTTP, and everybody told');

  const secrets = ofKind(objects, 'Secret').filter(({ metadata }) => metadata.name !== 'oomkeeper-redis');

  // What stood in stringData once stays in a Secret, whatever is applied later.
  expect(secrets.map((one) => Object.keys(one).includes('stringData'))).toEqual([false, false, false]);
});

test('no image is the latest: the default is the version of the chart', async (context) => {
  const images = [...workloads(await rendered(context, 'chart')).values()].map(({ container }) => container.image);

  expect(images.filter((image) => !/:\d+\.\d+\.\d+$|@sha256:[0-9a-f]{64}$/.test(image))).toEqual([]);
});

test('helm test runs doctor once for each process, with its account and its secrets', async (context) => {
  const [tests, objects] = [await renderedTests(context, 'chart'), await rendered(context, 'chart')];
  const podSchema = z.looseObject({
    serviceAccountName: z.string(),
    containers: z.tuple([z.looseObject({ args: z.array(z.string()), envFrom: z.array(z.unknown()) })]),
  });

  const pods = ofKind(tests, 'Pod').map(({ spec }) => podSchema.parse(spec));

  expect(pods.map(({ containers: [{ args }] }) => args.join(' '))).toEqual(
    processes.map((name) => `doctor --process ${name}`),
  );
  for (const [index, process] of processes.entries()) {
    const deployed = workloads(objects).get(`oomkeeper-${process}`);
    expect(pods[index]?.serviceAccountName).toBe(deployed?.pod.serviceAccountName);
    expect(pods[index]?.containers[0].envFrom).toEqual(deployed?.container.envFrom);
  }
  // Helm forgets what a test has made, so that an uninstallation would leave it.
  const kept = tests.filter(
    ({ metadata }) => !/\bhook-succeeded\b/.test(metadata.annotations?.['helm.sh/hook-delete-policy'] ?? ''),
  );
  expect(kept).toEqual([]);
  const only = await renderedTests(context, 'chart: external Redis, the bot alone');
  expect(ofKind(only, 'Pod').map(({ metadata }) => metadata.name)).toEqual(['oomkeeper-doctor-bot']);
});

test('the users that the chart makes let each process do its work in a real Redis and nothing else', async (context) => {
  const objects = await renderChart(need(context, await findHelm()), { ...fourValues, cluster: 'blue' });

  expect(await whatEachMay(context, installationOf(objects))).toEqual(eachItsOwn);
});

test('passwords are made once: an upgrade keeps those that are in the cluster', async (context) => {
  const helm = need(context, await findHelm());
  const installed = await renderChart(helm, fourValues);
  const cluster = await serveObjects(installed);
  context.onTestFinished(cluster.stop);

  const args = ['template', 'oomkeeper', chartFolder, '--namespace', 'oomkeeper', '--dry-run=server', '--is-upgrade'];
  const values = [
    '--disable-openapi-validation',
    '--kubeconfig',
    cluster.kubeconfig,
    '--set-json',
    JSON.stringify({ ...fourValues, mode: 'act' }),
  ];
  const { code, output } = await capture(helm, [...args, ...values]);

  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  const upgraded = objectsOf(output);
  expect(installationOf(upgraded)).toEqual(installationOf(installed));
  expect(environmentOf(upgraded, 'worker')['OOMKEEPER_MODE']).toBe('act');
});

test('another release in another namespace has objects of its own, and its own worker is held', async (context) => {
  const helm = need(context, await findHelm());
  const values = { ...fourValues, admission: { enabled: true, excludedNamespaces: ['kube-system', 'vault'] } };
  const [first, second] = [
    await renderChart(helm, values),
    await renderChart(helm, { ...values, mode: 'act' }, { release: 'blue', namespace: 'memory' }),
  ];

  const idOf = ({ kind, metadata }: Rendered): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
  const ids = new Set(first.map(idOf));
  expect(second.map(idOf).filter((id) => ids.has(id))).toEqual([]);
  const account = 'system:serviceaccount:memory:oomkeeper-worker';
  expect(readServiceAccounts(second).map(({ user }) => user)).toContain(account);
  const policies = JSON.stringify(ofKind(second, 'ValidatingAdmissionPolicy'));
  expect(policies.split(`'${account}'`)).toHaveLength(3);
  expect(policies).toContain(`"expression":"['kube-system','vault']","name":"excludedNamespaces"`);
  expect(policies).toContain(`"expression":"false","name":"mayRollBack"`);
  const free = await rendered(context, 'chart: with all that a platform wants');
  expect(JSON.stringify(free)).toContain(`"expression":"true","name":"mayRollBack"`);
  expect(JSON.stringify(free)).toContain(`"expression":"['oom-tests']","name":"testNamespaces"`);
});

function installationOf(objects: readonly Rendered[]) {
  const urlOf = (process: string): string => environmentOf(objects, process)['REDIS_URL'] ?? '';
  const users = secretNamed(objects, 'oomkeeper-redis')['users.acl'] ?? '';
  return { users, urls: { watcher: urlOf('watcher'), worker: urlOf('worker'), bot: urlOf('bot') } };
}
