import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';

import { objectOf, objectsOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import type { JsonObject, KubeObject } from '../../sandbox/kubernetes/objects/object-store.ts';
import type { DetectorRule } from '../../sandbox/kubernetes/cluster/problem-detector.ts';
import { startWorld } from '../../sandbox/world.ts';
import {
  behave,
  container,
  createWorld,
  mebi,
  paths,
  pod,
  ramp,
  recorded,
  stateOf,
  type Line,
  type World,
} from './living-cluster-world.ts';
import { eventually } from '../eventually.ts';

const web = { namespace: 'test', kind: 'Pod', name: 'web' };
const isPrometheusRow = (name: string, of: string) => (labels: Readonly<Record<string, string>>) =>
  labels['__name__'] === name && (labels['container'] ?? '') === of;

/** One pod of 64Mi on one node that has run for 20 s. */
async function startPod(spec: JsonObject = {}, detector: DetectorRule = 'none'): Promise<World> {
  const world = createWorld();
  world.cluster.setBehaviour(web, { container: 'app', programs: [ramp(30, 32, 5000)], detector });
  world.cluster.apply([pod('web', { containers: [container('app', '64Mi')], ...spec })]);
  await world.clock.advance(20_000);
  return world;
}

function valuesOf({ cluster }: World, name: string, of = 'app'): (number | null)[] {
  const found = cluster.samples.series().find(({ labels }) => isPrometheusRow(name, of)(labels));
  return found?.points.map(({ v }) => v) ?? [];
}

function eventsAbout({ store }: World, reason: string): readonly KubeObject[] {
  return store.list('events').filter((event) => event['reason'] === reason);
}

function onlyRecorded(capture: string, file: string, reason: string): KubeObject | undefined {
  return recorded(capture, file).find(({ object }) => object['reason'] === reason)?.object;
}

/** Everything but times, ids and numbers. */
function inWords(text: unknown): string {
  return String(text)
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}/g, 'ID')
    .replaceAll(/\d+/g, 'N');
}

function conditionOf(node: KubeObject | undefined, type = 'MemoryPressure'): JsonObject | undefined {
  return objectsOf(objectOf(node?.status)['conditions']).find((each) => each['type'] === type);
}

test('what a process has written into its termination log is in its status, the last 4096 bytes of it', async () => {
  const world = createWorld();
  const programs = [{ ...ramp(30, 90, 5000), lastWords: `${'a'.repeat(5000)} the end` }];
  world.cluster.setBehaviour(web, { container: 'app', programs });
  world.cluster.apply([pod('web', { containers: [container('app', '64Mi')], restartPolicy: 'Never' })]);
  await world.clock.advance(20_000);

  const [status] = objectsOf(objectOf(world.pods.at(-1)?.object.status)['containerStatuses']);
  const { reason, message } = objectOf(objectOf(status?.['state'])['terminated']);
  expect(reason).toBe('OOMKilled');
  expect(message).toBe(`${'a'.repeat(4088)} the end`);
});

