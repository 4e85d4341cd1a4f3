import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';
import { kindFor } from '../deploy/known-kinds.ts';
import { findKubectl, need } from '../deploy/tools.ts';
import { deploy, peaksAt, startLivingWorld, untilKills } from '../flow/kubernetes/living-world.ts';
import { judge, readPolicies } from './admission-policy.ts';
import type { AdmissionRequest } from './admission-policy.ts';

const update = (group: string, resource: string): AdmissionRequest => ({
  operation: 'UPDATE',
  resource: { group, version: 'v1', resource },
  namespace: 'shop',
  userInfo: { username: 'system:serviceaccount:oomkeeper:oomkeeper-worker' },
});
const resize: AdmissionRequest = { ...update('', 'pods'), subResource: 'resize' };

const podSpec = `
serviceAccountName: web
hostNetwork: false
volumes: [{ name: tmp, emptyDir: { sizeLimit: 1Gi } }]
initContainers: [{ name: init, image: 'init:1', resources: {} }]
containers:
  - name: app
    image: shop/web:1
    command: [web]
    resources: { limits: { memory: 64Mi, cpu: '1' }, requests: { memory: 64Mi } }
    env:
      - { name: CACHE_MB, value: '32' }
      - { name: JAVA_TOOL_OPTIONS, value: -Xmx900m }
      - { name: JAVA_OPTS, valueFrom: { configMapKeyRef: { name: web, key: opts } } }
      - { name: PASSWORD, valueFrom: { secretKeyRef: { name: web, key: password } } }
  - { name: proxy, image: 'proxy:1', resources: {} }
`;
const template = { metadata: { labels: { app: 'web' } }, spec: parse(podSpec) as unknown };
const metadata = { name: 'web', namespace: 'shop', labels: { team: 'shop' }, annotations: { note: 'by hand' } };
const deployment = { metadata, spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } };
const cronJob = {
  metadata,
  spec: { schedule: '0 * * * *', jobTemplate: { metadata: {}, spec: { backoffLimit: 2, template } } },
};
const pod = { metadata, spec: template.spec };

const policies = [...(await readPolicies('only-memory.yaml')), ...(await readPolicies('only-other.yaml'))];

const refusals = (request: AdmissionRequest, oldObject: unknown, object: unknown): readonly string[] =>
  policies.flatMap((policy) => judge(policy, { request, object, oldObject }));

/** The same with another value at a path such as `spec.containers.0.image`; undefined takes it away. */
function put(object: unknown, path: string, value: unknown): unknown {
  const [first = '', ...rest] = path.split('.');
  const inside = (at: unknown): unknown => (rest.length === 0 ? value : put(at, rest.join('.'), value));
  if (Array.isArray(object)) {
    const longer: readonly unknown[] = Number(first) === object.length ? [...object, undefined] : object;
    return longer.map((one, index) => (index === Number(first) ? inside(one) : one)).filter((one) => one !== undefined);
  }
  const fields: Readonly<Record<string, unknown>> = Object.assign({}, object);
  const changed = { ...fields, [first]: inside(fields[first]) };
  return Object.fromEntries(Object.entries(changed).filter(([, one]) => one !== undefined));
}

const changeOf = (object: unknown, changes: Readonly<Record<string, unknown>>): unknown =>
  Object.entries(changes).reduce((so, [path, value]) => put(so, path, value), object);

const app = 'containers.0';

