import { describe, expect, test } from 'vitest';

import { rolloutFacts } from '../../../../../../src/adapters/kubernetes/read/rollout/read-rollout.ts';
import { templateChanges } from '../../../../../../src/adapters/kubernetes/read/rollout/template-changes.ts';
import type { JsonRecord } from '../../../../../../src/core/kill/json-read.ts';

const Mi = 2 ** 20;
const app = { name: 'app', image: 'shop:1' };

function template(containers: readonly JsonRecord[], more: JsonRecord = {}, annotations: JsonRecord = {}): JsonRecord {
  return { spec: { template: { metadata: { annotations }, spec: { containers, ...more } } } };
}

const changes: readonly [string, JsonRecord, JsonRecord, readonly string[]][] = [
  ['nothing', template([app]), template([app]), []],
  ['the image', template([app]), template([{ ...app, image: 'shop:2' }]), ['image shop:1 -> shop:2']],
  ['arguments', template([{ ...app, args: ['a'] }]), template([{ ...app, args: ['b'] }]), ['args of app']],
  [
    'resources',
    template([{ ...app, resources: { limits: { memory: '1Gi' } } }]),
    template([{ ...app, resources: { limits: { memory: '512Mi' } } }]),
    ['limit of app 1Gi -> 512Mi'],
  ],
  [
    'variables, without their values',
    template([
      {
        ...app,
        env: [
          { name: 'A', value: 'secret' },
          { name: 'B', value: '1' },
        ],
      },
    ]),
    template([
      {
        ...app,
        env: [
          { name: 'A', value: 'other' },
          { name: 'C', value: '1' },
        ],
      },
    ]),
    ['env A, B, C'],
  ],
  [
    'the config maps and secrets that variables are taken from, by their names',
    template([
      {
        ...app,
        envFrom: [{ configMapRef: { name: 'cfg-1' } }, { secretRef: { name: 'keys' } }],
        env: [{ name: 'SIZE', valueFrom: { configMapKeyRef: { name: 'sizes-1', key: 'size' } } }],
      },
    ]),
    template([
      {
        ...app,
        envFrom: [{ configMapRef: { name: 'cfg-2' } }, { secretRef: { name: 'keys' } }],
        env: [{ name: 'SIZE', valueFrom: { configMapKeyRef: { name: 'sizes-2', key: 'size' } } }],
      },
    ]),
    [
      'env SIZE (configMap sizes-1 -> configMap sizes-2)',
      'envFrom of app configMap cfg-1, secret keys -> configMap cfg-2, secret keys',
    ],
  ],
  [
    'a projected volume of other ones',
    template([app], { volumes: [{ name: 'all', projected: { sources: [{ configMap: { name: 'a' } }] } }] }),
    template([app], { volumes: [{ name: 'all', projected: { sources: [{ configMap: { name: 'b' } }] } }] }),
    ['volume all projected configMap a -> projected configMap b'],
  ],
  [
    'the request, and a limit that came',
    template([{ ...app, resources: { requests: { memory: '1Gi' } } }]),
    template([{ ...app, resources: { requests: { memory: '2Gi' }, limits: { memory: '2Gi' } } }]),
    ['limit of app none -> 2Gi', 'request of app 1Gi -> 2Gi'],
  ],
  [
    'resources other than memory',
    template([{ ...app, resources: { limits: { cpu: '1' } } }]),
    template([{ ...app, resources: { limits: { cpu: '2' } } }]),
    ['resources of app'],
  ],
  [
    'a heap flag, without the rest of the variable',
    template([{ ...app, env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx1g -Dtoken=secret' }] }]),
    template([{ ...app, env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx2g -Dtoken=other' }] }]),
    ['heap flag -Xmx1g -> -Xmx2g', 'env JAVA_TOOL_OPTIONS'],
  ],
  [
    'a volume that went into memory',
    template([app], { volumes: [{ name: 'tmp', emptyDir: {} }] }),
    template([app], { volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }] }),
    ['volume tmp emptyDir -> emptyDir (in memory, up to 64Mi)'],
  ],
  [
    'another config map',
    template([app], { volumes: [{ name: 'cfg', configMap: { name: 'a' } }] }),
    template([app], { volumes: [{ name: 'cfg', configMap: { name: 'b' } }] }),
    ['volume cfg configMap a -> configMap b'],
  ],
  [
    'volumes that come and go',
    template([app], { volumes: [{ name: 'old', emptyDir: {} }] }),
    template([app], { volumes: [{ name: 'new', emptyDir: { medium: 'Memory' } }] }),
    ['volume new (in memory) is new', 'volume old is gone'],
  ],
  ['a new container', template([app]), template([app, { name: 'log' }]), ['container log is new']],
  ['a container that is gone', template([app, { name: 'log' }]), template([app]), ['container log is gone']],
  [
    'an init container',
    template([app], { initContainers: [{ name: 'migrate', image: 'm:1' }] }),
    template([app], { initContainers: [{ name: 'migrate', image: 'm:2' }] }),
    ['image m:1 -> m:2'],
  ],
  [
    'a config map by its checksum',
    template([app], {}, { 'checksum/config': 'a' }),
    template([app], {}, { 'checksum/config': 'b' }),
    ['annotation checksum/config'],
  ],
  [
    'a restart by hand',
    template([app]),
    template([app], {}, { 'kubectl.kubernetes.io/restartedAt': '2026-11-24T06:00:00Z' }),
    ['annotation kubectl.kubernetes.io/restartedAt'],
  ],
];

test.each(changes)('a template change tells of %s', (_, before, after, expected) => {
  expect(templateChanges(before, after)).toEqual(expected);
});

test('what changed in the container that was killed is told first', () => {
  const [before, after] = ['1', '2'].map((tag) =>
    template([
      { name: 'log', image: `log:${tag}` },
      { ...app, image: `shop:${tag}` },
    ]),
  );

  expect(templateChanges(before ?? {}, after ?? {}, 'app')).toEqual(['image shop:1 -> shop:2', 'image log:1 -> log:2']);
});

describe('the facts of a rollout', () => {
  const revision = (number: string, container: JsonRecord): JsonRecord => ({
    metadata: {
      creationTimestamp: '2026-11-24T14:00:00Z',
      annotations: { 'deployment.kubernetes.io/revision': number },
    },
    ...template([{ ...app, ...container }]),
  });
  const java = (value: string): JsonRecord => ({ env: [{ name: 'JAVA_TOOL_OPTIONS', value }] });
  const limit = (memory: string): JsonRecord => ({ resources: { limits: { memory } } });

  test('hold the limit and the heap flag of both revisions where they differ', () => {
    const before = revision('6', { ...java('-Xmx200m'), ...limit('512Mi') });
    const killed = revision('7', { ...java('-Xmx900m'), ...limit('256Mi') });

    expect(rolloutFacts(killed, before, 'app')).toMatchObject({
      revision: '7',
      startedAt: Date.parse('2026-11-24T14:00:00Z'),
      previousRevision: '6',
      limit: { fromBytes: 512 * Mi, toBytes: 256 * Mi },
      heapFlags: { from: '-Xmx200m', to: '-Xmx900m' },
    });
  });

  test.each([
    ['nothing of them changed', revision('6', java('-Xmx200m')), 'app'],
    ['there was no revision before', null, 'app'],
    ['the container is new', revision('6', {}), 'other'],
  ])('hold neither where %s', (_, before, container) => {
    expect(rolloutFacts(revision('7', java('-Xmx200m')), before, container)).toMatchObject({
      limit: null,
      heapFlags: null,
    });
  });
});
