import { expect, test } from 'vitest';
import type { JsonObject } from '../../../sandbox/kubernetes/objects/object-store.ts';
import { listPrometheusServices } from '../../../src/adapters/kubernetes/read/prometheus-services.ts';
import { readContainers } from '../../../src/adapters/kubernetes/read/read-containers.ts';
import { readNamespaces } from '../../../src/adapters/kubernetes/read/read-namespaces.ts';
import type { WatchWorld } from './watch/watch-world.ts';
import { start } from './watch/watch-worlds.ts';

interface PodShape {
  readonly namespace?: string;
  readonly memory?: string | null;
  readonly phase?: string;
  readonly state?: JsonObject;
  readonly metadata?: JsonObject;
}

const running = { running: { startedAt: '2026-11-24T10:00:00Z' } };

function addPod(world: WatchWorld, name: string, shape: PodShape = {}): void {
  const { namespace = 'shop', memory = '64Mi', phase = 'Running', state = running, metadata = {} } = shape;
  const resources = memory === null ? {} : { limits: { memory } };
  world.store.create('pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace, ...metadata },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', resources }] },
    status: {
      phase,
      containerStatuses: [{ name: 'app', restartCount: 0, containerID: `containerd://${name}`, state, lastState: {} }],
    },
  });
}

test('the containers of pods that have not ended are read with what limits them and whether they run', async () => {
  const world = await start();
  addPod(world, 'web-1', {
    metadata: {
      labels: { 'pod-template-hash': '7d9f' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7d9f', controller: true }],
    },
  });
  addPod(world, 'free', { memory: null });
  addPod(world, 'zero', { memory: '0' });
  addPod(world, 'waiting', { state: { waiting: { reason: 'CrashLoopBackOff' } } });
  addPod(world, 'done', { phase: 'Succeeded' });
  addPod(world, 'failed', { phase: 'Failed' });
  addPod(world, 'leaving', { metadata: { deletionTimestamp: '2026-11-24T10:00:00Z' } });

  const { containers, notes } = await readContainers(world.transport, [], 60_000);

  expect(notes).toEqual([]);
  expect(containers.map(({ pod, limitBytes, isRunning }) => [pod, limitBytes, isRunning])).toEqual([
    ['free', null, true],
    ['waiting', 64 * 2 ** 20, false],
    ['web-1', 64 * 2 ** 20, true],
    ['zero', null, true],
  ]);
  expect(containers.find(({ pod }) => pod === 'web-1')).toMatchObject({
    namespace: 'shop',
    workload: { kind: 'Deployment', name: 'web' },
    containerId: 'containerd://web-1',
    startedAt: Date.parse('2026-11-24T10:00:00Z'),
  });
});

test('only the namespaces that are named are listed', async () => {
  const world = await start();
  addPod(world, 'a');
  addPod(world, 'b', { namespace: 'pay' });
  addPod(world, 'c', { namespace: 'other' });

  const { containers } = await readContainers(world.transport, ['shop', 'pay'], 60_000);

  expect(containers.map(({ pod }) => pod).toSorted()).toEqual(['a', 'b']);
  expect(world.server.requestLog().filter(({ path }) => !path.includes('/namespaces/'))).toEqual([]);
});

test('five thousand pods are read page by page', async () => {
  const world = await start();
  for (let at = 0; at < 5_000; at += 1) addPod(world, `p-${at}`);

  const { containers, notes } = await readContainers(world.transport, [], 60_000);

  expect(new Set(containers.map(({ pod }) => pod)).size).toBe(5_000);
  expect(notes).toEqual([]);
  expect(world.server.requestLog()).toHaveLength(10);
});

test('a list that does not end in time is used as far as it came, and says so', async () => {
  const world = await start();
  for (let at = 0; at < 600; at += 1) addPod(world, `p-${at}`);
  world.server.faults.inject({ kind: 'hang', path: 'continue=' });

  const { containers, notes } = await readContainers(world.transport, [], 4_000);

  expect(containers).toHaveLength(500);
  expect(notes).toEqual([expect.stringContaining('Of the pods only 500 objects could be read')]);
});

test('a list whose first page does not come is an error', async () => {
  const world = await start();
  world.server.faults.inject({ kind: 'hang', path: '/api/v1/pods' });

  await expect(readContainers(world.transport, [], 200)).rejects.toMatchObject({ code: 'cluster-slow' });
});

test('namespaces are known by name', async () => {
  const world = await start();
  for (const name of ['shop', 'pay'])
    world.store.create('namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name } });

  expect(await readNamespaces(world.transport, 60_000)).toEqual(expect.arrayContaining(['shop', 'pay']));
});

test('a Service that looks like Prometheus is found among the others', async () => {
  const world = await start();
  const service = (namespace: string, name: string): void => {
    const spec = { clusterIP: '127.0.0.1', ports: [{ name: 'http', port: 9090 }] };
    world.store.create('services', { kind: 'Service', apiVersion: 'v1', metadata: { namespace, name }, spec });
  };
  service('shop', 'checkout');
  service('monitoring', 'prometheus-server');

  expect(await listPrometheusServices(world.transport, 'usual', 60_000)).toEqual([
    {
      service: 'monitoring/prometheus-server',
      urls: ['http://prometheus-server.monitoring.svc:9090', 'http://127.0.0.1:9090'],
    },
  ]);
});
