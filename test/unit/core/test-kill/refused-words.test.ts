import { expect, test } from 'vitest';
import { failureOf } from '../../../../src/adapters/kubernetes/transport/transport.ts';
import { refusedWords } from '../../../../src/core/test-kill/refused-words.ts';

const words = (status: number, message: string): string | null =>
  refusedWords(
    failureOf(status, JSON.stringify({ message, details: null }), {
      method: 'POST',
      path: '/api/v1/namespaces/shop/pods',
    }),
    'shop',
  );

test.each([
  [
    403,
    'pods "x" is forbidden: exceeded quota: q, requested: limits.memory=32Mi, used: limits.memory=0, limited: limits.memory=16Mi',
    /^The ResourceQuota of shop leaves no room/,
  ],
  [403, 'pods "x" is forbidden: failed quota: q: must specify limits.ephemeral-storage', /^The ResourceQuota of shop/],
  [
    403,
    'pods "x" is forbidden: minimum memory usage per Container is 64Mi, but request is 32Mi',
    /^A LimitRange of shop does not allow/,
  ],
  [
    403,
    'pods "x" is forbidden: unable to validate against any security context constraint',
    /^The security rules of shop/,
  ],
  [
    403,
    'pods "x" is forbidden: unable to create new content in namespace shop because it is being terminated',
    /^The namespace shop is being deleted/,
  ],
  [
    403,
    'admission webhook "images.example" denied the request: not our registry',
    /^A rule of this cluster refuses.*not our registry/,
  ],
  [404, 'namespaces "shop" not found', /^The cluster has no namespace "shop"\.$/],
])('%i %s', (status, message, wanted) => {
  expect(words(status, message)).toMatch(wanted);
});

test('what nobody knows stays as the API server says it', () => {
  expect(words(403, 'pods is forbidden: User "me" cannot create resource "pods"')).toBeNull();
  expect(words(500, 'exceeded quota')).toBeNull();
});