describe('what the API server lets the worker change', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['memory', { [`${app}.resources.limits.memory`]: '96Mi', [`${app}.resources.requests.memory`]: '96Mi' }],
    ['a limit where there was none', { 'containers.1.resources': { limits: { memory: '96Mi' } } }],
    ['memory of an init container', { 'initContainers.0.resources': { limits: { memory: '96Mi' } } }],
    ['nothing', {}],
  ])('%s, in pods and in all workloads', (_, changes) => {
    const inside = (before: string) => changeOfInside(before, changes);

    expect(refusals(resize, pod, changeOf(pod, inside('spec')))).toEqual([]);
    for (const resource of ['deployments', 'statefulsets', 'daemonsets'])
      expect(
        refusals(update('apps', resource), deployment, changeOf(deployment, inside('spec.template.spec'))),
      ).toEqual([]);
    const inCron = changeOf(cronJob, inside('spec.jobTemplate.spec.template.spec'));
    expect(refusals(update('batch', 'cronjobs'), cronJob, inCron)).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['a heap variable', { [`${app}.env.1.value`]: '-Xmx700m' }],
    ['a new heap variable', { [`${app}.env.4`]: { name: 'NODE_OPTIONS', value: '--max-old-space-size=700' } }],
    ...['ES_JAVA_OPTS', 'KAFKA_HEAP_OPTS', 'JVM_ARGS', 'CATALINA_OPTS', '_JAVA_OPTIONS'].map(
      (name): [string, Readonly<Record<string, unknown>>] => [
        `what start scripts read as ${name}`,
        { [`${app}.env.4`]: { name, value: '-Xmx700m' } },
      ],
    ),
    ['a heap variable of a container without any', { 'containers.1.env': [{ name: 'NODE_OPTIONS', value: 'x' }] }],
  ])('%s, in workloads', (_, changes) => {
    const changed = changeOf(deployment, {
      'metadata.annotations': { ...metadata.annotations, 'oomkeeper.dev/plan': 'PLAN-F6A92Q' },
      ...changeOfInside('spec.template.spec', changes),
    });

    expect(refusals(update('apps', 'deployments'), deployment, changed)).toEqual([]);
  });

  test('whatever the writer writes', async () => {
    const world = await startLivingWorld();
    try {
      await deploy(world, peaksAt(100, 20_000));
      await untilKills(world, 1);
      await world.clock.advance(3_000);
      const heap = [{ name: 'JAVA_TOOL_OPTIONS', words: [{ from: null, to: '-Xmx100m' }], others: false }];
      const before = structuredClone(world.store.get('deployments', 'shop', 'web'));

      await world.writer.carryOut(await world.plan(160, heap), 'patch-workload');

      const after = world.store.get('deployments', 'shop', 'web');
      expect(after).not.toEqual(before);
      expect(refusals(update('apps', 'deployments'), before, after)).toEqual([]);
    } finally {
      await world.close();
    }
  });
});

