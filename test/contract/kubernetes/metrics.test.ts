import { KubeConfig, Metrics } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { MetricsSource } from '../../../sandbox/kubernetes/cluster/usage.ts';
import { send, startTestServer } from './start-server.ts';

const root = '/apis/metrics.k8s.io/v1beta1';
const at = Date.UTC(2026, 10, 24, 11, 59, 45);

const source: MetricsSource = {
  pods: () =>
    ['shop/web-0', 'shop/db-0', 'data/etl'].map((place) => {
      const [namespace = '', name = ''] = place.split('/');
      const usage = { memoryBytes: 123_456 * 1024, cpuNanoCores: 12_345_678 };
      return { namespace, name, labels: { app: name }, at, windowMs: 15_000, containers: [{ name: 'app', usage }] };
    }),
};

async function startMeasured() {
  const { server } = await startTestServer([], { metrics: source });
  onTestFinished(server.close);
  const get = async (path: string): Promise<[number, string]> => {
    const { status, text } = await send(server, { path });
    return [status, text];
  };
  return { server, get };
}

describe('the resource metrics API of the simulator', () => {
  test('answers pods as metrics-server does', async () => {
    const { get } = await startMeasured();

    const [status, text] = await get(`${root}/pods`);

    const list = JSON.parse(text) as { items: unknown[] };
    expect([status, list.items.length]).toEqual([200, 3]);
    expect({ ...list, items: list.items[0] }).toEqual({
      kind: 'PodMetricsList',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {},
      items: {
        metadata: {
          name: 'web-0',
          namespace: 'shop',
          creationTimestamp: '2026-11-24T12:00:00Z',
          labels: { app: 'web-0' },
        },
        timestamp: '2026-11-24T11:59:45Z',
        window: '15.000s',
        containers: [{ name: 'app', usage: { cpu: '12345678n', memory: '123456Ki' } }],
      },
    });
  });

  test("is read by the vendor's own client, of one namespace", async () => {
    const { server } = await startMeasured();
    const config = new KubeConfig();
    config.loadFromString(server.kubeconfig);

    const { items } = await new Metrics(config).getPodMetrics('shop');

    expect(items.map(({ containers }) => containers.map((each) => each.usage.memory))).toEqual([
      ['123456Ki'],
      ['123456Ki'],
    ]);
  });

  test('is away or was never installed when told so', async () => {
    const { server, get } = await startMeasured();

    server.setMetrics('unavailable');
    const away = [await get(`${root}/pods`), await get(root)];
    server.setMetrics('absent');
    const absent = [await get(`${root}/pods`), await get(root)];

    expect(away).toEqual(away.map(() => [503, 'service unavailable\n']));
    expect(absent).toEqual(absent.map(() => [404, '404 page not found\n']));
  });
});
