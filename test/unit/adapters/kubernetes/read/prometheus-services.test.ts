import { expect, test } from 'vitest';
import { rankPrometheusServices } from '../../../../../src/adapters/kubernetes/read/prometheus-services.ts';

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
  ['odd/prometheus', [{ port: 12345 }], ':12345'],
])('%s is a candidate, by its DNS name first', (place, ports, end) => {
  const [namespace, name] = place.split('/');

  expect(rankPrometheusServices([service(place, ports)])).toEqual([
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

  expect(rankPrometheusServices([labelled, service(place, web), service('shop/checkout', web)])).toEqual([]);
});

test('a headless Service has only its name, and IPv6 stands in brackets', () => {
  expect(
    rankPrometheusServices([service('monitoring/prometheus-operated', web, { clusterIP: 'None' })])[0]?.urls,
  ).toEqual(['http://prometheus-operated.monitoring.svc:9090']);
  expect(rankPrometheusServices([service('monitoring/prometheus', web, { clusterIP: 'fd00::7' })])[0]?.urls[1]).toBe(
    'http://[fd00::7]:9090',
  );
});

test('a label tells where the name does not', () => {
  const found = rankPrometheusServices([
    service('monitoring/metrics', web, { labels: { 'app.kubernetes.io/name': 'prometheus' } }),
  ]);

  expect(found.map((one) => one.service)).toEqual(['monitoring/metrics']);
});

test('those that know most come first, and those in unusual places last', () => {
  const found = rankPrometheusServices([
    service('shop/prometheus', web),
    service('monitoring/prometheus-operated', web),
    service('monitoring/thanos-query', [{ name: 'http', port: 9090 }]),
    service('monitoring/prometheus-server', web),
  ]);

  expect(found.map((one) => one.service)).toEqual([
    'monitoring/thanos-query',
    'monitoring/prometheus-operated',
    'monitoring/prometheus-server',
    'shop/prometheus',
  ]);
});

test('hostile or broken Services are passed over, and only the likeliest are tried', () => {
  const broken = [
    {},
    { metadata: { name: 'prometheus' } },
    service('monitoring/prometheus', [{ port: 53, protocol: 'UDP' }]),
  ];
  const many = Array.from({ length: 50 }, (_, at) => service(`tenant-${at}/prometheus`, web));

  expect(rankPrometheusServices(broken)).toEqual([]);
  expect(rankPrometheusServices(many)).toHaveLength(8);
});
