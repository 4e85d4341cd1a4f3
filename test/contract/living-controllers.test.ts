import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { createHandClock, type HandClock } from '../../sandbox/hand-clock.ts';
import { createCluster, type Cluster } from '../../sandbox/kubernetes/cluster/cluster.ts';
import { followQuotas } from '../../sandbox/kubernetes/admission/follow-quotas.ts';
import { objectOf, objectsOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import { createObjectStore } from '../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { JsonObject, KubeObject, NewObject, ObjectStore } from '../../sandbox/kubernetes/objects/object-store.ts';
import { seededRandom } from '../../sandbox/scenario/scenario-seed.ts';

interface World {
  readonly clock: HandClock;
  readonly store: ObjectStore;
  readonly cluster: Cluster;
}

function createWorld(): World {
  const clock = createHandClock();
  const store = createObjectStore(clock);
  followQuotas(store);
  const nodes = [{ name: 'node-1', allocatableBytes: 24 * 2 ** 30, ip: '192.0.2.2' }];
  return { clock, store, cluster: createCluster({ store, clock, random: seededRandom(7), nodes }) };
}

const recorded = z
  .array(z.object({ name: z.string(), response: z.object({ body: z.unknown().optional() }) }))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../recordings/transcripts/rollout.json'), 'utf8')));
const itemsOf = (named: string): readonly JsonObject[] =>
  objectsOf(objectOf(recorded.find(({ name }) => name.startsWith(named))?.response.body)['items']);

function workload(kind: string, name: string, memory: string, spec: JsonObject = {}): NewObject {
  const resources = { limits: { memory }, requests: { cpu: '5m', memory } };
  return {
    kind,
    apiVersion: 'apps/v1',
    metadata: { name, namespace: 'test', labels: { app: name } },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas: 2 }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 2, containers: [{ name: 'app', image: 'localhost/demo:1', resources }] },
      },
      ...spec,
    },
  };
}

function setMemory({ store }: World, resource: string, name: string, memory: string): void {
  store.write(resource, 'test', name, (draft) => {
    const [container] = objectsOf(objectOf(objectOf(draft.spec?.['template'])['spec'])['containers']);
    if (container !== undefined) container['resources'] = { limits: { memory }, requests: { cpu: '5m', memory } };
  });
}

const deploymentKeys = ['revision', 'revision-history', 'desired-replicas', 'max-replicas'];

/** Memory of the template, and the annotations of the deployment controller, by ReplicaSet. */
function revisionsOf(sets: readonly JsonObject[]): Record<string, unknown> {
  return Object.fromEntries(
    sets.map((set) => {
      const [container] = objectsOf(objectOf(objectOf(objectOf(set['spec'])['template'])['spec'])['containers']);
      const annotations = objectOf(objectOf(set['metadata'])['annotations']);
      const ours = deploymentKeys.map((key) => annotations[`deployment.kubernetes.io/${key}`]);
      const memory = objectOf(objectOf(objectOf(container)['resources'])['limits'])['memory'];
      return [String(memory), [...ours, objectOf(set['spec'])['replicas']]];
    }),
  );
}

