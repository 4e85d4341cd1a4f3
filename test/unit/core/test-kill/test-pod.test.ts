import { Pod } from 'kubernetes-models/v1';
import { expect, test } from 'vitest';
import { readPod } from '../../../../src/core/kill/pod.ts';
import { testName } from '../../../../src/core/test-kill/test-name.ts';
import { testDeadlineSeconds, testPod } from '../../../../src/core/test-kill/test-pod.ts';
import { parseBytes } from '../../../../src/core/units/quantity.ts';

const pod = testPod({ name: testName('a'), namespace: 'shop', image: 'busybox:1.37', by: 'amira (try-kill)' });
const [container] = pod.spec.containers;

test('the pod is one that Kubernetes takes, Guaranteed so that it cannot swap, and ends by itself', () => {
  expect(() => new Pod(pod).validate()).not.toThrow();
  expect(container?.resources.limits).toEqual(container?.resources.requests);
  expect(Object.keys(container?.resources.limits ?? {})).toEqual(['cpu', 'memory']);
  expect(pod.spec).toMatchObject({ restartPolicy: 'Never', activeDeadlineSeconds: testDeadlineSeconds });
});

test('it asks for more than its limit, and for a bounded amount', () => {
  const block = /exec dd .* bs=(\d+)M count=1$/.exec(container?.command.join(' ') ?? '')?.[1];

  expect(Number(block) * 2 ** 20).toBeGreaterThanOrEqual(2 * parseBytes(container?.resources.limits.memory ?? ''));
  expect(Number(block)).toBeLessThanOrEqual(64);
});

test('it fits the restricted Pod Security Standard and gets no token', () => {
  expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  expect(container?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  });
  expect(pod.spec.automountServiceAccountToken).toBe(false);
});

test('the watcher reads of it that it is a test and who made it, and of no other pod', () => {
  const { annotations: _, ...bare } = pod.metadata;

  expect(readPod(pod)?.test).toBe('amira (try-kill)');
  expect(readPod({ ...pod, metadata: bare })?.test).toBe('');
  expect(readPod({ ...pod, metadata: { ...pod.metadata, labels: {} } })?.test).toBeNull();
});

test('each test has a name of its own, and the same one again for the same id', () => {
  expect(testName('a')).toMatch(/^oomkeeper-try-kill-[0-9a-z]{5}$/);
  expect(testName('a')).toBe(testName('a'));
  expect(testName('b')).not.toBe(testName('a'));
});
