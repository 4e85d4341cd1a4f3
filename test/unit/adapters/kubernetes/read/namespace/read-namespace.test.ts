import { expect, test } from 'vitest';

import { namespaceFacts } from '../../../../../../src/adapters/kubernetes/read/namespace/read-namespace.ts';
import { Mi } from '../../../../../fixtures/findings.ts';

const ask = { namespace: 'shop', container: 'app', pod: null, owner: null };
const quota = (hard: object, used: object, spec: object = {}) => ({
  metadata: { name: 'team' },
  spec,
  status: { hard, used },
});
const range = (limit: object) => ({ metadata: { name: 'sizes' }, spec: { limits: [limit] } });

test.each([
  ['limits', quota({ 'limits.memory': '4Gi' }, { 'limits.memory': '3Gi' }), 'limits.memory', 3072],
  ['requests by the short name', quota({ memory: '4Gi' }, {}), 'requests.memory', 0],
] as const)('a quota on %s', (_, one, of, usedMi) => {
  expect(namespaceFacts(ask, [one], []).quotas).toEqual([
    { name: 'team', of, hardBytes: 4096 * Mi, usedBytes: usedMi * Mi },
  ]);
});

test.each([
  ['about something else', quota({ 'limits.cpu': '4' }, {})],
  ['that counts other pods', quota({ 'limits.memory': '4Gi' }, {}, { scopes: ['Terminating'] })],
])('a quota %s is none', (_, one) => {
  expect(namespaceFacts(ask, [one], []).quotas).toEqual([]);
});

test.each([
  ['most and default', { type: 'Container', max: { memory: '1Gi' }, default: { memory: '256Mi' } }, [1024, 256]],
  ['a default alone', { type: 'Container', default: { memory: '256Mi' } }, [null, 256]],
  ['of pods', { type: 'Pod', max: { memory: '1Gi' } }, null],
  ['of CPU', { type: 'Container', max: { cpu: '1' } }, null],
] as const)('a LimitRange: %s', (_, limit, expected) => {
  const bytes = (mebibytes: number | null) => (mebibytes === null ? null : mebibytes * Mi);

  expect(namespaceFacts(ask, [], [range(limit)]).ranges).toEqual(
    expected === null ? [] : [{ name: 'sizes', maxBytes: bytes(expected[0]), defaultBytes: bytes(expected[1]) }],
  );
});

test.each([
  ['cpu, memory request for container app; cpu, memory limit for container app', true],
  ['memory limit for container app', true],
  ['memory limit for container app2', false],
  ['memory limit for init container app', false],
  ['cpu limit for container app; memory limit for container sidecar', false],
  ['memory request for container app', false],
])('the pod says “%s”', (said, is) => {
  const annotations = { 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${said}` };

  expect(namespaceFacts({ ...ask, pod: { metadata: { annotations } } }, [], []).limitIsDefault).toBe(is);
});

test.each([
  ['a Deployment of three', { spec: { replicas: 3 } }, 3],
  ['a DaemonSet', { spec: {}, status: { desiredNumberScheduled: 5 } }, 5],
  ['one scaled to nothing', { spec: { replicas: 0 } }, 1],
  ['nonsense', { spec: { replicas: '9e9' } }, 1],
])('pods of %s', (_, owner, pods) => {
  expect(namespaceFacts({ ...ask, owner }, [], []).pods).toBe(pods);
});