describe('a killed child process', () => {
  test('raises the counter of its container, not of its pod, and changes nothing of the pod (child-kill)', async () => {
    const world = await startPod();
    const lines = world.pods.length;

    world.cluster.killChild(web, 'app');
    world.cluster.killChild(web, 'app');
    await world.clock.advance(40_000);

    expect(world.pods).toHaveLength(lines);
    expect(valuesOf(world, 'container_oom_events_total').at(0)).toBe(0);
    expect(valuesOf(world, 'container_oom_events_total').at(-1)).toBe(2);
    expect(valuesOf(world, 'container_oom_events_total', '').at(-1)).toBe(0);
    expect(world.cluster.kills(web).map(({ cause }) => cause)).toEqual(['child', 'child']);
    expect(eventsAbout(world, 'OOMKilling')).toEqual([]);
  });

  test.each([
    [0, 'terminated:OOMKilled:0'],
    [1, 'terminated:OOMKilled:1'],
    [143, 'terminated:OOMKilled:143'],
  ])(
    'leaves its mark on an exit with %d of the same run, and only of that (child-kill-then-exit)',
    async (code, state) => {
      const world = await startPod({ restartPolicy: 'Always' });
      const statesOf = (lines: readonly Line[]): string[] =>
        lines
          .flatMap(({ object }) => objectsOf(objectOf(object.status)['containerStatuses']))
          .map((each) => stateOf(objectOf(each['state'])));

      world.cluster.killChild(web, 'app');
      await world.clock.advance(1000);
      world.cluster.exit(web, 'app', code);
      await world.clock.advance(5000);
      world.cluster.exit(web, 'app', 3);
      await world.clock.advance(5000);

      const ends = [...new Set(statesOf(world.pods).filter((each) => each.startsWith('terminated')))];
      expect(ends).toEqual([state, 'terminated:Error:3']);
      if (code !== 1) return;
      expect(statesOf(recorded('child-kill-then-exit'))).toContain(state);
    },
  );

  test.each<[DetectorRule, RegExp]>([
    ['victim', /^Memory cgroup out of memory: Killed process \d+ \(gunicorn\) total-vm:\d+kB, anon-rss:51200kB, /],
    [
      'cgroup',
      /^oom-kill:constraint=CONSTRAINT_MEMCG.*,task_memcg=\/kubepods\/burstable\/podPOD\/CONTAINER,task=gunicorn,pid=\d+,uid=0\nMemory cgroup out of memory: /,
    ],
  ])('is told of by an Event about the node with the rule "%s"', async (rule, words) => {
    const world = await startPod({}, rule);

    world.cluster.killChild(web, 'app', { process: 'gunicorn', rssBytes: 50 * mebi });

    const [event, ...more] = eventsAbout(world, 'OOMKilling');
    const [kill] = world.cluster.kills(web);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      metadata: { namespace: 'default' },
      involvedObject: { kind: 'Node', name: 'node-1', uid: 'node-1' },
      source: { component: 'kernel-monitor', host: 'node-1' },
      type: 'Warning',
    });
    expect(
      String(event?.['message'])
        .replaceAll(kill?.podUid ?? '', 'POD')
        .replaceAll(kill?.containerId ?? '', 'CONTAINER'),
    ).toMatch(words);
  });

  test('is told of in the words of the kernel that were recorded', async () => {
    const world = await startPod({}, 'cgroup');
    const kernel = [
      'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=db74bca473be9769118e2292d4a1193120d5e336e7bd36bc2b4415df6b11293d,mems_allowed=0,oom_memcg=/kubepods/burstable/pode5244a9b-2c7f-41b3-a163-3678f4bb2c7d,task_memcg=/kubepods/burstable/pode5244a9b-2c7f-41b3-a163-3678f4bb2c7d/db74bca473be9769118e2292d4a1193120d5e336e7bd36bc2b4415df6b11293d,task=memtool,pid=21746,uid=0',
      'Memory cgroup out of memory: Killed process 21746 (memtool) total-vm:66372kB, anon-rss:64808kB, file-rss:588kB, shmem-rss:0kB, UID:0 pgtables:164kB oom_score_adj:998',
    ];

    world.cluster.killChild(web, 'app', { process: 'memtool' });

    expect(inWords(eventsAbout(world, 'OOMKilling')[0]?.['message'])).toBe(inWords(kernel.join('\n')));
  });
});

test('a kill of a whole container is told of by the problem detector too', async () => {
  const world = createWorld();
  world.cluster.setBehaviour(web, { container: 'app', programs: [ramp(1, 121, 8000)], detector: 'victim' });
  world.cluster.apply([pod('web', { containers: [container('app', '64Mi')] })]);

  await world.clock.advance(7000);

  expect(world.cluster.kills(web).map(({ cause }) => cause)).toEqual(['limit']);
  expect(eventsAbout(world, 'OOMKilling')).toHaveLength(1);
});

