import { expect, test } from 'vitest';

import { hpaLoad, kedaLoad } from '../../../../../src/adapters/kubernetes/read/read-scaler-load.ts';

const prometheus = (query: unknown) => ({ type: 'prometheus', metadata: { serverAddress: 'http://metrics', query } });
const scaledObject = (...triggers: readonly object[]) => ({ spec: { scaleTargetRef: { name: 'web' }, triggers } });
const queue = 'sum(rate(jobs_added_total{queue="mail"}[2m]))';

test.each([
  ['its query of a Prometheus', [{ type: 'cron', metadata: {} }, prometheus(` ${queue} `)], queue],
  ['the first one', [prometheus(queue), prometheus('up')], queue],
  ['the first one that is not about memory', [prometheus('sum(container_memory_rss)'), prometheus(queue)], queue],
  ['nothing, by memory alone', [prometheus('avg(jvm_memory_used_bytes{area="heap"})')], null],
  ['nothing, by another trigger', [{ type: 'rabbitmq', metadata: { query: queue } }], null],
  ['nothing, by one that is too long', [prometheus('x'.repeat(2_001))], null],
  ['nothing, by what is no text', [prometheus(7), prometheus('  '), { type: 'prometheus' }], null],
])('the load of what KEDA scales is %s', (_, triggers, promql) => {
  expect(kedaLoad(scaledObject(...triggers))).toEqual(promql === null ? null : { promql, by: 'keda' });
});

const hpa = (...metrics: readonly object[]) => ({ metadata: { name: 'web' }, spec: { metrics } });
const cpu = { type: 'Resource', resource: { name: 'cpu' } };
const series = (name: string): string =>
  `max(kube_horizontalpodautoscaler_status_target_metric{namespace="shop",horizontalpodautoscaler="web",metric_name="${name}"})`;

test.each([
  ['a metric of its pods', [cpu, { type: 'Pods', pods: { metric: { name: 'requests' } } }], series('requests')],
  ['one of another object', [{ type: 'Object', object: { metric: { name: 'hits' } } }], series('hits')],
  [
    'one from outside',
    [{ type: 'External', external: { metric: { name: 's0-kafka-mail' } } }],
    series('s0-kafka-mail'),
  ],
  ['one whose name is hostile', [{ type: 'Pods', pods: { metric: { name: 'a"} or b\\' } } }], series('a\\"} or b\\\\')],
  ['nothing, by CPU and memory', [cpu, { type: 'Pods', pods: { metric: { name: 'heap_used' } } }], null],
])('the load of what an HPA scales is %s', (_, metrics, promql) => {
  expect(hpaLoad('shop', hpa(...metrics))).toEqual(promql === null ? null : { promql, by: 'hpa' });
});
