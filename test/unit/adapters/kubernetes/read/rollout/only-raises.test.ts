import { expect, test } from 'vitest';
import { onlyRaises } from '../../../../../../src/adapters/kubernetes/read/rollout/only-raises.ts';
import type { JsonRecord } from '../../../../../../src/core/kill/json-read.ts';

interface Changes {
  readonly limit?: string | null;
  readonly request?: string | null;
  readonly image?: string;
  readonly cpu?: string;
  readonly annotations?: Record<string, string>;
  readonly hash?: string;
}

function set({
  limit = '64Mi',
  request = '32Mi',
  image = 'shop:1',
  cpu = '100m',
  annotations,
  hash,
}: Changes): JsonRecord {
  const limits = limit === null ? {} : { memory: limit };
  const requests = request === null ? { cpu } : { cpu, memory: request };
  return {
    spec: {
      template: {
        metadata: { labels: { app: 'web', 'pod-template-hash': hash ?? 'a' }, annotations },
        spec: { containers: [{ name: 'app', image, resources: { limits, requests } }] },
      },
    },
  };
}

test.each<[string, Changes, boolean]>([
  ['raised the limit', { limit: '80Mi', hash: 'b' }, true],
  ['raised the request alone', { request: '64Mi' }, true],
  ['raised both', { limit: '128Mi', request: '64Mi' }, true],
  ['took the limit away', { limit: null }, true],
  ['raised it and said why', { limit: '80Mi', annotations: { 'kubernetes.io/change-cause': 'oom' } }, true],
  ['lowered the limit', { limit: '48Mi' }, false],
  ['raised one and lowered the other', { limit: '80Mi', request: '16Mi' }, false],
  ['raised it and has another image', { limit: '80Mi', image: 'shop:2' }, false],
  ['raised it and has another configuration', { limit: '80Mi', annotations: { 'checksum/config': 'b' } }, false],
  ['changed nothing about memory', { cpu: '200m' }, false],
  ['changed nothing', {}, false],
])('a rollout that %s: only raises %o is %s', (_, changes, expected) => {
  expect(onlyRaises(set({}), set(changes))).toBe(expected);
});