describe('what it refuses', () => {
  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['another image', { [`${app}.image`]: 'evil:1' }, /beside its memory/],
    ['another command', { [`${app}.command`]: ['sh'] }, /beside its memory/],
    ['a privileged container', { [`${app}.securityContext`]: { privileged: true } }, /beside its memory/],
    ['a field that is taken away', { [`${app}.command`]: undefined }, /beside its memory/],
    ['another CPU limit', { [`${app}.resources.limits.cpu`]: '4' }, /no resource but memory/],
    ['a CPU request', { [`${app}.resources.requests.cpu`]: '1' }, /no resource but memory/],
    ['no memory limit any more', { [`${app}.resources.limits.memory`]: undefined }, /no resource but memory/],
    ['no limits any more', { [`${app}.resources.limits`]: undefined }, /no resource but memory/],
    ['no resources any more', { [`${app}.resources`]: undefined }, /beside its memory|no resource but memory/],
    ['a claim', { [`${app}.resources.claims`]: [{ name: 'gpu' }] }, /no resource but memory/],
    ['another variable', { [`${app}.env.0.value`]: '64' }, /no variable/],
    ['a new variable', { [`${app}.env.4`]: { name: 'LD_PRELOAD', value: '/tmp/x.so' } }, /no variable/],
    [
      'what is only called like one',
      { [`${app}.env.4`]: { name: 'MY_JAVA_OPTS_FILE', value: '/tmp/x' } },
      /no variable/,
    ],
    ['a variable that is taken away', { [`${app}.env.0`]: undefined }, /no variable/],
    ['no heap variable any more', { [`${app}.env.1`]: undefined }, /no variable/],
    ['no variables any more', { [`${app}.env`]: undefined }, /no variable|beside its memory/],
    ['a reference that becomes a value', { [`${app}.env.2`]: { name: 'JAVA_OPTS', value: '-Xmx1g' } }, /no variable/],
    [
      'a Secret in a heap variable',
      { [`${app}.env.1`]: { name: 'JAVA_TOOL_OPTIONS', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } } },
      /no variable/,
    ],
    ['a container more', { 'containers.2': { name: 'more', image: 'evil:1' } }, /add, remove or reorder/],
    ['a container less', { 'containers.1': undefined }, /add, remove or reorder/],
    ['an init container more', { 'initContainers.1': { name: 'more', image: 'evil:1' } }, /add, remove or reorder/],
    ['a container of another name', { 'containers.1.name': 'other' }, /add, remove or reorder/],
    ['another service account', { serviceAccountName: 'admin' }, /beside its containers/],
    ['the network of the host', { hostNetwork: true }, /beside its containers/],
    ['a volume of the host', { volumes: [{ name: 'tmp', hostPath: { path: '/' } }] }, /beside its containers/],
    ['a field that is new', { hostPID: true }, /beside its containers/],
    ['a field of the pod that is taken away', { volumes: undefined }, /beside its containers/],
  ])('%s', (_, changes, message) => {
    const inDeployment = changeOf(deployment, changeOfInside('spec.template.spec', changes));
    const inCron = changeOf(cronJob, changeOfInside('spec.jobTemplate.spec.template.spec', changes));
    const inPod = changeOf(pod, changeOfInside('spec', changes));

    expect(refusals(update('apps', 'deployments'), deployment, inDeployment).join('\n')).toMatch(message);
    expect(refusals(update('batch', 'cronjobs'), cronJob, inCron).join('\n')).toMatch(message);
    expect(refusals(resize, pod, inPod).join('\n')).toMatch(message);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['replicas', { 'spec.replicas': 0 }, /beside its pods/],
    ['a strategy', { 'spec.strategy': { type: 'Recreate' } }, /beside its pods/],
    ['labels', { 'metadata.labels.team': 'other' }, /labels, owners or finalizers/],
    ['a finalizer', { 'metadata.finalizers': ['a/b'] }, /labels, owners or finalizers/],
    ['no labels any more', { 'metadata.labels': undefined }, /labels, owners or finalizers/],
    ['an annotation of somebody else', { 'metadata.annotations.note': 'by us' }, /no annotation but/],
    ['where our pull requests go', { 'metadata.annotations.source': 'evil/repo//x' }, /no annotation but/],
    ['an annotation that is taken away', { 'metadata.annotations.note': undefined }, /no annotation but/],
    ['an annotation of the pods', { 'spec.template.metadata.annotations': { a: 'b' } }, /annotations of pods/],
    ['a label of the pods', { 'spec.template.metadata.labels.app': 'other' }, /annotations of pods/],
  ])('%s of a workload', (_, changes, message) => {
    expect(refusals(update('apps', 'deployments'), deployment, changeOf(deployment, changes)).join('\n')).toMatch(
      message,
    );
  });

  test('the schedule of a CronJob, and how its jobs run', () => {
    const cron = update('batch', 'cronjobs');
    const run = { 'spec.jobTemplate.spec.backoffLimit': 9 };

    expect(refusals(cron, cronJob, changeOf(cronJob, { 'spec.schedule': '* * * * *' })).join('\n')).toMatch(
      /beside its pods/,
    );
    expect(refusals(cron, cronJob, changeOf(cronJob, run)).join('\n')).toMatch(/beside their pods/);
    expect(refusals(cron, cronJob, changeOf(cronJob, { 'spec.jobTemplate.metadata.labels': {} })).join('\n')).toMatch(
      /beside their pods/,
    );
  });

  test('a heap variable or our annotation in a running pod', () => {
    const heap = { 'spec.containers.0.env.1.value': '-Xmx1m' };
    const marked = { 'metadata.annotations': { ...metadata.annotations, 'oomkeeper.dev/plan': 'x' } };

    expect(refusals(resize, pod, changeOf(pod, heap)).join('\n')).toMatch(/no variable/);
    expect(refusals(resize, pod, changeOf(pod, marked)).join('\n')).toMatch(/no annotation but/);
  });

  test('anything in an excluded namespace', () => {
    const there = { ...update('apps', 'deployments'), namespace: 'kube-system' };

    expect(refusals(there, deployment, deployment)).toEqual([
      'Oomkeeper may change nothing in the namespace kube-system.',
    ]);
  });

  test.each<[AdmissionRequest['operation'], string, string, string | undefined]>([
    ['CREATE', '', 'pods', undefined],
    ['CREATE', '', 'pods', 'exec'],
    ['CREATE', '', 'serviceaccounts', 'token'],
    ['CREATE', 'rbac.authorization.k8s.io', 'clusterrolebindings', undefined],
    ['CONNECT', '', 'pods', 'exec'],
    ['DELETE', 'apps', 'deployments', undefined],
    ['UPDATE', '', 'pods', undefined],
    ['UPDATE', '', 'pods', 'ephemeralcontainers'],
    ['UPDATE', 'apps', 'deployments', 'scale'],
    ['UPDATE', 'apps', 'replicasets', undefined],
    ['UPDATE', 'batch', 'jobs', undefined],
    ['UPDATE', '', 'configmaps', undefined],
  ])('%s of %s %s %s', (operation, group, resource, subResource) => {
    const request = { ...update(group, resource), operation, ...(subResource === undefined ? {} : { subResource }) };
    const [, other] = policies;

    expect(other && judge(other, { request, object: null, oldObject: null })).toHaveLength(1);
  });
});

