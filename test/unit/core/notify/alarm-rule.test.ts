import { expect, test } from 'vitest';
import { alarmRuleSchema, reaches, thresholdFor } from '../../../../src/core/notify/alarm-rule.ts';
import type { ReceiverKind, Threshold } from '../../../../src/core/notify/alarm-rule.ts';

const rules = [
  { receivers: ['pagerduty'], namespaces: ['pay*'], from: 'low' },
  { receivers: ['pagerduty'], clusters: ['prod'], from: 'critical' },
  { namespaces: ['sandbox'], from: 'never' },
].map((rule) => alarmRuleSchema.parse(rule));

test.each<[ReceiverKind, string, string | null, Threshold]>([
  ['pagerduty', 'prod', 'payments', 'low'],
  ['pagerduty', 'prod', 'shop', 'critical'],
  ['pagerduty', 'test', 'sandbox', 'never'],
  ['pagerduty', 'test', 'shop', 'high'],
  ['pagerduty', 'test', null, 'high'],
  ['alertmanager', 'prod', 'payments', 'low'],
  ['alertmanager', 'prod', 'sandbox', 'never'],
])('%s is told of %s/%s from %s (%#)', (receiver, cluster, namespace, from) => {
  expect(thresholdFor(rules, receiver, { cluster, namespace })).toBe(from);
});

test('what is as bad as the threshold, or worse, reaches it', () => {
  expect(reaches('high', 'high')).toBe(true);
  expect(reaches('critical', 'high')).toBe(true);
  expect(reaches('low', 'high')).toBe(false);
  expect(reaches('critical', 'never')).toBe(false);
});
