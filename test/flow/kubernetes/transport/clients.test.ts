import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clientsOver } from '../../../../src/adapters/kubernetes/transport/clients.ts';
import { openConnectWorld } from '../watch/connect-world.ts';
import type { ConnectWorld } from '../watch/connect-world.ts';

let world: ConnectWorld;
beforeAll(async () => {
  world = await openConnectWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const change = { name: 'web', namespace: 'shop', body: {} };

test('a typed client calls the server of the kubeconfig, below its path, with its credentials', async () => {
  const transport = await world.connectAs({ token: 'a' }, { server: `${world.server.url}/k8s/clusters/one/` });

  await clientsOver(transport, 60_000).apps.patchNamespacedDeployment(change);

  expect(world.server.seen).toMatchObject([
    {
      method: 'PATCH',
      path: '/k8s/clusters/one/apis/apps/v1/namespaces/shop/deployments/web',
      authorization: 'Bearer a',
    },
  ]);
});

test('a port that is the usual one changes no path', async () => {
  const paths: string[] = [];
  const transport = await world.connectAs({});
  const answer: typeof transport.answer = ({ path }) => {
    paths.push(path);
    return Promise.resolve({ body: {}, headers: {} });
  };

  await clientsOver({ ...transport, server: 'https://10.96.0.1:443', answer }, 60_000).core.patchNamespacedPodResize(
    change,
  );

  expect(paths).toEqual(['/api/v1/namespaces/shop/pods/web/resize']);
});

test.each<[string, string, number, string, object]>([
  [
    'a refusal',
    'cluster-forbidden',
    403,
    '{"kind":"Status","message":"no right"}',
    { retry: 'never', message: expect.stringContaining('no right') },
  ],
  ['a busy server', 'cluster-busy', 429, '{}', { retry: 'backoff' }],
  ['no JSON', 'cluster-answer', 200, '<html>', { retry: 'backoff' }],
])('%s is the same Failure as of any other call', async (_, code, status, body, rest) => {
  world.server.answer = (__, response) => void response.writeHead(status).end(body);
  const { core } = clientsOver(await world.connectAs({}), 60_000);

  await expect(core.patchNamespacedPodResize(change)).rejects.toMatchObject({ code, ...rest });
});

test('an answer that does not come in time is one too', async () => {
  world.server.answer = () => undefined;
  const { core } = clientsOver(await world.connectAs({}), 100);

  await expect(core.patchNamespacedPodResize(change)).rejects.toMatchObject({ code: 'cluster-slow', retry: 'backoff' });
});
