import { expect, test } from 'vitest';
import type { Incident, Loaded } from '../../../../src/core/incident/incident.ts';
import { failedOnce, nextSend, refused, taken } from '../../../../src/core/notify/next-send.ts';
import type { SendOptions } from '../../../../src/core/notify/next-send.ts';
import type { Told } from '../../../../src/core/notify/told.ts';
import type { Warning } from '../../../../src/core/incident/warning.ts';
import { aKill, aLoaded, anExplanation, anImpact, aRemediation, killedAt } from '../../../fixtures/incidents.ts';

const minuteMs = 60_000;
const now = killedAt + 20_000;
const pagerduty: SendOptions = { from: 'high', takesAcknowledged: true, everyMs: null, now };
const alertmanager: SendOptions = { ...pagerduty, takesAcknowledged: false, everyMs: minuteMs };

const explained = (changes: Partial<Incident> = {}): Loaded => aLoaded({ explained: anExplanation(), ...changes });
const closed = explained({ state: { is: 'closed', outcome: 'quiet', at: now } });
const held = aRemediation('held', { applied: { at: killedAt + 10_000, seen: '' } });
const ack = { by: 'U1', at: now - 1_000 };
const told = (changes: Partial<Told> = {}): Told => ({
  state: 'firing',
  severity: 'high',
  before: null,
  since: killedAt + 5_000,
  sentAt: now - 5_000,
  sure: true,
  failures: 0,
  failingSince: null,
  retryAt: null,
  gaveUp: false,
  ...changes,
});
const onCourse: Warning = {
  at: killedAt,
  of: { is: 'on-course', reachesAt: killedAt + minuteMs, bytesPerSecond: 1, usedBytes: 1 },
  calm: null,
};
const silence = { scope: 'incident' as const, by: 'U1', at: now - 1, until: now + minuteMs };

test.each<[string, Loaded, Told | null, SendOptions, object]>([
  ['an incident that is explained fires', explained(), null, pagerduty, { told: { state: 'firing', since: now } }],
  ['a test fires nowhere', explained({ trigger: aKill({ test: '' }) }), null, pagerduty, { why: 'test' }],
  ['one that was just announced waits for its severity', aLoaded(), null, pagerduty, { why: 'unknown' }],
  [
    'one that nobody explains fires after a minute',
    aLoaded(),
    null,
    { ...pagerduty, now: killedAt + 2 * minuteMs },
    { told: { state: 'firing', severity: 'high' } },
  ],
  ['policy may want worse ones only', explained(), null, { ...pagerduty, from: 'critical' }, { why: 'below' }],
  [
    'what the cluster shows is how bad it is',
    explained({ impact: anImpact({ severity: 'critical' }) }),
    null,
    { ...pagerduty, from: 'critical' },
    { told: { state: 'firing', severity: 'critical' } },
  ],
  ['and how bad it is not', explained({ impact: anImpact({ severity: 'low' }) }), null, pagerduty, { why: 'below' }],
  ['policy may want none', explained(), null, { ...pagerduty, from: 'never' }, { why: 'below' }],
  ['a silenced one waits', explained({ silence }), null, pagerduty, { why: 'silenced', until: silence.until }],
  ['one that somebody took wakes nobody', explained({ acknowledged: ack }), null, pagerduty, { why: 'acknowledged' }],
  [
    'a kill of long ago wakes nobody',
    explained(),
    null,
    { ...pagerduty, now: killedAt + 61 * minuteMs },
    { why: 'old' },
  ],
  ['what is over is not told of', closed, null, pagerduty, { why: 'over' }],
  ['what fires is not sent twice', explained(), told(), pagerduty, { why: 'told', until: null }],
  [
    'who forgets is told again',
    explained(),
    told({ sentAt: now - minuteMs }),
    alertmanager,
    { told: { state: 'firing', since: killedAt + 5_000, sentAt: now } },
  ],
  ['but not before', explained(), told(), alertmanager, { why: 'told', until: now - 5_000 + minuteMs }],
  [
    'an acknowledgement follows',
    explained({ acknowledged: ack }),
    told(),
    pagerduty,
    { told: { state: 'acknowledged' } },
  ],
  ['not where it is not taken', explained({ acknowledged: ack }), told(), alertmanager, { why: 'told' }],
  [
    'an acknowledgement of before it fired does not count',
    explained({ acknowledged: { by: 'U1', at: killedAt } }),
    told(),
    pagerduty,
    { why: 'told' },
  ],
  ['what is closed is resolved', closed, told(), pagerduty, { told: { state: 'resolved' } }],
  [
    'so is what may have arrived',
    closed,
    told({ sure: false, failures: 3 }),
    pagerduty,
    { told: { state: 'resolved' } },
  ],
  [
    'a fix that held resolves it',
    explained({ remediations: [held] }),
    told(),
    pagerduty,
    { told: { state: 'resolved' } },
  ],
  [
    'not one that bought time',
    explained({ remediations: [{ ...held, state: 'bought-time' }] }),
    told(),
    pagerduty,
    { why: 'told' },
  ],
  ['once', closed, told({ state: 'resolved' }), pagerduty, { why: 'told', until: null }],
  [
    'another kill after that fires anew',
    explained({ remediations: [{ ...held, applied: { at: killedAt - minuteMs, seen: '' } }] }),
    told({ state: 'resolved' }),
    pagerduty,
    { told: { state: 'firing', since: now, sure: false } },
  ],
  [
    'what failed waits',
    explained(),
    told({ sure: false, retryAt: now + 1 }),
    pagerduty,
    { why: 'failed', until: now + 1 },
  ],
  ['and is tried again', explained(), told({ sure: false, retryAt: now }), pagerduty, { do: 'send' }],
  ['something new does not wait', closed, told({ sure: false, retryAt: now + 1 }), pagerduty, { do: 'send' }],
  ['what was given up stays so', explained(), told({ gaveUp: true }), alertmanager, { why: 'gave-up', until: null }],
  [
    'a severity does not fall while it fires',
    explained(),
    told({ severity: 'critical' }),
    pagerduty,
    { why: 'told', until: null },
  ],
  [
    'one that becomes worse is told, with what it was',
    explained(),
    told({ severity: 'low' }),
    alertmanager,
    { told: { state: 'firing', severity: 'high', before: 'low', since: killedAt + 5_000 } },
  ],
])('%s', (_, loaded, before, options, expected) => {
  expect(nextSend(loaded, before, options)).toMatchObject(expected);
});

test('nobody is woken by what was only predicted', () => {
  expect(
    nextSend(explained({ trigger: { ...aKill(), kind: 'ahead', warning: onCourse } }), null, pagerduty),
  ).toMatchObject({ why: 'ahead' });
});

test('pauses double up to five minutes, a receiver may ask for longer, and after a day it is given up', () => {
  const pauses: number[] = [];
  let one = told({ sure: false });
  let at = now;
  while (!one.gaveUp) {
    one = failedOnce(one, at, null);
    pauses.push((one.retryAt ?? 0) - at);
    at = one.retryAt ?? 0;
  }

  expect(pauses.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1000));
  expect(at - now).toBeGreaterThan(24 * 60 * minuteMs);
  expect(failedOnce(told(), now, 400_000).retryAt).toBe(now + 400_000);
});

test('what was taken is certain, and what was refused is not tried again', () => {
  const failed = failedOnce(told({ sure: false, before: 'low' }), now, null);

  expect(taken(failed)).toMatchObject({ sure: true, before: null, failures: 0, retryAt: null, failingSince: null });
  expect(refused(failed).gaveUp).toBe(true);
});
