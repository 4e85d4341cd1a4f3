import { expect, test } from 'vitest';
import { unservedBy } from '../../../../../src/adapters/kubernetes/read/impact/endpoints.ts';
import { impactOf } from '../../../../../src/adapters/kubernetes/read/impact/read-impact.ts';
import type { JsonRecord } from '../../../../../src/core/kill/json-read.ts';
import type { ImpactRead } from '../../../../../src/core/notify/impact.ts';
import { aKill, killedAt } from '../../../../fixtures/incidents.ts';

const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

function pod(name: string, changes: JsonRecord = {}): JsonRecord {
  return { metadata: { name, creationTimestamp: '2026-11-20T00:00:00Z' }, status: ready, ...changes };
}

function of(kind: string, workload: JsonRecord | null, pods: readonly JsonRecord[] | null = []): ImpactRead {
  const kill = aKill({ subject: { ...aKill().subject, workload: { kind, name: 'checkout' } } });
  return impactOf(kill, { workload, pods, endpoints: [] }, killedAt);
}

test.each<[string, string, JsonRecord | null, readonly JsonRecord[] | null, ImpactRead['pods']]>([
  ['a Deployment', 'Deployment', { spec: { replicas: 3 }, status: { readyReplicas: 2 } }, [], { ready: 2, desired: 3 }],
  [
    'a Deployment of which none is ready',
    'Deployment',
    { spec: { replicas: 3 }, status: {} },
    [],
    { ready: 0, desired: 3 },
  ],
  [
    'a StatefulSet that says no number',
    'StatefulSet',
    { spec: {}, status: { readyReplicas: 1 } },
    [],
    { ready: 1, desired: 1 },
  ],
  ['a DaemonSet', 'DaemonSet', { status: { numberReady: 4, desiredNumberScheduled: 5 } }, [], { ready: 4, desired: 5 }],
  ['a Deployment that could not be read', 'Deployment', null, [pod('a')], null],
  ['a Job', 'Job', { spec: { parallelism: 2 } }, [pod('a')], null],
  ['a bare pod', 'Pod', null, [pod('a', { status: {} })], { ready: 0, desired: 1 }],
  ['a kind whose object is not read', 'Rollout', null, [pod('a'), pod('b', { status: {} })], { ready: 1, desired: 2 }],
  ['pods that could not be read', 'Rollout', null, null, null],
  [
    'numbers that are none',
    'Deployment',
    { spec: { replicas: '3' }, status: { readyReplicas: {} } },
    [],
    { ready: 0, desired: 1 },
  ],
])('ready pods of %s', (_, kind, workload, pods, expected) => {
  expect(of(kind, workload, pods).pods).toEqual(expected);
});

test('annotations of the killed pod come before those of its workload', () => {
  const owned = (owner: string) => ({ annotations: { 'oomkeeper.dev/owner': owner } });
  const workload = { metadata: owned('team-old') };

  expect(of('Deployment', workload).owner).toBe('team-old');
  expect(
    of('Deployment', workload, [
      pod('other'),
      pod(aKill().pod, { metadata: { name: aKill().pod, ...owned('team-new') } }),
    ]).owner,
  ).toBe('team-new');
});

test('who wrote the template is told, not who wrote a status or changed nothing of it, and not we', () => {
  const entry = (manager: string, fields: JsonRecord, more: JsonRecord = {}) => ({
    manager,
    time: '2026-11-24T12:00:00Z',
    fieldsV1: { 'f:spec': fields },
    ...more,
  });
  const managedFields = [
    entry('argocd-controller', { 'f:template': {} }),
    entry('kubectl-scale', { 'f:replicas': {} }),
    entry('kube-controller-manager', { 'f:template': {} }, { subresource: 'status' }),
    entry('oomkeeper', { 'f:template': {} }),
    entry('undated', { 'f:template': {} }, { time: 'yesterday' }),
  ];

  expect(of('Deployment', { metadata: { managedFields } }).deployed.writers).toEqual([
    { name: 'argocd-controller', at: Date.UTC(2026, 10, 24, 12) },
  ]);
});

test('restarts of young pods are counted, and those of old ones are not of this hour', () => {
  const counting = (name: string, creationTimestamp: string, restartCount: number) =>
    pod(name, { metadata: { name, creationTimestamp }, status: { containerStatuses: [{ restartCount }] } });
  const pods = [
    counting('a', '2026-11-24T13:40:00Z', 3),
    counting('b', '2026-11-24T13:50:00Z', 1),
    counting('c', '2026-11-01T00:00:00Z', 99),
  ];

  expect(of('Deployment', null, pods).young).toEqual({ restarts: 4, since: Date.UTC(2026, 10, 24, 13, 40) });
});

test('a Service is served by any ready endpoint of any of its slices, and belongs to the workload by any pod', () => {
  const slices = [
    { service: 'web', pods: ['a', 'x'], ready: 0 },
    { service: 'web', pods: ['y'], ready: 1 },
    { service: 'api', pods: ['a'], ready: 0 },
    { service: 'other', pods: ['z'], ready: 0 },
  ];

  expect(unservedBy(slices, new Set(['a']))).toEqual(['api']);
  expect(unservedBy([], new Set(['a']))).toEqual([]);
});
