import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { stringify } from 'yaml';
import { readServiceAccounts } from '../../sandbox/kubernetes/server/service-accounts.ts';
import { projectRoot } from '../../scripts/project.mjs';
import { usedRights } from '../../src/adapters/kubernetes/read/rights.ts';
import { render } from './render.ts';
import { rendered } from './sets.ts';
import { findKubectl, need } from './tools.ts';

const reading = ['get', 'list', 'watch'];
/** It answers a question and changes nothing. */
const question = 'create subjectaccessreviews.authorization.k8s.io';

/** `VERB RESOURCE[.GROUP]` for every right of an account, sorted. */
async function rightsOf(context: TestContext, folder: string, name: string) {
  const manifests = await render(need(context, await findKubectl()), folder);
  const account = readServiceAccounts(manifests).find((each) => each.name === `oomkeeper-${name}`);
  if (account === undefined) throw new Error(`${folder} has no account for the ${name}`);
  const { namespace, rules } = account;
  expect(namespace).toBe('oomkeeper');
  const rights = rules.flatMap(({ verbs, groups, resources }) =>
    groups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`)),
    ),
  );
  return { rules, rights: [...new Set(rights)].toSorted() };
}

const verbOf = (right: string): string => right.split(' ')[0] ?? '';
const writes = (rights: readonly string[]): readonly string[] =>
  rights.filter((right) => !reading.includes(verbOf(right)) && right !== question);

test('the watcher lists and watches pods and events, and nodes where it watches all namespaces', async (context) => {
  const inside = ['list events', 'list pods', 'watch events', 'watch pods'];
  for (const [folder, more] of [
    ['base', ['list nodes', 'watch nodes']],
    ['overlays/act', ['list nodes', 'watch nodes']],
    ['overlays/one-namespace', []],
  ] as const) {
    const { rights } = await rightsOf(context, folder, 'watcher');

    expect(rights).toEqual([...inside, ...more].toSorted());
  }
});

test('the bot has no right at all', async (context) => {
  expect((await rightsOf(context, 'overlays/act', 'bot')).rules).toEqual([]);
});

test('base gives nobody a right to change anything; act adds exactly the patches of the plans', async (context) => {
  const [base, act] = [await rightsOf(context, 'base', 'worker'), await rightsOf(context, 'overlays/act', 'worker')];

  expect(base.rights).toContain('get pods/log');
  expect(writes(base.rights)).toEqual([]);
  expect(act.rights.filter((right) => !base.rights.includes(right))).toEqual([
    'patch cronjobs.batch',
    'patch daemonsets.apps',
    'patch deployments.apps',
    'patch pods/resize',
    'patch statefulsets.apps',
  ]);
});

test('the component for tests lets the worker make and remove pods in one namespace, and nothing else', async (context) => {
  const name = `tests-${process.pid}`;
  const folder = join(projectRoot, '.cache', name);
  context.onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await mkdir(folder, { recursive: true });
  const from = '../../deploy/kubernetes';
  const kustomization = { resources: [`${from}/overlays/act`], components: [`${from}/components/tests`] };
  await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));

  const act = await rightsOf(context, 'overlays/act', 'worker');
  const { rules } = await rightsOf(context, `../../.cache/${name}`, 'worker');

  expect(rules.filter(({ namespaces }) => namespaces !== undefined)).toMatchObject([
    { verbs: ['create', 'get', 'list', 'delete'], groups: [''], resources: ['pods'], namespaces: ['oomkeeper-tests'] },
  ]);
  expect(rules).toHaveLength(act.rules.length + 1);
});

test('no right stands for more than it says, and none opens a door: no wildcard, no secrets, no exec, no nodes/proxy', async (context) => {
  for (const name of ['watcher', 'worker']) {
    const { rights } = await rightsOf(context, 'overlays/act', name);

    expect(rights.length).toBeGreaterThan(0);
    expect(rights.filter((right) => right.includes('*'))).toEqual([]);
    expect(
      rights.filter((right) =>
        /secrets|configmaps|pods\/exec|pods\/attach|proxy|impersonate|escalate|bind /.test(right),
      ),
    ).toEqual([]);
  }
});

test('the overlay for one namespace gives rights there and nowhere else, except to what lies in no namespace', async (context) => {
  for (const name of ['watcher', 'worker']) {
    const { rules } = await rightsOf(context, 'overlays/one-namespace', name);

    expect(rules.length).toBeGreaterThan(0);
    const everywhere = rules.filter(({ namespaces }) => namespaces === undefined);
    const inside = rules.filter(({ namespaces }) => namespaces !== undefined);
    expect(everywhere.flatMap(({ resources }) => resources).filter((one) => !clusterWide.has(one))).toEqual([]);
    expect(new Set(inside.flatMap(({ namespaces }) => namespaces))).toEqual(new Set(['shop']));
  }
});

test('the chart lets the worker act in the namespaces that are named and nowhere else', async (context) => {
  const accounts = readServiceAccounts(await rendered(context, 'chart: act in two namespaces'));

  const { rules = [] } = accounts.find(({ name }) => name === 'oomkeeper-worker') ?? {};

  const writing = rules.filter(({ verbs }) => verbs.includes('patch'));
  expect(writing.length).toBeGreaterThan(0);
  expect(new Set(writing.flatMap(({ namespaces }) => namespaces))).toEqual(new Set(['shop', 'payments']));
  const everywhere = rules.filter(({ namespaces }) => namespaces === undefined);
  expect(everywhere.flatMap(({ resources }) => resources).filter((one) => !clusterWide.has(one))).toEqual([]);
});

test('both components together let the worker act in the one namespace and nowhere else', async (context) => {
  const name = `both-${process.pid}`;
  const folder = join(projectRoot, '.cache', name);
  context.onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await mkdir(folder, { recursive: true });
  const from = '../../deploy/kubernetes';
  const components = [`${from}/components/one-namespace`, `${from}/components/act`];
  await writeFile(join(folder, 'kustomization.yaml'), stringify({ resources: [`${from}/base`], components }));

  const { rules } = await rightsOf(context, `../../.cache/${name}`, 'worker');

  const writing = rules.filter(({ verbs }) => verbs.includes('patch'));
  expect(writing.map(({ resources }) => resources)).toContainEqual(['pods/resize']);
  expect(writing.map(({ namespaces }) => namespaces)).toEqual(writing.map(() => ['shop']));
});

test('the component kubelet-metrics adds counters of kubelets, and no way into a container', async (context) => {
  const name = `kubelet-${process.pid}`;
  const folder = join(projectRoot, '.cache', name);
  context.onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  await mkdir(folder, { recursive: true });
  const from = '../../deploy/kubernetes';
  const components = [`${from}/components/kubelet-metrics`];
  await writeFile(join(folder, 'kustomization.yaml'), stringify({ resources: [`${from}/base`], components }));

  const [base, more] = [
    await rightsOf(context, 'base', 'worker'),
    await rightsOf(context, `../../.cache/${name}`, 'worker'),
  ];

  expect(more.rights.filter((right) => !base.rights.includes(right))).toEqual(['get nodes/metrics', 'list nodes']);
});

/** What has no namespace, or is asked about all of them. */
const clusterWide = new Set(['nodes', 'namespaces', 'services']);

test('each right is one that the code uses, and each right that the code uses is there', async (context) => {
  const used = (process: 'watcher' | 'worker', needs: readonly string[]): readonly string[] =>
    usedRights
      .filter((right) => right.process === process && needs.includes(right.need))
      .map(({ verb, resource, group }) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`)
      .toSorted();

  const [watcher, base, act] = [
    await rightsOf(context, 'base', 'watcher'),
    await rightsOf(context, 'base', 'worker'),
    await rightsOf(context, 'overlays/act', 'worker'),
  ];

  expect(watcher.rights).toEqual(used('watcher', ['must', 'should']));
  expect(base.rights).toEqual(used('worker', ['must', 'should']));
  expect(act.rights).toEqual(used('worker', ['must', 'should', 'act']));
});

test('docs/security.md tells the rights as they are', async (context) => {
  const page = await readFile(join(projectRoot, 'docs/security.md'), 'utf8');
  for (const [folder, name, row] of [
    ['base', 'watcher', 'watcher'],
    ['base', 'worker', 'worker, mode `observe`'],
    ['overlays/act', 'worker', 'worker, mode `act`'],
  ] as const) {
    const { rights } = await rightsOf(context, folder, name);
    const [cell = ''] = new RegExp(`^\\| ${row} +\\|([^|]*)\\|`, 'm').exec(page)?.slice(1) ?? [];

    const told = new Set([...cell.matchAll(/[a-z/]+/g)].map(([word]) => word));
    const missing = rights
      .filter((right) => row !== 'worker, mode `act`' || verbOf(right) === 'patch')
      .map((right) => (right.split(' ')[1] ?? '').split('.')[0] ?? '')
      .filter((resource) => !told.has(resource));
    expect(cell).not.toBe('');
    expect([...new Set(missing)]).toEqual([]);
  }
});
