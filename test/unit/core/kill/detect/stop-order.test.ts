import { expect, test } from 'vitest';
import { readStopOrder } from '../../../../../src/core/kill/detect/stop-order.ts';
import { atMs, eventYaml } from '../pod-yaml.ts';

test.each([
  ['Killing', 'Container app failed liveness probe, will be restarted', 'liveness-probe', true],
  ['Killing', 'Container app failed startup probe, will be restarted', 'startup-probe', true],
  ['Killing', 'Stopping container app', 'graceful-stop', true],
  ['Killing', 'Container app resize requires restart', 'resize-restart', true],
  ['Killing', 'Container app definition changed, will be restarted', 'definition-changed', true],
  ['Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500', 'liveness-probe', false],
  ['Unhealthy', 'Startup probe failed: connection refused', 'startup-probe', false],
  ['Unhealthy', '(combined from similar events): Liveness probe failed: timeout', 'liveness-probe', false],
])('%s "%s" is %s', (reason, message, expected, decisive) => {
  const order = readStopOrder(eventYaml(reason, message, 20));

  expect(order).toMatchObject({ container: 'app', reason: expected, decisive, atMs: atMs(20) });
});

test.each([
  ['Unhealthy', 'Readiness probe failed: connection refused'],
  ['Unhealthy', 'Liveness probe errored and resulted in unknown state: rpc error'],
  ['BackOff', 'Back-off restarting failed container app in pod web-1'],
  ['Started', 'Container started'],
])('%s "%s" stops nothing', (reason, message) => {
  expect(readStopOrder(eventYaml(reason, message, 20))).toBeNull();
});

test('an eviction stops every container of the pod', () => {
  const order = readStopOrder(eventYaml('Evicted', 'The node was low on resource: memory.', 20));

  expect(order).toMatchObject({ container: null, reason: 'evicted' });
});

test('without a field path the message names the container', () => {
  const event = eventYaml('Killing', 'Stopping container log-agent', 20);
  event['involvedObject'] = { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'u' };

  expect(readStopOrder(event)).toMatchObject({ container: 'log-agent', podUid: 'u' });
});

test('an Event of events.k8s.io is read too', () => {
  const order = readStopOrder({
    kind: 'Event',
    regarding: { kind: 'Pod', name: 'web-1', uid: 'u', fieldPath: 'spec.initContainers{proxy}' },
    reason: 'Killing',
    note: 'Stopping container proxy',
    eventTime: '2026-11-24T06:10:20.123456Z',
  });

  expect(order).toMatchObject({ podUid: 'u', container: 'proxy', atMs: atMs(20) });
});

test.each([null, 7, {}, { involvedObject: 3 }, { involvedObject: { kind: 'Node', name: 'n' }, lastTimestamp: 'x' }])(
  'no Event: %j',
  (object) => {
    expect(readStopOrder(object)).toBeNull();
  },
);
