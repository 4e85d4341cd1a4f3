import { expect, test } from 'vitest';
import { readPod } from '../../../../src/core/kill/pod.ts';
import { podYaml } from './pod-yaml.ts';

const status = (more: string) => `status: { containerStatuses: [{ name: app, state: {}, ${more} }] }`;

test.each([
  ['nothing', null],
  ['a text', 'pod'],
  ['a list', []],
  ['an object without metadata', {}],
  ['a pod without a name', { metadata: { namespace: 'shop' } }],
])('%s is no pod', (_, object) => {
  expect(readPod(object)).toBeNull();
});

test('a pod without status has no containers and no problem', () => {
  const pod = readPod(podYaml('{}'));

  expect(pod).toMatchObject({ name: 'web-1', containers: [], problems: [], phase: null });
});

test('fields of the wrong type read as absent', () => {
  const pod = readPod(
    podYaml(`
metadata: { labels: { app: 7, tier: front }, ownerReferences: { kind: Job } }
spec: { containers: nonsense, nodeName: 12, terminationGracePeriodSeconds: soon }
status: { conditions: {}, containerStatuses: [null, 3, { state: [] }, { name: app, restartCount: many, state: { terminated: 9 } }] }
`),
  );

  expect(pod).toMatchObject({ labels: { tier: 'front' }, owner: null, node: null, graceSeconds: 30 });
  expect(pod?.containers).toMatchObject([{ name: 'app', restartCount: 0, terminations: [], limitBytes: null }]);
});

test.each([
  ['128974848', 128974848],
  ['1e3', 1000],
  ['129M', 129_000_000],
  ['0.5Gi', 536870912],
  ['128974848000m', 128974848],
])('a limit of %s is understood', (quantity, bytes) => {
  const pod = readPod(podYaml(`{ ${status(`resources: { limits: { memory: "${quantity}" } }`)} }`));

  expect(pod?.containers[0]?.limitBytes).toBe(bytes);
});

test('a bad quantity leaves no limit and a problem that names the place', () => {
  const spec =
    'spec: { containers: [{ name: app, resources: { limits: { memory: lots }, requests: { memory: 32Mi } } }] }';

  const pod = readPod(podYaml(`{ ${spec}, ${status('restartCount: 1')} }`));

  expect(pod?.containers[0]).toMatchObject({ limitBytes: null, requestBytes: 33554432 });
  expect(pod?.problems).toEqual([expect.stringMatching(/^containers\{app\}: memory limits unreadable: "lots"/)]);
});

test('the limit that the kubelet reports goes before the one that was asked for', () => {
  const spec = 'spec: { containers: [{ name: app, resources: { limits: { memory: 10Gi } } }] }';

  const pod = readPod(podYaml(`{ ${spec}, ${status('resources: { limits: { memory: 64Mi } }')} }`));

  expect(pod?.containers[0]?.limitBytes).toBe(67108864);
});

test('the limit of a cgroup without one is none', () => {
  const pod = readPod(
    podYaml(
      `{ spec: { containers: [{ name: app }] }, ${status('resources: { limits: { memory: 9007199254740988Ki } }')} }`,
    ),
  );

  expect(pod?.containers[0]?.limitBytes).toBeNull();
});

test('a limit of zero is none: the kubelet sets none for it', () => {
  const none = '{ limits: { memory: "0" } }';

  const pod = readPod(
    podYaml(
      `{ spec: { resources: ${none}, containers: [{ name: app, resources: ${none} }] }, ${status(`resources: ${none}`)} }`,
    ),
  );

  expect(pod).toMatchObject({ podLimitBytes: null, podLimitInForceBytes: null, containers: [{ limitBytes: null }] });
});

test('init containers, sidecars and ephemeral containers are told apart', () => {
  const pod = readPod(
    podYaml(`
spec:
  initContainers: [{ name: migrate }, { name: proxy, restartPolicy: Always }]
  ephemeralContainers: [{ name: debug }]
status:
  initContainerStatuses: [{ name: migrate }, { name: proxy }]
  containerStatuses: [{ name: app }]
  ephemeralContainerStatuses: [{ name: debug }]
`),
  );

  expect(pod?.containers.map(({ name, type }) => [name, type])).toEqual([
    ['migrate', 'init'],
    ['proxy', 'sidecar'],
    ['app', 'container'],
    ['debug', 'ephemeral'],
  ]);
});

test('a container that never started has no start time', () => {
  const never = 'state: { terminated: { exitCode: 128, startedAt: "1970-01-01T00:00:00Z", finishedAt: null } }';

  const pod = readPod(podYaml(`{ status: { containerStatuses: [{ name: app, ${never} }] } }`));

  expect(pod?.containers[0]?.terminations).toMatchObject([{ startedAt: null, startedAtMs: null, finishedAt: null }]);
});