describe('a node without memory', () => {
  test('kills a container far below its limit and says so as the kubelet does (systemoom-synthetic)', async () => {
    const world = await startPod({}, 'victim');

    world.cluster.exhaustNode(web, 'app');
    await world.clock.advance(3000);

    const [event] = eventsAbout(world, 'SystemOOM');
    const real = onlyRecorded('systemoom-synthetic', 'node-events', 'SystemOOM');
    const [status] = objectsOf(objectOf(world.pods.at(-1)?.object.status)['containerStatuses']);
    expect(paths({ ...event, metadata: {} })).toEqual(paths({ ...real, metadata: {} }));
    expect({ ...objectOf(event?.['involvedObject']), name: '' }).toEqual({ kind: 'Node', name: '', apiVersion: 'v1' });
    expect(inWords(event?.['message']).replace('app', 'memtool')).toBe(inWords(real?.['message']));
    expect(stateOf(objectOf(status?.['lastState']))).toBe('terminated:OOMKilled:137');
    expect(eventsAbout(world, 'OOMKilling')[0]?.['message']).toMatch(/^Out of memory: Killed process \d+ \(app\) /);
  });

  test('turns its condition, then its taint, and back, as one was recorded (evict)', async () => {
    const world = await startPod();
    const nodes: Line[] = [];
    world.store.subscribe(({ type, resource, object }) => {
      if (resource === 'nodes') nodes.push({ type, object });
    });
    const told = (lines: readonly Line[]): unknown[] =>
      lines
        .filter(({ type }) => type === 'MODIFIED')
        .map(({ object }) => {
          const { status, reason, message } = conditionOf(object) ?? {};
          return [status, reason, message, objectsOf(object.spec?.['taints']).map(({ key, effect }) => [key, effect])];
        });

    world.cluster.press(web, 'memory', 51_000);
    await world.clock.advance(60_000);

    expect(told(nodes)).toEqual(told(recorded('evict', 'nodes')));
    for (const reason of ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory']) {
      const [event] = eventsAbout(world, reason);
      const real = onlyRecorded('evict', 'node-events', reason);
      expect(paths({ ...event, metadata: {} })).toEqual(paths({ ...real, metadata: {} }));
      expect(inWords(event?.['message']).replace('node-N', 'lab-node-N')).toBe(inWords(real?.['message']));
    }
  });

  test('evicts: the condition first, the Event with who took how much, 2.2 s later the status (evict)', async () => {
    const world = await startPod();

    world.cluster.evict(web);
    const condition = conditionOf(world.store.get('nodes', undefined, 'node-1'));
    await world.clock.advance(2100);
    const before = world.pods.at(-1)?.object.status?.['phase'];
    await world.clock.advance(200);

    const [event] = eventsAbout(world, 'Evicted');
    const real = onlyRecorded('evict', 'events', 'Evicted');
    const status = objectOf(world.pods.at(-1)?.object.status);
    const words = (text: unknown): string => inWords(text).replaceAll(/N(Mi|Ki)/g, 'N');
    expect(condition?.['status']).toBe('True');
    expect(before).toBe('Running');
    expect(event?.metadata.annotations).toEqual({
      offending_containers: 'app',
      offending_containers_usage: expect.stringMatching(/^327\d\dKi$/),
      starved_resource: 'memory',
    });
    expect(Object.keys(event?.metadata.annotations ?? {})).toEqual(Object.keys(real?.metadata.annotations ?? {}));
    expect(words(event?.['message'])).toBe(words(real?.['message']));
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: event?.['message'] });
    expect(world.cluster.kills(web).map(({ cause }) => cause)).toEqual(['eviction']);
    expect(eventsAbout(world, 'EvictionThresholdMet')[0]?.['message']).toBe('Attempting to reclaim memory');
  });

  test('of disk evicts too, which is no memory kill', async () => {
    const world = await startPod();

    world.cluster.evict(web, 'ephemeral-storage');
    await world.clock.advance(3000);

    const node = world.store.get('nodes', undefined, 'node-1');
    const [event] = eventsAbout(world, 'Evicted');
    expect(conditionOf(node)?.['status']).toBe('False');
    expect(conditionOf(node, 'DiskPressure')?.['status']).toBe('True');
    expect(event?.metadata.annotations).toMatchObject({ starved_resource: 'ephemeral-storage' });
    expect(world.pods.at(-1)?.object.status?.['message']).toMatch(/^The node was low on resource: ephemeral-storage\./);
    expect(world.cluster.kills(web)).toEqual([]);
  });
});

