import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { createHandClock, type HandClock } from '../../sandbox/hand-clock.ts';
import { createCluster, type Cluster } from '../../sandbox/kubernetes/cluster/cluster.ts';
import { objectOf, objectsOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import { createObjectStore } from '../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { JsonObject, NewObject, ObjectStore } from '../../sandbox/kubernetes/objects/object-store.ts';
import { seededRandom } from '../../sandbox/scenario/scenario-seed.ts';

interface World {
  readonly clock: HandClock;
  readonly store: ObjectStore;
  readonly cluster: Cluster;
}

function createWorld(): World {
  const clock = createHandClock();
  const store = createObjectStore(clock);
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

    expect(young).toEqual([]);
    const age = (pod?.at ?? 0) - Date.UTC(2026, 10, 24, 12);
    expect(pod).toMatchObject({ namespace: 'test', windowMs: 15_000, labels: { app: 'web' } });
    const memory = pod?.containers[0]?.usage.memoryBytes ?? 0;
    expect(memory / 2 ** 20).toBeGreaterThan(10 + age / 1000 - 4);
    expect(memory / 2 ** 20).toBeLessThan(10 + age / 1000);
    expect(memory % 4096).toBe(0);
    world.cluster.close();
  });
});
