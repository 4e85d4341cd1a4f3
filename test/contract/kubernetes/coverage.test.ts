import { describe, expect, test } from 'vitest';

import { coveredResources, groupVersionOf } from '../../../sandbox/kubernetes/server/coverage.ts';
import type { ApiResource, Verb } from '../../../sandbox/kubernetes/server/coverage.ts';
import { kubeObject } from './kube-object.ts';
import { outlastWatch, send, startTestServer } from './start-server.ts';
import type { ApiRequest } from './start-server.ts';

/** What Oomkeeper asks of an API server, which is what the simulator has to answer. */
const asked = [
  'create pods',
  'create selfsubjectaccessreviews.authorization.k8s.io',
  'delete pods',
  'get cronjobs.batch',
  'get daemonsets.apps',
  'get deployments.apps',
  'get jobs.batch',
  'get nodes',
  'get pods',
  'get pods/log',
  'get replicasets.apps',
  'get statefulsets.apps',
  'list cronjobs.batch',
  'list daemonsets.apps',
  'list deployments.apps',
  'list endpointslices.discovery.k8s.io',
  'list events',
  'list horizontalpodautoscalers.autoscaling',
  'list limitranges',
  'list namespaces',
  'list nodes',
  'list pods',
  'list pods.metrics.k8s.io',
  'list replicasets.apps',
  'list resourcequotas',
  'list scaledobjects.keda.sh',
  'list services',
  'list statefulsets.apps',
  'list verticalpodautoscalers.autoscaling.k8s.io',
  'patch cronjobs.batch',
  'patch daemonsets.apps',
  'patch deployments.apps',
  'patch pods',
  'patch pods/resize',
  'patch replicasets.apps',
  'patch statefulsets.apps',
  'watch events',
  'watch nodes',
  'watch pods',
];

const verbs: readonly Verb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const methods: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};
const onCollection = new Set<Verb>(['list', 'watch', 'create', 'deletecollection']);
/** What is never asked of a part of an object; a part can be created, as an eviction is. */
const hasNoParts = new Set<Verb>(['list', 'watch', 'deletecollection']);
const subresources = ['log', 'resize', 'status', 'scale', 'eviction', 'exec'];

describe('the coverage table of the API server simulator', () => {
  test('is exactly what the server answers, and that is what Oomkeeper asks; anything else is 501 and logged', async () => {
    const pod = kubeObject('Pod', 'v1', { name: 'x', namespace: 'default' }, podParts);
    const world = await startTestServer([{ resource: 'pods', object: pod }], { metrics: { pods: () => [] } });
    const { server, logged } = world;

    const answered: string[] = [];
    let refused = 0;
    for (const resource of coveredResources) {
      for (const verb of verbs) {
        for (const subresource of [undefined, ...(hasNoParts.has(verb) ? [] : subresources)]) {
          const answering = send(server, requestFor(resource, verb, subresource));
          if (verb === 'watch') await outlastWatch(world, answering, 2000);
          if ((await answering).status === 501) refused += 1;
          else answered.push(lineFor(resource, verb, subresource));
        }
      }
    }

    expect(answered.toSorted()).toEqual(asked);
    expect(logged).toEqual(Array.from({ length: refused }, () => 'request not covered by the simulator'));
    await server.close();
  });

  test.each([
    '/api/v1/secrets',
    '/api/v1/namespaces/default/secrets/x',
    '/apis/networking.k8s.io/v1/ingresses',
    '/apis',
    '/metrics',
    '/api/v1/pods?resourceVersion=1&resourceVersionMatch=Exact',
    '/api/v1/pods?labelSelector=a%20in%20(b)',
    '/api/v1/pods?fieldSelector=spec.restartPolicy%3DNever',
    '/api/v1/pods?watch=1&resourceVersion=1&labelSelector=a%3Db',
    '/api/v1/pods?watch=1',
    '/api/v1/namespaces/default/pods/x/log?follow=true',
  ])('says 501 of %s', async (path) => {
    const pod = kubeObject('Pod', 'v1', { name: 'x', namespace: 'default' }, podParts);
    const { server, logged } = await startTestServer([{ resource: 'pods', object: pod }]);

    const { status } = await send(server, { path });

    expect([status, logged]).toEqual([501, ['request not covered by the simulator']]);
    await server.close();
  });
});

const podParts = { spec: { containers: [{ name: 'app', image: 'x:1' }] } };

function requestFor(resource: ApiResource, verb: Verb, subresource: string | undefined): ApiRequest {
  const root = resource.group === '' ? '/api' : '/apis';
  const namespace = resource.namespaced ? '/namespaces/default' : '';
  const name = onCollection.has(verb) && subresource === undefined ? '' : '/x';
  const query = verb === 'watch' ? '?watch=1&timeoutSeconds=1&resourceVersion=1000' : '';
  return {
    method: methods[verb],
    path: `${root}/${groupVersionOf(resource)}${namespace}/${resource.name}${name}${subresource === undefined ? '' : `/${subresource}`}${query}`,
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    ...(verb === 'create' || verb === 'patch' || verb === 'update' ? { body: bodies[resource.name] ?? '{}' } : {}),
  };
}

const bodies: Readonly<Record<string, string>> = {
  pods: '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"y"},"spec":{"containers":[{"name":"app","image":"x:1"}]}}',
  selfsubjectaccessreviews: '{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}',
};

function lineFor(resource: ApiResource, verb: Verb, subresource: string | undefined): string {
  const suffix = resource.group === '' ? '' : `.${resource.group}`;
  return `${verb} ${resource.name}${subresource === undefined ? '' : `/${subresource}`}${suffix}`;
}
