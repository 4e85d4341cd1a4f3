import { describe, expect, test } from 'vitest';

import {
  coverageLines,
  coveredPaths,
  coveredResources,
  groupVersionOf,
  uncoveredGroups,
  uncoveredResources,
} from '../../../sandbox/kubernetes/server/coverage.ts';
import type { ApiResource, Verb } from '../../../sandbox/kubernetes/server/coverage.ts';
import { kubeObject } from './kube-object.ts';
import { outlastWatch, send, startTestServer } from './start-server.ts';
import type { ApiRequest } from './start-server.ts';

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
const subresources = ['log', 'resize', 'status', 'scale', 'eviction', 'exec', 'ephemeralcontainers'];

describe('the coverage table of the API server simulator', () => {
  test('is exactly what the server answers; anything else is refused and, unless a real one refuses it too, logged', async () => {
    const pod = kubeObject('Pod', 'v1', { name: 'x', namespace: 'default' }, podParts);
    const metrics = { pods: () => [], nodes: () => [] };
    const world = await startTestServer([{ resource: 'pods', object: pod }], { metrics });

    const { server, logged } = world;

    const answered: string[] = [];
    for (const resource of coveredResources) {
      for (const verb of verbs) {
        for (const subresource of [undefined, ...(hasNoParts.has(verb) ? [] : subresourcesOf(resource))]) {
          const answering = send(server, requestFor(resource, verb, subresource));
          if (verb === 'watch') await outlastWatch(world, answering, 2000);
          const { status } = await answering;
          if (status !== 501 && status !== 405) answered.push(lineFor(resource, verb, subresource));
        }
      }
    }

    expect(answered.toSorted()).toEqual([...coverageLines()].toSorted());
    expect(logged.length).toBeGreaterThan(0);
    await server.close();
  });

  test('answers the covered paths beside the resources', async () => {
    const { server } = await startTestServer();

    const statuses = await Promise.all(coveredPaths.map(async (path) => (await send(server, { path })).status));

    expect(statuses).toEqual(coveredPaths.map(() => 200));
    await server.close();
  });

  test('says 501 and logs it for every resource and group that a real server has and this one has not', async () => {
    const { server, logged } = await startTestServer();
    const resources = Object.entries(uncoveredResources).flatMap(([groupVersion, names]) =>
      names.map((name) => `${groupVersion.includes('/') ? '/apis' : '/api'}/${groupVersion}/${name}`),
    );
    const paths = [...resources, ...[...uncoveredGroups].map((group) => `/apis/${group}/v1/things`)];

    const statuses = await Promise.all(paths.map(async (path) => (await send(server, { path })).status));

    expect(statuses).toEqual(paths.map(() => 501));
    expect(logged).toEqual(paths.map(() => 'request not covered by the simulator'));
    await server.close();
  });
});

const podParts = { spec: { containers: [{ name: 'app', image: 'x:1' }] } };

/** What follows the name of a namespace is a resource within it, with one exception. */
function subresourcesOf(resource: ApiResource): readonly string[] {
  return resource.name === 'namespaces' ? ['status'] : subresources;
}

function requestFor(resource: ApiResource, verb: Verb, subresource: string | undefined): ApiRequest {
  const root = resource.group === '' ? '/api' : '/apis';
  const namespace = resource.namespaced ? '/namespaces/default' : '';
  const name = onCollection.has(verb) && subresource === undefined ? '' : '/x';
  const path = `${root}/${groupVersionOf(resource)}${namespace}/${resource.name}${name}`;
  return {
    method: methods[verb],
    path: `${path}${subresource === undefined ? '' : `/${subresource}`}${verb === 'watch' ? '?watch=1&timeoutSeconds=1' : ''}`,
    headers: { 'content-type': verb === 'patch' ? 'application/merge-patch+json' : 'application/json' },
    ...(verb === 'create' || verb === 'patch' || verb === 'update' ? { body: '{}' } : {}),
  };
}

function lineFor(resource: ApiResource, verb: Verb, subresource: string | undefined): string {
  const suffix = resource.group === '' ? '' : `.${resource.group}`;
  return `${verb} ${resource.name}${subresource === undefined ? '' : `/${subresource}`}${suffix}`;
}