test('tasks wait for memory near the limit, and nobody waits far below it', async () => {
  const world = createWorld();
  behave(world, { kind: 'Pod', name: 'web' }, ramp(63, 63, 1000));
  behave(world, { kind: 'Pod', name: 'calm' }, ramp(30, 30, 1000));
  world.cluster.apply(['web', 'calm'].map((name) => pod(name, { containers: [container('app', '64Mi')] })));

  await world.clock.advance(120_000);

  const last = (name: string, of: string): number =>
    world.cluster.samples
      .series()
      .filter(({ labels }) => labels['pod'] === of && isPrometheusRow(name, 'app')(labels))
      .map(({ points }) => points.at(-1)?.v ?? 0)[0] ?? NaN;
  const stalled = last('container_pressure_memory_stalled_seconds_total', 'web');
  expect(stalled).toBeGreaterThan(20);
  expect(stalled).toBeLessThan(120);
  expect(last('container_pressure_memory_stalled_seconds_total', 'calm')).toBe(0);
});

test('metrics-server knows the working set at its last look, and nothing of a container that is younger', async () => {
  const world = createWorld();
  behave(world, { kind: 'Pod', name: 'web' }, ramp(10, 110, 100_000));
  world.cluster.apply([pod('web', { containers: [container('app', '256Mi')] })]);

  await world.clock.advance(5000);
  const young = world.cluster.usage.pods();
  await world.clock.advance(60_000);
  const [measured] = world.cluster.usage.pods();

  expect(young).toEqual([]);
  const ageSeconds = ((measured?.at ?? 0) - Date.UTC(2026, 10, 24, 12)) / 1000;
  const bytes = measured?.containers[0]?.usage.memoryBytes ?? 0;
  expect(measured).toMatchObject({ namespace: 'test', windowMs: 15_000, labels: { app: 'web' } });
  expect(bytes / mebi).toBeGreaterThan(10 + ageSeconds - 4);
  expect(bytes / mebi).toBeLessThan(10 + ageSeconds);
  expect(bytes % 4096).toBe(0);
});

test("a client sees nodes in a list and their conditions' changes on a watch", async () => {
  const world = await startWorld({ speed: 100, seed: 1, port: 0, withPage: false, log: () => undefined });
  onTestFinished(world.close);
  const config = new KubeConfig();
  config.loadFromFile(world.addresses.kubeconfig);
  const target = { namespace: 'shop', kind: 'Pod', name: 'web' };
  world.cluster?.apply([{ ...pod('web', { containers: [container('app', '64Mi')] }), metadata: target }]);
  await eventually(() => expect(world.cluster?.standings(target, 'app')).toHaveLength(1));

  const { items, metadata } = await config.makeApiClient(CoreV1Api).listNode();
  const seen: unknown[] = [];
  const watch = await new Watch(config).watch(
    '/api/v1/nodes',
    { resourceVersion: metadata?.resourceVersion ?? '' },
    (type, node: KubeObject) =>
      seen.push([type, conditionOf(node)?.['status'], (node.spec?.['taints'] as [])?.length ?? 0]),
    () => undefined,
  );
  onTestFinished(() => {
    watch.abort();
  });
  world.cluster?.press(target, 'memory', 10_000);

  expect(items.map(({ metadata: node }) => node?.name)).toEqual(['pool-a-1', 'pool-a-2', 'pool-b-1', 'pool-m-1']);
  await eventually(() =>
    expect(seen).toEqual([
      ['MODIFIED', 'True', 0],
      ['MODIFIED', 'True', 1],
      ['MODIFIED', 'False', 1],
      ['MODIFIED', 'False', 0],
    ]),
  );
});
