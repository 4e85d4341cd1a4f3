import { expect, test } from 'vitest';
import { restartFacts, specFacts } from '../../../../../src/adapters/kubernetes/read/read-spec.ts';
import type { JsonRecord } from '../../../../../src/core/kill/json-read.ts';
import { aKill, Mi } from '../../../../fixtures/incidents.ts';

test('of the spec, values from secrets are left out and memory-backed volumes are told with their mount', () => {
  const pod = {
    spec: {
      containers: [
        {
          name: 'app',
          command: ['java'],
          args: ['-Xmx400m', 7],
          env: [{ name: 'HEAP', value: '1' }, { name: 'TOKEN', valueFrom: { secretKeyRef: {} } }, { name: 'EMPTY' }],
          envFrom: [{ configMapRef: { name: 'shop' } }],
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'disk', mountPath: '/disk' },
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
        { name: 'disk', emptyDir: {} },
      ],
    },
  };

  expect(specFacts(pod, aKill())).toMatchObject({
    limitBytes: 512 * Mi,
    env: { HEAP: '1', EMPTY: '' },
    hiddenEnv: ['TOKEN'],
    envFrom: true,
    args: ['java', '-Xmx400m'],
    memoryVolumes: [{ name: 'tmp', mountPath: '/tmp', sizeLimitBytes: 64 * Mi }],
  });
});

const end = (id: string, finishedAt: string, exitCode = 137): JsonRecord => ({
  terminated: {
    containerID: `containerd://${id}`,
    exitCode,
    reason: 'x',
    startedAt: '1970-01-01T00:00:00Z',
    finishedAt,
  },
});

function ends(state: JsonRecord, lastState: JsonRecord): readonly (number | null)[] {
  const pod = { status: { containerStatuses: [{ name: 'app', restartCount: 4, state, lastState }] } };
  return restartFacts(pod, aKill(), [aKill()]).ends.map(({ exitCode }) => exitCode);
}

const restarts: readonly [string, JsonRecord, JsonRecord, readonly number[]][] = [
  ['a known kill once', end('a1', '2026-11-24T14:02:11Z'), {}, [137]],
  ['another one in the same second', end('a2', '2026-11-24T14:02:11Z', 1), {}, [137, 1]],
  [
    'the two that the pod shows',
    end('a3', '2026-11-24T14:04:00Z', 3),
    end('a2', '2026-11-24T14:03:00Z', 2),
    [137, 2, 3],
  ],
  ['none that runs', { running: {} }, {}, [137]],
];

test.each(restarts)('the restart history holds %s', (_, state, lastState, expected) => {
  expect(ends(state, lastState)).toEqual(expected);
});

test('a pod that is gone leaves the kills that are known', () => {
  expect(restartFacts(null, aKill(), [aKill()])).toMatchObject({ restartCount: 1, ends: [{ exitCode: 137 }] });
});

test.each<[string, JsonRecord, JsonRecord, unknown]>([
  ['since when, and under which limit', { running: { startedAt: '2026-11-24T14:03:00Z' } }, {}, 192 * Mi],
  [
    'the limit of its pod, where that is less',
    { running: { startedAt: '2026-11-24T14:03:00Z' } },
    { memory: '128Mi' },
    128 * Mi,
  ],
])('of the run that goes on is told %s', (_, state, podLimits, limitBytes) => {
  const pod = {
    metadata: { name: 'checkout-1', namespace: 'shop', uid: 'u1' },
    spec: { containers: [{ name: 'app', resources: { limits: { memory: '64Mi' } } }] },
    status: {
      resources: { limits: podLimits },
      containerStatuses: [{ name: 'app', restartCount: 4, state, resources: { limits: { memory: '192Mi' } } }],
    },
  };

  expect(restartFacts(pod, aKill(), []).running).toEqual({
    startedAt: Date.parse('2026-11-24T14:03:00Z'),
    limitBytes,
  });
});

test('of a container that does not run there is no run that goes on', () => {
  const pod = {
    metadata: { name: 'p', uid: 'u' },
    status: { containerStatuses: [{ name: 'app', state: { waiting: {} } }] },
  };

  expect(restartFacts(pod, aKill(), []).running).toBeNull();
});
