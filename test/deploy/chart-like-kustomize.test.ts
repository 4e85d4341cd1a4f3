import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { objectSchema, render, renderChart, type ChartValues, type Rendered } from './render.ts';
import { fourValues } from './sets.ts';
import { findHelm, findKubectl, need } from './tools.ts';
import { workloads } from './workloads.ts';

/*
 * The chart and the folders of deploy/kubernetes are two ways to the same objects. What is otherwise is said here, with
 * the reason; everything else is compared word by word.
 */

/** Objects that only one of them makes. */
const onlyKustomize = ['Namespace /oomkeeper']; // helm makes it with --create-namespace
const onlyChart = [
  // With kustomize they are written by people, into files of their overlay.
  'Secret oomkeeper/oomkeeper-bot',
  'Secret oomkeeper/oomkeeper-redis',
  'Secret oomkeeper/oomkeeper-watcher',
  'Secret oomkeeper/oomkeeper-worker',
  // For `helm test`.
  'NetworkPolicy oomkeeper/oomkeeper-doctor',
  'Pod oomkeeper/oomkeeper-doctor-bot',
  'Pod oomkeeper/oomkeeper-doctor-watcher',
  'Pod oomkeeper/oomkeeper-doctor-worker',
];
/** What only the chart says of an object. */
const chartOnly: readonly RegExp[] = [
  // Whose release it is; kustomize has none.
  /^metadata\.labels\.(helm\.sh\/chart|app\.kubernetes\.io\/(instance|managed-by|version))$/,
  // Helm leaves an object alone by its labels; kustomize needs none on what has no pods.
  /^metadata\.labels\.app\.kubernetes\.io\/(name|component)$/,
  // Its ConfigMap has one name for ever; with kustomize the name changes with the content, which starts pods anew too.
  /^spec\.template\.metadata\.annotations\.(checksum\/configuration|oomkeeper\.dev\/cluster)$/,
  // A value of the chart, with the default of Kubernetes.
  /^spec\.template\.spec\.containers\.0\.imagePullPolicy$/,
];

test.for([
  ['an observing system', { base: 'base', components: [] }, {}],
  ['mode act', { base: 'overlays/act', components: [] }, { mode: 'act' }],
  ['one namespace', { base: 'overlays/one-namespace', components: [] }, { namespaces: ['shop'] }],
  ['kubelet metrics', { base: 'base', components: ['kubelet-metrics'] }, { kubeletMetrics: true }],
  [
    'act in one namespace, held by the API server',
    { base: 'overlays/one-namespace', components: ['act', 'admission'] },
    { mode: 'act', namespaces: ['shop'], admission: { enabled: true } },
  ],
  [
    'tests by approvers',
    { base: 'overlays/act', components: ['tests'] },
    { mode: 'act', tests: { namespace: 'oomkeeper-tests' } },
  ],
] as const)('%s: the chart and kustomize make the same objects', async ([, folders, values], context) => {
  const ours = byName(await fromKustomize(context, folders));
  const image = [...workloads(Object.values(ours)).values()].map((one) => one.container.image).find(isOurs) ?? '';
  const [repository = '', tag = ''] = image.split(':');
  const chart = byName(await fromChart(context, { ...fourValues, ...values, image: { repository, tag } }));

  const names = Object.keys(ours).filter((name) => !onlyKustomize.includes(name));
  expect(names.length).toBeGreaterThan(15);
  expect(Object.keys(chart).filter((name) => !onlyChart.includes(name))).toEqual(names);
  for (const name of names) {
    const [wanted, found] = [leavesOf(ours[name]), leavesOf(chart[name])];
    const more = Object.keys(found).filter((path) => !(path in wanted) && chartOnly.some((each) => each.test(path)));
    const same = Object.fromEntries(Object.entries(found).filter(([path]) => !more.includes(path)));
    expect({ name, ...same }).toEqual({ name, ...wanted });
  }
});

const isOurs = (image: string): boolean => image.startsWith('oomkeeper:');

/** The system and its Redis, as somebody's overlay puts them together. */
async function fromKustomize(
  context: TestContext,
  { base, components }: { readonly base: string; readonly components: readonly string[] },
): Promise<readonly Rendered[]> {
  const kubectl = need(context, await findKubectl());
  const name = `alike-${process.pid}`;
  const folder = join(projectRoot, '.cache', name);
  const from = '../../deploy/kubernetes';
  const overlay = { resources: [`${from}/${base}`], components: components.map((one) => `${from}/components/${one}`) };
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'kustomization.yaml'), stringify(overlay));
    const id = [base, ...components].join('+');
    const objects = await render(kubectl, `../../.cache/${name}`, id);
    const redis = await render(kubectl, 'redis');
    return [...objects, ...redis];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fromChart(context: TestContext, values: ChartValues): Promise<readonly Rendered[]> {
  return renderChart(need(context, await findHelm()), values);
}

/** Objects by kind, namespace and name, sorted; without the hash that kustomize hangs on the name of a ConfigMap. */
function byName(objects: readonly Rendered[]): Readonly<Record<string, Rendered>> {
  const text = JSON.stringify(objects).replaceAll(/\boomkeeper-[0-9a-z]{10}\b/g, 'oomkeeper');
  const plain = z.array(objectSchema).parse(JSON.parse(text));
  const named = plain.map((one) => [`${one.kind} ${one.metadata.namespace ?? ''}/${one.metadata.name}`, one] as const);
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What stands where in an object, by path. Kustomize writes folded texts with more line ends than they have. */
function leavesOf(value: unknown, path = ''): Readonly<Record<string, unknown>> {
  if (typeof value === 'string') return { [path]: value.replaceAll(/\s+/g, ' ') };
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return { [path]: value };
  const inside = Object.entries(value).map(([key, one]) => leavesOf(one, path === '' ? key : `${path}.${key}`));
  return Object.fromEntries(inside.flatMap(Object.entries));
}
