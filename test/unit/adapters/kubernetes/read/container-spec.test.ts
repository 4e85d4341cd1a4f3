import { describe, expect, test } from 'vitest';
import {
  equalMakesGuaranteed,
  podLimit,
  resourcesOwner,
} from '../../../../../src/adapters/kubernetes/read/container-spec.ts';
import type { JsonRecord } from '../../../../../src/core/kill/json-read.ts';

const Mi = 2 ** 20;

interface Sizes {
  readonly limits?: JsonRecord;
  readonly requests?: JsonRecord;
}

const container = (name: string, resources: Sizes, more: JsonRecord = {}): JsonRecord => ({ name, resources, ...more });
const limit = (memory: string): Sizes => ({ limits: { memory } });
const sidecar = { restartPolicy: 'Always' };
const equal = { cpu: '1', memory: '64Mi' };

describe('memory request = limit in `app` makes the pod Guaranteed', () => {
  const cases: readonly [string, JsonRecord, boolean][] = [
    [
      'when only that is missing',
      { containers: [container('app', { limits: equal, requests: { cpu: '1', memory: '1Mi' } })] },
      true,
    ],
    ['when requests are left to the default', { containers: [container('app', { limits: equal })] }, true],
    ['not without a CPU limit', { containers: [container('app', limit('64Mi'))] }, false],
    [
      'not with less CPU requested',
      { containers: [container('app', { limits: equal, requests: { cpu: '500m' } })] },
      false,
    ],
    [
      'not beside a container with a smaller request',
      {
        containers: [
          container('app', { limits: equal }),
          container('log', { limits: equal, requests: { memory: '32Mi' } }),
        ],
      },
      false,
    ],
    [
      'beside one whose request is written differently',
      {
        containers: [
          container('app', { limits: equal }),
          container('log', { limits: equal, requests: { cpu: '1', memory: '65536Ki' } }),
        ],
      },
      true,
    ],
    [
      'not with an init container that has none',
      { containers: [container('app', { limits: equal })], initContainers: [container('migrate', {})] },
      false,
    ],
    [
      'not where the resources of the whole pod decide',
      { resources: { limits: equal }, containers: [container('app', { limits: equal })] },
      false,
    ],
  ];

  test.each(cases)('%s', (_, spec, expected) => {
    expect(equalMakesGuaranteed(spec, 'app')).toBe(expected);
  });
});

describe("the limit of the pod's cgroup", () => {
  const cases: readonly [string, JsonRecord, number | null][] = [
    [
      'is the sum of its containers',
      { containers: [container('a', limit('64Mi')), container('b', limit('32Mi'))] },
      96,
    ],
    [
      'counts sidecars',
      { containers: [container('a', limit('64Mi'))], initContainers: [container('s', limit('16Mi'), sidecar)] },
      80,
    ],
    [
      'is that of an init container which needs more, with the sidecars before it',
      {
        containers: [container('a', limit('64Mi'))],
        initContainers: [
          container('before', limit('16Mi'), sidecar),
          container('init', limit('256Mi')),
          container('after', limit('8Mi'), sidecar),
        ],
      },
      272,
    ],
    [
      'does not exist when one container has none',
      { containers: [container('a', limit('64Mi')), container('b', {})] },
      null,
    ],
    [
      'does not exist when an init container has none',
      { containers: [container('a', limit('64Mi'))], initContainers: [container('i', {})] },
      null,
    ],
    ['is what somebody wrote for the pod', { resources: limit('1Gi'), containers: [container('a', {})] }, 1024],
    [
      'counts the overhead of its runtime',
      { overhead: { memory: '10Mi' }, containers: [container('a', limit('64Mi'))] },
      74,
    ],
  ];

  test.each(cases)('%s', (_, spec, mebibytes) => {
    expect(podLimit(spec)).toBe(mebibytes === null ? null : mebibytes * Mi);
  });
});

describe('who owns the limit', () => {
  const entry = (manager: string, time: string, name = 'app', fields: JsonRecord = { 'f:memory': {} }): JsonRecord => ({
    manager,
    time,
    fieldsV1: { 'f:spec': { 'f:containers': { [`k:{"name":"${name}"}`]: { 'f:resources': { 'f:limits': fields } } } } },
  });
  const pod = (...managedFields: JsonRecord[]): JsonRecord => ({ metadata: { managedFields } });
  const cases: readonly [string, JsonRecord, string | null][] = [
    ['is who set it', pod(entry('helm', '2026-11-24T06:00:00Z')), 'helm'],
    [
      'is who set it last',
      pod(entry('kubectl', '2026-11-24T07:00:00Z'), entry('helm', '2026-11-24T06:00:00Z')),
      'kubectl',
    ],
    ['is not who set that of another container', pod(entry('helm', '2026-11-24T06:00:00Z', 'log')), null],
    ['is not who set the CPU limit', pod(entry('helm', '2026-11-24T06:00:00Z', 'app', { 'f:cpu': {} })), null],
    ['is unknown without managedFields', { metadata: {} }, null],
  ];

  test.each(cases)('%s', (_, object, expected) => {
    expect(resourcesOwner(object, 'app')).toBe(expected);
  });
});
