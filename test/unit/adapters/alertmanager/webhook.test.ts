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
  annotations: { summary: 'memory of checkout is at 92%', runbook_url: 'http://x' },
  startsAt: '2026-11-25T12:00:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus/graph',
  fingerprint: '9f3c1ab2',
};

test('an alert is cut down to what is used of it, whatever else Alertmanager sends', () => {
  expect(readAlerts(body(firing, { newField: true }))?.alerts).toEqual([
    {
      status: 'firing',
      fingerprint: '9f3c1ab2',
      startsAt: '2026-11-25T12:00:00Z',
      name: 'ContainerMemoryHigh',
      summary: 'memory of checkout is at 92%',
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

  const [alert] = readAlerts(body(long))?.alerts ?? [];

  expect(alert?.summary).toHaveLength(1_000);
  expect(alert?.name).toHaveLength(200);
});

test('an alert without a fingerprint gets one from its labels', () => {
  const { fingerprint: _, ...old } = firing;
  const other = { ...old, labels: { ...old.labels, pod: 'checkout-2' } };

  const prints = [old, old, other].map((alert) => readAlerts(body(alert))?.alerts[0]?.fingerprint);

  expect(prints[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(prints[1]).toBe(prints[0]);
  expect(prints[2]).not.toBe(prints[0]);
});

const exporter = { namespace: 'monitoring', pod: 'kube-state-metrics-0', container: 'kube-state-metrics' };

test.each<[string, Record<string, string>, Record<string, string>]>([
  [
    'every label of the metric was renamed',
    { ...exporter, exported_namespace: 'shop', exported_pod: 'checkout-1', exported_container: 'app' },
    { namespace: 'shop', pod: 'checkout-1', container: 'app' },
  ],
  [
    'its metric is about a pod',
    { ...exporter, exported_namespace: 'shop', exported_pod: 'checkout-1' },
    { namespace: 'shop', pod: 'checkout-1' },
  ],
  [
    'its metric is about a workload',
    { ...exporter, exported_namespace: 'shop', deployment: 'checkout' },
    { namespace: 'shop', deployment: 'checkout' },
  ],
  [
    'the exporter is known by its namespace alone',
    { namespace: 'monitoring', exported_namespace: 'shop', pod: 'checkout-1', container: 'app' },
    { namespace: 'shop', pod: 'checkout-1', container: 'app' },
  ],
  ['nothing was renamed', exporter, exporter],
])('an alert is never about the exporter that told: %s', (_, labels, expected) => {
  const read = readAlerts(body({ ...firing, labels: { alertname: 'KubePodOOMKilled', ...labels } }));

  expect(read?.alerts[0]?.labels).toEqual(expected);
});

test.each([
  ['a status that there is not', { ...firing, status: 'pending' }, '9f3c1ab2'],
  ['a label that is a number', { status: 'firing', labels: { alertname: 'Odd', pod: 7 }, startsAt: 'now' }, 'Odd'],
  ['nothing', null, 'number 2 in the list'],
])('an alert with %s is left out and named, and the one before it is heard', (_, odd, name) => {
  const read = readAlerts(JSON.stringify({ version: '4', alerts: [firing, odd] }));

  expect(read?.alerts).toHaveLength(1);
  expect(read?.unreadable).toEqual([name]);
});

test('what Alertmanager kept back is counted', () => {
  expect(readAlerts(body(firing))?.truncated).toBe(0);
  expect(readAlerts(body(firing, { truncatedAlerts: 80 }))?.truncated).toBe(80);
});

test.each([
  ['no JSON', '{'],
  ['another version', body(firing, { version: '3' })],
  ['no alerts', JSON.stringify({ version: '4' })],
  ['an array', '[]'],
])('%s is no webhook', (_, text) => {
  expect(readAlerts(text)).toBeNull();
});

test('an alert of our own that comes back is told apart and not heard', () => {
  const own = { ...firing, labels: { ...firing.labels, alertname: 'OomkeeperIncident' } };

  expect(readAlerts(body(own))).toMatchObject({ alerts: [], own: ['9f3c1ab2'], unreadable: [] });
});
