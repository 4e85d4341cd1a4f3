import { expect, test } from 'vitest';
import { listPrometheusServices, createRanking } from '../../src/adapters/kubernetes/read/prometheus-services.ts';
import { createPrometheusFinder } from '../../src/flow/find-prometheus.ts';
import { heldBytes } from './held-bytes.ts';
import { startHttp, transportTo } from './some-http.ts';

const Mi = 2 ** 20;

function rankPrometheusServices(services: readonly object[], place: 'usual' | 'other') {
  const ranking = createRanking(place);
  for (const one of services) ranking.add({ ...one });
  return ranking.best();
}

const service = (namespace: string, name: string, spec = {}, annotations = {}) => ({
  metadata: { namespace, name, annotations },
  spec: { clusterIP: '10.0.0.7', ports: [{ name: 'web', port: 9090 }], ...spec },
});

test('a Service that is an alias of another host is no candidate', () => {
  const alias = { type: 'ExternalName', externalName: 'metadata.google.internal', clusterIP: undefined };

  for (const place of ['usual', 'other'] as const)
    expect(
      rankPrometheusServices(
        [service('monitoring', 'prometheus', alias), service('tenant', 'prometheus', alias)],
        place,
      ),
    ).toEqual([]);
});

test('thousands of fakes take up eight places, two a namespace, and are not held', async () => {
  const before = await heldBytes();
  const fat = 'x'.repeat(2_000);
  const fakes = Array.from({ length: 5_000 }, (_, at) => at);

  const found = rankPrometheusServices(
    fakes.map((at) => service(`a-tenant-${at % 4}`, `thanos-query-${at}-thanos-query`, {}, { fat: fat + at })),
    'other',
  );

  expect(found).toHaveLength(8);
  expect(new Set(found.map((one) => one.service.split('/')[0])).size).toBe(4);
  expect((await heldBytes()) - before).toBeLessThan(8 * Mi);
});

test('however many Services tenants have, the usual namespaces are listed and asked without them', async () => {
  const asked: string[] = [];
  const url = await startHttp((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    asked.push(pathname);
    // What a tenant could do to the list of all: it never ends.
    if (pathname === '/api/v1/services') return void response.write('{"items":[');
    const items = pathname.includes('/monitoring/') ? [service('monitoring', 'prometheus-server')] : [];
    response.end(JSON.stringify({ metadata: {}, items }));
  });
  const transport = await transportTo(url);
  const probed: string[] = [];
  const finder = createPrometheusFinder({
    wish: { is: 'search' },
    candidates: (place) => listPrometheusServices(transport, place, 50_000),
    probe: async (of) => {
      probed.push(of);
      return { is: 'usable' };
    },
    log: () => undefined,
    now: () => 0,
  });

  await finder.look();

  expect(finder.source()).toMatchObject({ is: 'prometheus', url: 'http://prometheus-server.monitoring.svc:9090' });
  expect(probed).toHaveLength(1);
  expect(asked).not.toContain('/api/v1/services');
});