describe('the history of rollouts', () => {
  test('a template that is used again moves its ReplicaSet to the newest revision, as recorded', async () => {
    const world = createWorld();
    world.cluster.apply([workload('Deployment', 'web', '16Mi')]);
    await world.clock.advance(30_000);

    setMemory(world, 'deployments', 'web', '24Mi');
    await world.clock.advance(60_000);
    const forward = revisionsOf(world.store.list('replicasets'));
    setMemory(world, 'deployments', 'web', '16Mi');
    await world.clock.advance(60_000);
    const back = revisionsOf(world.store.list('replicasets'));

    expect(forward).toEqual(revisionsOf(itemsOf('ReplicaSets after')));
    expect(back).toEqual(revisionsOf(itemsOf('ReplicaSets after the roll back')));
    expect(world.store.get('deployments', 'test', 'web')?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '3',
    });
    world.cluster.close();
  });

  test.each([
    ['StatefulSet', 'statefulsets', 'db'],
    ['DaemonSet', 'daemonsets', 'agent'],
  ])('a %s leaves a ControllerRevision of each template, as recorded', async (kind, resource, name) => {
    const world = createWorld();
    world.cluster.apply([workload(kind, name, '16Mi')]);
    await world.clock.advance(30_000);
    setMemory(world, resource, name, '24Mi');
    await world.clock.advance(60_000);

    const made = world.store.list('controllerrevisions');

    const real = itemsOf('ControllerRevisions').filter((item) =>
      String(objectOf(item['metadata'])['name']).startsWith(name),
    );
    expect(made.map(shape).toSorted(byRevision)).toEqual(real.slice(0, 2).map(shape).toSorted(byRevision));
    expect(made.map(({ metadata }) => metadata.name)).toContain(newestHash(world, kind, name));
    world.cluster.close();
  });

  test('an old template becomes the newest revision again, and the revisions go with their set', async () => {
    const world = createWorld();
    world.cluster.apply([workload('StatefulSet', 'db', '16Mi')]);
    await world.clock.advance(30_000);
    for (const memory of ['24Mi', '16Mi']) {
      setMemory(world, 'statefulsets', 'db', memory);
      await world.clock.advance(60_000);
    }
    const numbers = world.store.list('controllerrevisions').map((each) => each['revision']);

    world.cluster.deleteWorkload({ namespace: 'test', kind: 'StatefulSet', name: 'db' });
    await world.clock.advance(10_000);

    expect(new Set(numbers)).toEqual(new Set([2, 3]));
    expect(world.store.list('controllerrevisions')).toEqual([]);
    world.cluster.close();
  });
});

function byRevision(a: readonly unknown[], b: readonly unknown[]): number {
  return Number(a[0]) - Number(b[0]);
}

/** What does not depend on hashes: number, marks and the kept template's memory and keys. */
function shape(revision: JsonObject): readonly unknown[] {
  const { labels, annotations, ownerReferences } = objectOf(revision['metadata']);
  const template = objectOf(objectOf(objectOf(revision['data'])['spec'])['template']);
  const [container] = objectsOf(objectOf(template['spec'])['containers']);
  return [
    revision['revision'],
    Object.keys(objectOf(labels)).toSorted(),
    annotations,
    objectsOf(ownerReferences).map(({ kind, name, controller }) => [kind, name, controller]),
    Object.keys(template),
    template['metadata'],
    objectOf(container)['resources'],
    Object.keys(objectOf(template['spec'])),
  ];
}

function newestHash({ store }: World, kind: string, name: string): string {
  if (kind === 'StatefulSet') return String(store.get('statefulsets', 'test', name)?.status?.['updateRevision']);
  return `${name}-${store.list('pods').map(({ metadata }) => metadata.labels?.['controller-revision-hash'])[0] ?? ''}`;
}

function bounds(kind: string, spec: JsonObject): NewObject {
  return { kind, apiVersion: 'v1', metadata: { name: 'bounds', namespace: 'test' }, spec };
}

function conditionOf(object: KubeObject | undefined, wanted: string): JsonObject | undefined {
  return objectsOf(object?.status?.['conditions']).find(({ type }) => type === wanted);
}

