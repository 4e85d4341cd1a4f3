import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { readServiceAccounts, RightsError } from '../../../sandbox/kubernetes/server/service-accounts.ts';
import { kubeObject } from './kube-object.ts';
import { send, startTestServer } from './start-server.ts';
import type { TestServer } from './start-server.ts';

const manifests = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: watcher, namespace: oomkeeper }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: worker, namespace: oomkeeper }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: passed-over, namespace: oomkeeper }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: oomkeeper-read }
rules:
  - { apiGroups: [''], resources: [pods, nodes], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: act, namespace: shop }
rules:
  - { apiGroups: [''], resources: [pods/resize], verbs: [patch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: everybody-reads }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: oomkeeper-read }
subjects:
  - { kind: ServiceAccount, name: watcher, namespace: oomkeeper }
  - { kind: ServiceAccount, name: worker, namespace: oomkeeper }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: worker-acts, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: act }
subjects: [{ kind: ServiceAccount, name: worker, namespace: oomkeeper }]
`;

function parsed(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

const namespaced = (kind: string, name: string, parts: Record<string, unknown> = {}) =>
  kubeObject(kind, 'v1', { name, namespace: 'shop' }, parts);

async function startWithRights(): Promise<TestServer> {
  const accounts = readServiceAccounts(parsed(manifests));
  const tokens = Object.fromEntries(accounts.map((account) => [`token-of-${account.name}`, account]));
  const resources = { limits: { memory: '16Mi' }, requests: { memory: '16Mi' } };
  const seeds = [
    { resource: 'namespaces', object: kubeObject('Namespace', 'v1', { name: 'shop' }) },
    {
      resource: 'pods',
      object: namespaced('Pod', 'web-0', { spec: { containers: [{ name: 'app', image: 'x:1', resources }] } }),
    },
  ];
  return startTestServer(seeds, { tokens });
}

const resize = {
  method: 'PATCH',
  headers: { 'content-type': 'application/strategic-merge-patch+json' },
  body: '{"spec":{"containers":[{"name":"app","resources":{"limits":{"memory":"32Mi"},"requests":{"memory":"32Mi"}}}]}}',
};

describe('identities with the rights of given manifests', () => {
  const inShop = '/api/v1/namespaces/shop';
  test.each([
    ['watcher', { path: '/api/v1/pods' }, 200],
    ['watcher', { path: `${inShop}/pods/web-0` }, 200],
    ['watcher', { path: `${inShop}/pods/web-0/log` }, 403],
    ['watcher', { path: '/api/v1/nodes' }, 200],
    ['watcher', { path: '/api/v1/nodes/node-1/proxy/metrics' }, 403],
    ['watcher', { path: '/apis/apps/v1/deployments' }, 403],
    ['watcher', { path: `${inShop}/pods/web-0/resize`, ...resize }, 403],
    ['watcher', { path: '/metrics' }, 403],
    ['watcher', { path: '/version' }, 200],
    ['worker', { path: `${inShop}/pods/web-0/resize`, ...resize }, 200],
    ['worker', { path: `${inShop}/pods/web-0`, ...resize }, 403],
    ['worker', { path: '/apis/apps/v1/namespaces/shop/deployments/web', ...resize }, 403],
  ])('%s asks %o and gets %i', async (account, request, status) => {
    const { server } = await startWithRights();

    const answer = await send(server, { ...request, token: `token-of-${account}` });

    expect([answer.status, answer.text.slice(0, 300)]).toEqual([status, expect.any(String)]);
    await server.close();
  });

  test('a refusal and the reviews answer by the same rules, in the words of a real API server', async () => {
    const { server } = await startWithRights();
    const review = async (resourceAttributes: object): Promise<unknown> => {
      const { text } = await send(server, {
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        token: 'token-of-worker',
        body: JSON.stringify({ spec: { resourceAttributes } }),
      });
      return (JSON.parse(text) as { status: unknown }).status;
    };

    const refused = await send(server, { path: '/api/v1/namespaces/shop/secrets', token: 'token-of-worker' });
    const allowed = await review({ verb: 'patch', resource: 'pods', subresource: 'resize', namespace: 'shop' });
    const elsewhere = await review({ verb: 'patch', resource: 'pods', subresource: 'resize', namespace: 'data' });
    const group = await review({ verb: 'list', resource: 'pods' });

    expect(JSON.parse(refused.text)).toMatchObject({
      code: 403,
      message:
        'secrets is forbidden: User "system:serviceaccount:oomkeeper:worker" cannot list resource "secrets" in API group "" in the namespace "shop"',
    });
    expect(allowed).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "worker-acts/shop" of Role "act" to ServiceAccount "worker/oomkeeper"',
    });
    expect(elsewhere).toEqual({ allowed: false });
    expect(group).toMatchObject({ allowed: true });
    await server.close();
  });

  test.each([
    [
      'a role that is not there',
      manifests.replace('kind: ClusterRole, name: oomkeeper-read', 'kind: ClusterRole, name: view'),
    ],
    [
      'an account that is not there',
      manifests.replace(
        'subjects: [{ kind: ServiceAccount, name: worker',
        'subjects: [{ kind: ServiceAccount, name: wroker',
      ),
    ],
    ['a rule without verbs', manifests.replace('verbs: [patch]', 'verbs: []')],
    ['rights to single names', manifests.replace('resources: [pods/resize]', 'resources: [pods], resourceNames: [a]')],
    ['a field that RBAC does not know', manifests.replace('resources: [pods/resize]', 'resource: [pods/resize]')],
  ])('refuses manifests with %s', (_what, text) => {
    expect(() => readServiceAccounts(parsed(text))).toThrow(RightsError);
  });
});
