import { expect, test } from 'vitest';
import type { ImpactFacts } from '../../../../src/core/notify/impact.ts';
import { severityFor } from '../../../../src/core/notify/severity-table.ts';
import { policyOf } from './policy-words.ts';

const shop = { cluster: 'prod', namespace: 'shop' };
const fine: ImpactFacts = {
  pods: { ready: 3, desired: 3 },
  restarts: { count: 1, overMs: 60_000 },
  unserved: [],
  qosClass: 'Burstable',
  priorityClass: null,
};

test.each<[string, Partial<ImpactFacts>, string]>([
  ['all pods are ready', {}, 'low'],
  ['a Service has no endpoint left', { unserved: ['checkout'] }, 'critical'],
  ['no pod is ready', { pods: { ready: 0, desired: 2 } }, 'critical'],
  ['some pods are ready', { pods: { ready: 1, desired: 2 } }, 'high'],
  ['it is to have no pods', { pods: { ready: 0, desired: 0 } }, 'low'],
  [
    'some are ready, and the system needs it',
    { pods: { ready: 1, desired: 2 }, priorityClass: 'system-node-critical' },
    'critical',
  ],
  ['it restarts again and again', { restarts: { count: 3, overMs: 60_000 } }, 'high'],
  ['it is a Job', { pods: null, restarts: null }, 'low'],
  ['nothing could be read', { pods: null, unserved: null, restarts: null }, 'high'],
  ['nothing could be read but a kill is known', { pods: null, unserved: null }, 'high'],
])('without a table, when %s: %s', (_, changes, severity) => {
  expect(severityFor({ ...fine, ...changes }, shop, policyOf().severity)).toBe(severity);
});

test('the first row of which all is true decides, and a row may say where', () => {
  const { severity } = policyOf({
    severity: [
      { severity: 'low', namespaces: ['dev-*'] },
      { severity: 'critical', priorityClasses: ['gold'], restarts: 2 },
      { severity: 'high', qos: ['BestEffort'] },
    ],
  });

  const of = (changes: Partial<ImpactFacts>, namespace = 'shop') =>
    severityFor({ ...fine, ...changes }, { cluster: 'prod', namespace }, severity);

  expect(of({ priorityClass: 'gold' })).toBe('low');
  expect(of({ priorityClass: 'gold', restarts: { count: 2, overMs: 1 } })).toBe('critical');
  expect(of({ priorityClass: 'gold', restarts: { count: 2, overMs: 1 } }, 'dev-shop')).toBe('low');
  expect(of({ qosClass: 'BestEffort' })).toBe('high');
  expect(of({ pods: { ready: 0, desired: 1 } })).toBe('low');
});
