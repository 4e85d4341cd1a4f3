import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../../sandbox/listen.ts';
import { ofKind, type Rendered } from './render.ts';
import { secretNamed } from './secrets-of.ts';

/**
 * The little of an API server that helm asks before it renders an upgrade: which kinds there are, and the Secrets of the
 * objects. Everything else is not found. Answers with a kubeconfig for it.
 */
export async function serveObjects(objects: readonly Rendered[]) {
  const kinds = Object.entries(Object.groupBy(objects, ({ apiVersion }) => apiVersion)).map(
    ([groupVersion, ofVersion = []]) => ({
      path: groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`,
      list: {
        kind: 'APIResourceList',
        groupVersion,
        resources: [...new Map(ofVersion.map((one) => [one.kind, resourceOf(one)])).values()],
      },
    }),
  );
  const groups = kinds
    .map(({ list: { groupVersion } }) => ({ groupVersion, name: groupVersion.split('/')[0] ?? '' }))
    .filter(({ groupVersion }) => groupVersion.includes('/'))
    .map(({ groupVersion, name }) => ({ name, versions: [{ groupVersion, version: groupVersion.split('/')[1] }] }));
  const answers: Readonly<Record<string, unknown>> = {
    '/version': { major: '1', minor: '35', gitVersion: 'v1.35.0' },
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups },
    ...Object.fromEntries(kinds.map(({ path, list }) => [path, list])),
    ...Object.fromEntries(ofKind(objects, 'Secret').map((one) => [pathOf(one), asStored(objects, one)])),
  };
  const server = createServer((request, response) => {
    const answer = answers[new URL(request.url ?? '', 'http://a').pathname];
    response.setHeader('content-type', 'application/json');
    response.writeHead(answer === undefined ? 404 : 200);
    response.end(JSON.stringify(answer ?? { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 }));
  });
  const port = await listen(server, 0);
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-lookup-'));
  const kubeconfig = join(folder, 'config.json');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'a', user: {} }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  return {
    kubeconfig,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function resourceOf({ kind, metadata }: Rendered) {
  const singularName = kind.toLowerCase();
  const name = singularName.endsWith('y') ? `${singularName.slice(0, -1)}ies` : `${singularName}s`;
  return { name, singularName, namespaced: metadata.namespace !== undefined, kind, verbs: ['get'] };
}

function pathOf({ metadata: { namespace, name } }: Rendered): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

/** A Secret as an API server has it: there is no `stringData` any more. */
function asStored(objects: readonly Rendered[], { metadata }: Rendered) {
  const held = Object.entries(secretNamed(objects, metadata.name));
  const data = Object.fromEntries(held.map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  return { apiVersion: 'v1', kind: 'Secret', metadata, data };
}
