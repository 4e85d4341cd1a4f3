import { expect, test } from 'vitest';
import type { Incident } from '../../../../src/core/incident/incident.ts';
import { escalate } from '../../../../src/core/notify/escalate.ts';
import { aKill, aLoaded, anImpact, aRemediation, killedAt } from '../../../fixtures/incidents.ts';
import { complaintsOf, policyOf } from './policy-words.ts';

const minute = 60_000;
const rules = policyOf({
  notify: [
    {
      namespaces: ['shop'],
      levels: [
        { who: ['owner'], after: '1m' },
        { who: ['S0ONCALL', 'owner'], after: '10m' },
        { who: ['U0BOSS'], from: 'high', after: '30m' },
      ],
    },
  ],
}).notify;
const impact = anImpact({ severity: 'critical', owner: { name: 'team-shop', id: 'S0SHOP' } });
const { openedAt } = aLoaded().incident;
const first = { level: 1, people: ['S0SHOP'], at: openedAt + 3 * minute };
const done = { by: 'UAMIRA', at: killedAt };

function at(minutes: number, changes: Partial<Incident> = {}, lastAt = killedAt) {
  const loaded = aLoaded({ impact, ...changes });
  return escalate({ ...loaded, tally: { ...loaded.tally, lastAt } }, rules, openedAt + minutes * minute);
}

test.each([
  ['too early', at(0.5), { is: 'later', because: 'not-yet', at: openedAt + minute }],
  ['the first', at(1), { is: 'due', level: 1, people: ['S0SHOP'] }],
  [
    'the second counts from the first',
    at(12, { notified: [first] }),
    { is: 'later', because: 'not-yet', at: first.at + 10 * minute },
  ],
  ['the second, nobody twice', at(13, { notified: [first] }), { is: 'due', level: 2, people: ['S0ONCALL', 'S0SHOP'] }],
  [
    'all were notified',
    at(999, { notified: [first, { ...first, level: 2 }, { ...first, level: 3 }] }),
    { is: 'nobody', because: 'nobody-left' },
  ],
  [
    'a level for less than that comes first where it is not so bad',
    at(30, { impact: { ...impact, severity: 'high' } }),
    { is: 'due', level: 3, people: ['U0BOSS'] },
  ],
  ['not so bad', at(30, { impact: { ...impact, severity: 'low' } }), { is: 'nobody', because: 'not-so-bad' }],
  ['of a test nobody', at(30, { trigger: aKill({ test: 'me' }) }), { is: 'nobody', because: 'test' }],
  ['not read yet', at(30, { impact: null }), { is: 'nobody', because: 'not-read' }],
  [
    'an owner whom policy does not know cannot be notified',
    at(10, { impact: { ...impact, owner: { name: 'U0EVIL', id: null } } }),
    { is: 'due', level: 2, people: ['S0ONCALL'] },
  ],
  ['acknowledged', at(30, { acknowledged: done }), { is: 'nobody', because: 'acknowledged' }],
  ['closed', at(30, { state: { is: 'closed', outcome: 'quiet', at: killedAt } }), { is: 'nobody', because: 'closed' }],
  [
    'a change was approved',
    at(30, { remediations: [aRemediation('approved')] }),
    { is: 'nobody', because: 'approved' },
  ],
  [
    'a change is proposed',
    at(30, { remediations: [aRemediation('proposed')] }),
    { is: 'due', level: 1, people: ['S0SHOP'] },
  ],
  ['a change failed', at(30, { remediations: [aRemediation('failed')] }), { is: 'due', level: 1, people: ['S0SHOP'] }],
  [
    'a change held',
    at(30, { remediations: [aRemediation('held', { applied: { at: killedAt, seen: '' } })] }),
    { is: 'nobody', because: 'approved' },
  ],
  [
    'it was killed again after a change that held',
    at(30, { remediations: [aRemediation('held', { applied: { at: killedAt, seen: '' } })] }, killedAt + 1),
    { is: 'due', level: 1, people: ['S0SHOP'] },
  ],
  [
    'silenced',
    at(30, { silence: { scope: 'incident', by: 'U1', at: killedAt, until: openedAt + 90 * minute } }),
    { is: 'later', because: 'silenced', at: openedAt + 90 * minute },
  ],
])('%s', (_, decision, expected) => {
  expect(decision).toEqual(expected);
});

test('where no rule fits nobody is notified', () => {
  const subject = { ...aLoaded().incident.subject, namespace: 'payments' };

  expect(at(30, { subject })).toEqual({ is: 'nobody', because: 'no-rule' });
});

test('unless policy says how long, a level waits for a second look', () => {
  const usual = policyOf({ notify: [{ levels: [{ who: ['owner'] }] }] }).notify;
  const atOnce = policyOf({ notify: [{ levels: [{ who: ['owner'], after: '0s' }] }] }).notify;
  const loaded = aLoaded({ impact });

  expect(escalate(loaded, usual, openedAt)).toEqual({ is: 'later', because: 'not-yet', at: openedAt + 2 * minute });
  expect(escalate(loaded, usual, openedAt + 2 * minute)).toMatchObject({ is: 'due', people: ['S0SHOP'] });
  expect(escalate(loaded, atOnce, openedAt)).toMatchObject({ is: 'due', people: ['S0SHOP'] });
});

test('quiet hours put it off, as long as they hold', () => {
  const [rule] = policyOf({
    notify: [
      {
        levels: [{ who: ['owner'], from: 'high', after: '0s' }],
        quietHours: [{ from: '14:00', until: '15:00', timeZone: 'UTC' }],
      },
    ],
  }).notify;
  const loaded = aLoaded({ impact: { ...impact, severity: 'high' } });

  const decide = (now: string) => escalate(loaded, rule === undefined ? [] : [rule], Date.parse(now));

  expect(decide('2026-11-24T14:30:00Z')).toEqual({
    is: 'later',
    because: 'quiet-hours',
    at: Date.parse('2026-11-24T15:00:00Z'),
  });
  expect(decide('2026-11-24T15:00:00Z')).toMatchObject({ is: 'due' });
});

test.each([
  ['nobody', { who: [] }, 'who: names nobody'],
  [
    'a name',
    { who: ['team-shop'] },
    'who.0: must be a Slack user id (U…, W…) or user group id (S…), or the word owner',
  ],
  ['a wait without a unit', { who: ['owner'], after: 10 }, 'after: must be a duration such as 10m, up to 7d'],
  [
    'a severity that is none',
    { who: ['owner'], from: 'urgent' },
    'from: Invalid option: expected one of "critical"|"high"|"low"',
  ],
])('a level of %s is refused', (_, level, complaint) => {
  expect(complaintsOf({ notify: [{ levels: [level] }] })).toEqual([`notify.0.levels.0.${complaint}`]);
});
