import { expect, test } from 'vitest';
import { createRanking } from '../../../../../src/adapters/kubernetes/read/prometheus-services.ts';

function rankPrometheusServices(services: readonly object[], place: 'usual' | 'other') {
  const ranking = createRanking(place);
  for (const one of services) ranking.add({ ...one });
  return ranking.best();
}

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
}

function service(place: string, ports: readonly Port[], extra: { clusterIP?: string; labels?: object } = {}) {
  const [namespace, name] = place.split('/');
  const { clusterIP = '10.0.0.7', labels = {} } = extra;
  return { metadata: { namespace, name, labels }, spec: { clusterIP, ports } };
}

const web = [{ name: 'web', port: 9090 }];

test.each([
  ['monitoring/prometheus-server', [{ name: 'http', port: 80 }], ':80'],
  ['monitoring/prometheus-k8s', web, ':9090'],
  [
    'monitoring/kube-prometheus-stack-prometheus',
    [
      { name: 'http-web', port: 9090 },
      { name: 'reloader-web', port: 8080 },
    ],
    ':9090',
  ],
  ['monitoring/thanos-query-frontend', [{ name: 'http', port: 9090 }], ':9090'],
  ['monitoring/vmsingle-vm', [{ name: 'http', port: 8429 }], ':8429'],
  ['monitoring/vmselect-vm', [{ name: 'http', port: 8481 }], ':8481/select/0/prometheus'],
  ['mimir/mimir-nginx', [{ name: 'http-metric', port: 80 }], ':80/prometheus'],
  ['prometheus/prometheus', [{ port: 12345 }], ':12345'],
])('%s is a candidate, by its DNS name first', (place, ports, end) => {
  const [namespace, name] = place.split('/');

  expect(rankPrometheusServices([service(place, ports)], 'usual')).toEqual([
    { service: place, urls: [`http://${name}.${namespace}.svc${end}`, `http://10.0.0.7${end}`] },
  ]);
});

test.each([
  ['monitoring/prometheus-alertmanager'],
  ['monitoring/prometheus-node-exporter'],
  ['monitoring/prometheus-pushgateway'],
  ['monitoring/prometheus-operator'],
  ['monitoring/kube-prometheus-stack-kube-state-metrics'],
  ['monitoring/prometheus-adapter'],
])('%s is none, also where a chart gives it the label', (place) => {
  const labelled = service(place, web, { labels: { app: 'prometheus' } });

  expect(rankPrometheusServices([labelled, service(place, web), service('shop/checkout', web)], 'usual')).toEqual([]);
});

test('a headless Service has only its name, and IPv6 stands in brackets', () => {
  expect(
    rankPrometheusServices([service('monitoring/prometheus-operated', web, { clusterIP: 'None' })], 'usual')[0]?.urls,
  ).toEqual(['http://prometheus-operated.monitoring.svc:9090']);
  expect(
    rankPrometheusServices([service('monitoring/prometheus', web, { clusterIP: 'fd00::7' })], 'usual')[0]?.urls[1],
  ).toBe('http://[fd00::7]:9090');
});

test('a label tells where the name does not', () => {
  const labelled = service('monitoring/metrics', web, { labels: { 'app.kubernetes.io/name': 'prometheus' } });
  const found = rankPrometheusServices([labelled], 'usual');

  expect(found.map((one) => one.service)).toEqual(['monitoring/metrics']);
});

test('those that know most come first; those in unusual places are another list', () => {
  const services = [
    service('shop/prometheus', web),
    service('monitoring/prometheus-operated', web),
    service('monitoring/thanos-query', [{ name: 'http', port: 9090 }]),
    service('monitoring/prometheus-server', web),
  ];

  expect(rankPrometheusServices(services, 'usual').map((one) => one.service)).toEqual([
    'monitoring/thanos-query',
    'monitoring/prometheus-operated',
    'monitoring/prometheus-server',
  ]);
  expect(rankPrometheusServices(services, 'other').map((one) => one.service)).toEqual(['shop/prometheus']);
});

test('hostile or broken Services are passed over, and only the likeliest are tried', () => {
  const broken = [
    {},
    { metadata: { name: 'prometheus' } },
    service('monitoring/prometheus', [{ port: 53, protocol: 'UDP' }]),
  ];
  const many = Array.from({ length: 50 }, (_, at) => service(`tenant-${at}/prometheus`, web));

  expect(rankPrometheusServices(broken, 'usual')).toEqual([]);
  expect(rankPrometheusServices(many, 'other')).toHaveLength(8);
});
