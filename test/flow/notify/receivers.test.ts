import { expect, onTestFinished, test } from 'vitest';
import { startAlertmanager } from '../../../sandbox/alertmanager/start-alertmanager.ts';
import { startPagerduty, type Pagerduty } from '../../../sandbox/pagerduty/start-pagerduty.ts';
import { createAlertmanager } from '../../../src/adapters/alertmanager/alertmanager.ts';
import { createPagerduty } from '../../../src/adapters/pagerduty/pagerduty.ts';
import { Failure } from '../../../src/core/failure.ts';
import { alarmOf } from '../../../src/core/notify/alarm.ts';
import type { Alarm } from '../../../src/core/notify/alarm.ts';
import type { Receiver } from '../../../src/flow/notify/needs.ts';
import { aKill, aLoaded, anExplanation } from '../../fixtures/incidents.ts';
import { startAnswering } from '../prometheus/answering-server.ts';

/* What is sent, on the wire, and what is made of each answer. */

const clock = { now: Date.now };

function anAlarm(changes: Partial<Alarm> = {}): Alarm {
  const now = Date.now();
  const told = { failures: 0, failingSince: null, retryAt: null, gaveUp: false, sure: false, before: null };
  const loaded = aLoaded({ explained: anExplanation() });
  return {
    ...alarmOf(loaded, { ...told, state: 'firing', severity: 'high', since: now, sentAt: now }, null),
    ...changes,
  };
}

async function openPagerduty(): Promise<{ readonly pagerduty: Pagerduty; readonly receiver: Receiver }> {
  const complaints: string[] = [];
  const pagerduty = await startPagerduty({ clock, log: (line) => complaints.push(line) });
  onTestFinished(async () => {
    await pagerduty.close();
    expect(complaints).toEqual([]);
  });
  const { apiUrl, routingKey } = pagerduty;
  return { pagerduty, receiver: createPagerduty({ apiUrl, routingKey, timeoutMs: 60_000 }) };
}

const failureOf = async (sending: Promise<void>): Promise<Failure | null> =>
  sending.then(() => null).catch((error: unknown) => (error instanceof Failure ? error : null));

test('PagerDuty takes each of the three events, and one key is one alert', async () => {
  const { pagerduty, receiver } = await openPagerduty();

  for (const state of ['firing', 'firing', 'acknowledged', 'resolved', 'firing'] as const)
    await receiver.send(anAlarm({ state }));

  expect(pagerduty.answers()).toEqual([202, 202, 202, 202, 202]);
  expect(pagerduty.alerts()).toMatchObject([{ key: 'oomkeeper:prod:INC-7F3K', status: 'triggered', opened: 2 }]);
});

test.each([
  ['critical', 'critical'],
  ['high', 'error'],
  ['low', 'warning'],
] as const)('what is %s is %s to PagerDuty', async (severity, said) => {
  const { pagerduty, receiver } = await openPagerduty();

  await receiver.send(anAlarm({ severity }));

  expect(pagerduty.alerts()[0]?.payload['severity']).toBe(said);
});

test('what is longer than PagerDuty takes is cut, between characters', async () => {
  const { pagerduty, receiver } = await openPagerduty();
  const name = `${'\u{1F4A5}'.repeat(126)}x`;
  const { subject } = aKill({ subject: { ...aKill().subject, workload: { kind: 'Deployment', name } } });

  await receiver.send(anAlarm({ summary: '\u{1F4A5}'.repeat(3_000), subject, key: 'k'.repeat(300) }));

  expect(pagerduty.answers()).toEqual([202]);
  expect(String(pagerduty.alerts()[0]?.payload['summary']).isWellFormed()).toBe(true);
});

test('a wrong key is wrong for everything, and the answer does not tell the key', async () => {
  const { pagerduty, receiver } = await openPagerduty();
  const key = pagerduty.routingKey;
  pagerduty.changeKey('f'.repeat(32));

  const failure = await failureOf(receiver.send(anAlarm()));

  expect(failure).toMatchObject({ code: 'receiver-refused', retry: 'never' });
  expect(failure?.message).toContain('Invalid routing key');
  expect(failure?.message).not.toContain(key);
});

test.each([
  [429, { code: 'receiver-busy', retry: { afterMs: 60_000 } }],
  [500, { code: 'receiver-unreachable', retry: 'backoff' }],
  [503, { code: 'receiver-unreachable', retry: 'backoff' }],
  ['hang', { code: 'receiver-unreachable', retry: 'backoff' }],
] as const)('after %s of PagerDuty it is tried again', async (fault, expected) => {
  const { pagerduty, receiver } = await openPagerduty();
  pagerduty.fail(fault, 1);

  expect(await failureOf(receiver.send(anAlarm()))).toMatchObject(expected);
  expect(await failureOf(receiver.send(anAlarm()))).toBe(null);
});

test('nobody there is no refusal', async () => {
  const server = await startAnswering({ status: 200, body: '' });
  await server.close();
  const receiver = createPagerduty({
    apiUrl: `http://127.0.0.1:${server.port}`,
    routingKey: 'a'.repeat(32),
    timeoutMs: 1_000,
  });

  expect(await failureOf(receiver.send(anAlarm()))).toMatchObject({ code: 'receiver-unreachable', retry: 'backoff' });
});

test.each([
  ['a login in the URL', (url: string) => url.replace('//', '//me:hunter%202@'), null, `Basic ${btoa('me:hunter 2')}`],
  ['a token', (url: string) => `${url}/`, 'a-long-token', 'Bearer a-long-token'],
])('Alertmanager lets in %s, and nobody without it', async (_, withLogin, token, authorization) => {
  const alertmanager = await startAlertmanager({ clock, authorization });
  onTestFinished(alertmanager.close);
  const right = createAlertmanager({ url: withLogin(alertmanager.url), token, place: 0, timeoutMs: 60_000 });
  const wrong = createAlertmanager({ url: alertmanager.url, token: null, place: 0, timeoutMs: 60_000 });

  expect(await failureOf(right.send(anAlarm()))).toBe(null);
  const failure = await failureOf(wrong.send(anAlarm()));

  expect(alertmanager.firing()).toHaveLength(1);
  expect(failure).toMatchObject({ code: 'receiver-refused', retry: 'never' });
  expect(right.configuration).not.toBe(wrong.configuration);
});
