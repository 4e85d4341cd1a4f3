import { KubeConfig, Metrics } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';

import type { MetricsSource } from '../../../sandbox/kubernetes/cluster/metrics-source.ts';
import { partOf } from './kube-object.ts';
import { send, startTestServer } from './start-server.ts';

const root = '/apis/metrics.k8s.io/v1beta1';
const at = Date.UTC(2026, 10, 24, 11, 59, 45);

const source: MetricsSource = {
  pods: () =>
    [
      { namespace: 'shop', name: 'web-0', labels: { app: 'web' } },
      { namespace: 'shop', name: 'db-0', labels: { app: 'db' } },
      { namespace: 'data', name: 'etl', labels: {} },
    ].map((pod) => ({
      ...pod,
      at,
      windowMs: 15_000,
      containers: [{ name: 'app', usage: { memoryBytes: 123_456 * 1024, cpuNanoCores: 12_345_678 } }],
    })),
  nodes: () => [
    { name: 'node-1', labels: {}, at, windowMs: 15_000, usage: { memoryBytes: 2 ** 30, cpuNanoCores: 250_000_000 } },
  ],
};

async function startMeasured() {
  const world = await startTestServer([], { metrics: source });
  const get = async (path: string): Promise<{ status: number; text: string; body: unknown }> => {
    const { status, text } = await send(world.server, { path });
    return { status, text, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  return { ...world, get };
}

const namesIn = (body: unknown): unknown => {
  const items = partOf(body, 'items');
  return Array.isArray(items) ? items.map((item) => partOf(item, 'metadata', 'name')) : items;
};

describe('the resource metrics API of the simulator', () => {
  test('answers pods as metrics-server does', async () => {
    const { server, get } = await startMeasured();

    const one = await get(`${root}/namespaces/shop/pods/web-0`);
    const all = await get(`${root}/pods`);
    const shop = await get(`${root}/namespaces/shop/pods`);

    expect(one).toMatchObject({
      status: 200,
      body: {
        kind: 'PodMetrics',
        apiVersion: 'metrics.k8s.io/v1beta1',
        metadata: {
          name: 'web-0',
          namespace: 'shop',
          creationTimestamp: '2026-11-24T12:00:00Z',
          labels: { app: 'web' },
        },
        timestamp: '2026-11-24T11:59:45Z',
        window: '15.000s',
        containers: [{ name: 'app', usage: { cpu: '12345678n', memory: '123456Ki' } }],
      },
    });
    expect(all.body).toMatchObject({ kind: 'PodMetricsList', metadata: {} });
    expect(namesIn(all.body)).toEqual(['web-0', 'db-0', 'etl']);
    expect(namesIn(shop.body)).toEqual(['web-0', 'db-0']);
    await server.close();
  });

  test("is read by the vendor's own client", async () => {
    const { server } = await startMeasured();
    const config = new KubeConfig();
    config.loadFromString(server.kubeconfig);

    const { items } = await new Metrics(config).getPodMetrics('shop');

    expect(items.map(({ containers }) => containers.map((each) => each.usage.memory))).toEqual([
      ['123456Ki'],
      ['123456Ki'],
    ]);
    await server.close();
  });

  test('selects by label and refuses a field that metrics have not', async () => {
    const { server, get } = await startMeasured();

    const selected = await get(`${root}/pods?labelSelector=app%3Dweb`);
    const refused = await get(`${root}/pods?fieldSelector=status.phase%3DRunning`);

    expect(namesIn(selected.body)).toEqual(['web-0']);
    expect(refused.status).toBe(400);
    await server.close();
  });

  test('answers nodes', async () => {
    const { server, get } = await startMeasured();

    const one = await get(`${root}/nodes/node-1`);
    const all = await get(`${root}/nodes`);

    expect(one.body).toMatchObject({ kind: 'NodeMetrics', usage: { cpu: '250m', memory: '1Gi' } });
    expect(all.body).toMatchObject({ kind: 'NodeMetricsList' });
    expect(namesIn(all.body)).toEqual(['node-1']);
    await server.close();
  });

  test('knows nothing of a pod that was not measured yet', async () => {
    const { server, get } = await startMeasured();

    const answer = await get(`${root}/namespaces/shop/pods/new`);

    expect(answer).toMatchObject({
      status: 404,
      body: { reason: 'NotFound', message: 'podmetrics.metrics.k8s.io "shop/new" not found' },
    });
    await server.close();
  });

  test('is away or was never installed when told so', async () => {
    const { server, get } = await startMeasured();
    const groups = async (): Promise<boolean> => (await get('/apis')).text.includes('metrics.k8s.io');

    const served = await groups();
    server.setMetrics('unavailable');
    const away = [await get(`${root}/pods`), await get(root)];
    const stillListed = await groups();
    server.setMetrics('absent');
    const absent = [await get(`${root}/pods`), await get(root)];

    expect([served, stillListed, await groups()]).toEqual([true, true, false]);
    expect(away.map(({ status, text }) => [status, text])).toEqual([
      [503, 'service unavailable\n'],
      [503, 'service unavailable\n'],
    ]);
    expect(absent.map(({ status, text }) => [status, text])).toEqual([
      [404, '404 page not found\n'],
      [404, '404 page not found\n'],
    ]);
    await server.close();
  });
});
