import { expect, test } from 'vitest';

import { hasSharedLimit, podFacts } from '../../../../../src/adapters/kubernetes/read/read-pod.ts';
import { Mi } from '../../../../fixtures/incidents.ts';

const running = (name: string) => ({
  name,
  containerID: `containerd://${name}`,
  state: { running: { startedAt: '2026-11-24T07:10:08Z' } },
});
const pod = {
  metadata: { namespace: 'shop', name: 'cart-1' },
  spec: {
    resources: { limits: { memory: '96Mi' } },
    containers: [{ name: 'a' }, { name: 'b', resources: { limits: { memory: '64Mi' } } }],
    initContainers: [{ name: 'mesh', restartPolicy: 'Always' }, { name: 'migrate' }],
  },
  status: { containerStatuses: [running('a'), running('b')] },
};

test('the containers that share the limit of a pod are shown beside each other', async () => {
  const series = { namespace: 'shop', pod: 'cart-1', container: 'a', hex: null };
  const points = [{ t: Date.parse('2026-11-24T07:11:00Z'), bytes: 30 * Mi }];

  const facts = await podFacts(pod, async () => [{ ...series, points }]);

  expect(facts.containers).toEqual([
    { container: 'a', limitBytes: null, usedBytes: 30 * Mi },
    { container: 'b', limitBytes: 64 * Mi, usedBytes: null },
    { container: 'mesh', limitBytes: null, usedBytes: null },
  ]);
});

test('what nobody measures stays unknown', async () => {
  const facts = await podFacts(pod, () => Promise.reject(new Error('down')));

  expect(facts.containers.map(({ usedBytes }) => usedBytes)).toEqual([null, null, null]);
});

test.each([
  ['the pod has no limit of its own', { resources: {} }, false],
  ['it has one container only', { containers: [{ name: 'a' }], initContainers: [] }, false],
  ['several share it', {}, true],
])('a limit is shared or not: %s', (_, changes, shared) => {
  expect(hasSharedLimit({ ...pod, spec: { ...pod.spec, ...changes } })).toBe(shared);
});