describe('quotas and LimitRanges in the living cluster', () => {
  test('a template above a LimitRange is taken, and its pods are refused with a condition and an Event', async () => {
    const world = createWorld();
    world.cluster.apply([
      bounds('LimitRange', { limits: [{ type: 'Container', max: { memory: '48Mi' } }] }),
      workload('Deployment', 'web', '16Mi'),
    ]);
    await world.clock.advance(30_000);

    setMemory(world, 'deployments', 'web', '128Mi');
    await world.clock.advance(30_000);

    const deployment = world.store.get('deployments', 'test', 'web');
    expect(conditionOf(deployment, 'ReplicaFailure')).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
      message: expect.stringMatching(
        /^pods "web-\w+-\w{5}" is forbidden: maximum memory usage per Container is 48Mi, but limit is 128Mi$/,
      ) as string,
    });
    expect(deployment?.status).toMatchObject({ availableReplicas: 2 });
    const [event] = world.store.list('events').filter((each) => each['reason'] === 'FailedCreate');
    expect(String(event?.['message'])).toMatch(/^Error creating: pods "web-/);
    world.cluster.close();
  });

  test('a pod gets what its LimitRange gives, its template does not', async () => {
    const world = createWorld();
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'x:1' }] } };
    world.cluster.apply([
      bounds('LimitRange', {
        limits: [{ type: 'Container', default: { memory: '24Mi' }, defaultRequest: { memory: '16Mi', cpu: '5m' } }],
      }),
      workload('Deployment', 'web', '', { replicas: 1, template }),
    ]);
    await world.clock.advance(30_000);

    const [pod] = world.store.list('pods');

    expect(objectsOf(pod?.spec?.['containers']).map((each) => each['resources'])).toEqual([
      { limits: { memory: '24Mi' }, requests: { memory: '16Mi', cpu: '5m' } },
    ]);
    expect(pod?.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container app; memory limit for container app',
    });
    expect(pod?.status).toMatchObject({ qosClass: 'Burstable', phase: 'Running' });
    world.cluster.close();
  });

  test('a quota counts what runs, refuses the surge, and lets it happen when there is room', async () => {
    const world = createWorld();
    world.cluster.apply([
      bounds('ResourceQuota', { hard: { 'requests.memory': '64Mi', 'limits.memory': '64Mi', pods: '5' } }),
      workload('Deployment', 'web', '16Mi', { replicas: 1 }),
    ]);
    await world.clock.advance(30_000);
    const used = (): unknown => world.store.get('resourcequotas', 'test', 'bounds')?.status?.['used'];
    const before = used();

    setMemory(world, 'deployments', 'web', '56Mi');
    await world.clock.advance(30_000);
    const refused = conditionOf(world.store.get('deployments', 'test', 'web'), 'ReplicaFailure');
    world.store.write('resourcequotas', 'test', 'bounds', (draft) => {
      draft.spec = { hard: { 'limits.memory': '256Mi' } };
    });
    await world.clock.advance(60_000);

    expect(before).toEqual({ 'limits.memory': '16Mi', pods: '1', 'requests.memory': '16Mi' });
    expect(String(refused?.['message'])).toMatch(
      /is forbidden: exceeded quota: bounds, requested: limits.memory=56Mi,requests.memory=56Mi, used: limits.memory=16Mi,requests.memory=16Mi, limited: limits.memory=64Mi,requests.memory=64Mi$/,
    );
    expect(used()).toEqual({ 'limits.memory': '56Mi' });
    expect(conditionOf(world.store.get('deployments', 'test', 'web'), 'ReplicaFailure')).toBeUndefined();
    world.cluster.close();
  });
});

describe('what metrics-server would say of the living cluster', () => {
  test('is the working set at its last look, and nothing of a container that is younger', async () => {
    const world = createWorld();
    const points = [
      { at: 0, bytes: 10 * 2 ** 20 },
      { at: 100_000, bytes: 110 * 2 ** 20 },
    ];
    world.cluster.setBehaviour(
      { namespace: 'test', kind: 'Deployment', name: 'web' },
      { container: 'app', programs: [{ points }] },
    );
    world.cluster.apply([workload('Deployment', 'web', '256Mi', { replicas: 1 })]);

    await world.clock.advance(5000);
    const young = world.cluster.usage.pods();
    await world.clock.advance(60_000);
    const [pod] = world.cluster.usage.pods();
    const [node] = world.cluster.usage.nodes();

    expect(young).toEqual([]);
    const age = (pod?.at ?? 0) - Date.UTC(2026, 10, 24, 12);
    expect(pod).toMatchObject({ namespace: 'test', windowMs: 15_000, labels: { app: 'web' } });
    const memory = pod?.containers[0]?.usage.memoryBytes ?? 0;
    expect(memory / 2 ** 20).toBeGreaterThan(10 + age / 1000 - 4);
    expect(memory / 2 ** 20).toBeLessThan(10 + age / 1000);
    expect(memory % 4096).toBe(0);
    expect(node?.usage.memoryBytes).toBeGreaterThan(memory);
    world.cluster.close();
  });
});
