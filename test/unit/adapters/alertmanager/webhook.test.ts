import { expect, test } from 'vitest';
import { isAuthorized, readAlerts } from '../../../../src/adapters/alertmanager/webhook.ts';

const secret = 'a-long-secret';
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  ['a bearer token', `Bearer ${secret}`, true],
  ['a bearer token in another case', `bearer ${secret}`, true],
  ['a password of any user', basic(`alertmanager:${secret}`), true],
  ['a password without a user', basic(`:${secret}`), true],
  ['another token', 'Bearer a-long-secreT', false],
  ['a longer token', `Bearer ${secret}1`, false],
  ['another password', basic('alertmanager:secret'), false],
  ['the secret as a user', basic(`${secret}:`), false],
  ['the secret alone', secret, false],
  ['nothing', undefined, false],
  ['an empty token', 'Bearer ', false],
])('%s: let in = %s %s', (_, header, expected) => {
  expect(isAuthorized(header, secret)).toBe(expected);
});

function body(alert: object, changes: object = {}): string {
  return JSON.stringify({ version: '4', groupKey: '{}:{}', status: 'firing', alerts: [alert], ...changes });
}

const firing = {
  status: 'firing',
  labels: { alertname: 'ContainerMemoryHigh', namespace: 'shop', pod: 'checkout-1', severity: 'page' },
  annotations: { summary: 'memory of checkout is at 92 %', runbook_url: 'http://x' },
  startsAt: '2026-11-25T12:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus/graph',
  fingerprint: '9f3c1ab2',
};

test('an alert is cut down to what is used of it, whatever else Alertmanager sends', () => {
  expect(readAlerts(body(firing, { newField: true }))).toEqual([
    {
      status: 'firing',
      fingerprint: '9f3c1ab2',
      startsAt: '2026-11-25T12:00:00Z',
      name: 'ContainerMemoryHigh',
      summary: 'memory of checkout is at 92 %',
      labels: { namespace: 'shop', pod: 'checkout-1' },
    },
  ]);
});

test('texts that are too long are cut, not refused', () => {
  const long = {
    ...firing,
    annotations: { description: 'x'.repeat(50_000) },
    labels: { alertname: 'y'.repeat(9_000) },
  };

  const [alert] = readAlerts(body(long)) ?? [];

  expect(alert?.summary).toHaveLength(1_000);
  expect(alert?.name).toHaveLength(200);
});

test('an alert without a fingerprint gets one from its labels', () => {
  const { fingerprint: _, ...old } = firing;
  const other = { ...old, labels: { ...old.labels, pod: 'checkout-2' } };

  const prints = [old, old, other].map((alert) => readAlerts(body(alert))?.[0]?.fingerprint);

  expect(prints[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(prints[1]).toBe(prints[0]);
  expect(prints[2]).not.toBe(prints[0]);
});

test.each([
  ['no JSON', '{'],
  ['another version', body(firing, { version: '3' })],
  ['no alerts', JSON.stringify({ version: '4' })],
  ['a status that there is not', body({ ...firing, status: 'pending' })],
  ['an array', '[]'],
])('%s is no webhook', (_, text) => {
  expect(readAlerts(text)).toBeNull();
});