test('the policies do not concern anybody else, and leave access reviews alone', () => {
  const others = { ...update('apps', 'deployments'), userInfo: { username: 'amira' } };
  const review = { ...update('authorization.k8s.io', 'subjectaccessreviews'), operation: 'CREATE' as const };
  const [, other] = policies;

  expect(refusals(others, deployment, changeOf(deployment, { 'spec.replicas': 0 }))).toEqual([]);
  expect(other && judge(other, { request: review, object: {}, oldObject: null })).toEqual([]);
});

test('a roll back is refused, unless a patch of the policy allows it', () => {
  const [policy] = policies;
  if (!policy) throw new Error('the policy is missing');
  const variables = policy.spec.variables.map((one) =>
    one.name === 'mayRollBack' ? { ...one, expression: 'true' } : one,
  );
  const patched = { ...policy, spec: { ...policy.spec, variables } };
  const request = update('apps', 'deployments');
  const rolledBack = changeOf(deployment, { 'spec.template.spec.containers.0.image': 'shop/web:0' });

  expect(judge(policy, { request, object: rolledBack, oldObject: deployment })).not.toEqual([]);
  expect(judge(patched, { request, object: rolledBack, oldObject: deployment })).toEqual([]);
  const more = changeOf(rolledBack, { 'spec.replicas': 9 });
  expect(judge(patched, { request, object: more, oldObject: deployment }).join('\n')).toMatch(/beside its pods/);
});

test('pods of /oom test may be made and deleted in a namespace that the list was patched to name, and nowhere else', async () => {
  const [policy] = await readPolicies('only-other.yaml');
  if (policy === undefined) throw new Error('there is no policy');
  const variables = policy.spec.variables.map((one) => ({ ...one, expression: `['oomkeeper-tests']` }));
  const patched = { ...policy, spec: { ...policy.spec, variables } };
  const inTests = (operation: 'CREATE' | 'UPDATE' | 'DELETE', resource = 'pods', namespace = 'oomkeeper-tests') => ({
    request: { ...update('', resource), operation, namespace },
    object: pod,
    oldObject: pod,
  });

  expect(judge(patched, inTests('CREATE'))).toEqual([]);
  expect(judge(patched, inTests('DELETE'))).toEqual([]);
  for (const refused of [
    inTests('UPDATE'),
    inTests('CREATE', 'secrets'),
    inTests('CREATE', 'pods', 'shop'),
    inTests('DELETE', 'pods', 'shop'),
    { ...inTests('CREATE'), request: { ...inTests('CREATE').request, subResource: 'exec' } },
  ])
    expect(judge(patched, refused)).toHaveLength(1);
  expect(judge(policy, inTests('CREATE'))).toHaveLength(1);
  expect(judge(policy, inTests('DELETE'))).toHaveLength(1);
});

test('kustomize adds them to an overlay, and each object is one that its API version allows', async (context) => {
  const kubectl = need(context, await findKubectl());
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-admission-'));
  try {
    const from = (path: string) => relative(folder, join(projectRoot, 'deploy/kubernetes', path));
    const kustomization = { resources: [from('overlays/act')], components: [from('components/admission')] };
    await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));

    const { code, output } = await capture(kubectl, ['kustomize', folder]);
    const objects = parseAllDocuments(output).map((one) => one.toJS() as Parameters<typeof kindFor>[0]);
    const added = objects.filter(({ apiVersion }) => apiVersion === 'admissionregistration.k8s.io/v1');

    expect({ code, kinds: added.map(({ kind, metadata: { name } }) => `${kind} ${name}`).toSorted() }).toEqual({
      code: 0,
      kinds: [
        'ValidatingAdmissionPolicy oomkeeper-only-memory',
        'ValidatingAdmissionPolicy oomkeeper-only-other',
        'ValidatingAdmissionPolicyBinding oomkeeper-only-memory',
        'ValidatingAdmissionPolicyBinding oomkeeper-only-other',
      ],
    });
    expect(added.map((object) => kindFor(object).complaint(object))).toEqual([null, null, null, null]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 180_000);

function changeOfInside(before: string, changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).map(([path, value]) => [`${before}.${path}`, value]));
}
