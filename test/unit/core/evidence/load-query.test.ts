import { expect, test } from 'vitest';
import { loadMappingSchema, loadQueryOf } from '../../../../src/core/evidence/load-query.ts';
import { aKill } from '../../../fixtures/incidents.ts';

const { subject } = aKill();
const byPolicy = loadMappingSchema.parse({
  namespace: 'shop',
  workload: 'Deployment/checkout',
  query: 'sum(rate(requests[1m]))',
});

test.each([
  ['the policy', [byPolicy], null, { promql: 'sum(rate(requests[1m]))', by: 'policy' }],
  ['the policy before the annotation', [byPolicy], 'mine', { promql: 'sum(rate(requests[1m]))', by: 'policy' }],
  ['the annotation', [], ' queue_length ', { promql: 'queue_length', by: 'annotation' }],
  ['nobody, of another workload', [{ ...byPolicy, workload: 'Deployment/other' }], null, null],
  ['nobody, of another cluster', [{ ...byPolicy, cluster: 'test' }], null, null],
  ['nobody, by an empty annotation', [], ' ', null],
  ['nobody, by one that is too long', [], 'x'.repeat(2_001), null],
])('load is said by %s', (_, mappings, annotation, expected) => {
  expect(loadQueryOf(mappings, subject, annotation)).toEqual(expected);
});
