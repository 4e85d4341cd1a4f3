import { expect, test } from 'vitest';
import type { Incident, Tally } from '../../../../src/core/incident/incident.ts';
import { transitionAll } from '../../../../src/core/incident/transition.ts';
import { assessment } from '../../../../src/core/notify/assessment.ts';
import type { Impact, ImpactRead } from '../../../../src/core/notify/impact.ts';
import { aKill, aLoaded, killedAt } from '../../../fixtures/incidents.ts';
import { policyOf } from './policy-words.ts';

const minute = 60_000;
const read: ImpactRead = {
  pods: { ready: 0, desired: 2 },
  unserved: ['checkout'],
  qosClass: 'Burstable',
  priorityClass: null,
  young: null,
  owner: 'team-shop',
  deployed: { image: 'shop:1.4', commit: null, writers: [] },
};
const policy = policyOf({
  owners: { names: { 'team-shop': 'S0SHOP' } },
  notify: [{ levels: [{ who: ['owner'] }, { who: ['S0ONCALL'], after: '10m' }] }],
  links: [{ name: 'Runbook', url: 'https://wiki.test/{workload}' }],
});
const unread = { ...read, pods: null, unserved: null };

function killsAt(...minutes: number[]): Partial<Tally> {
  const recent = minutes.map((one) => aKill({ seenAt: killedAt + one * minute }));
  return { count: recent.length, recent, lastAt: killedAt + (minutes.at(-1) ?? 0) * minute };
}

function assessed(
  incident: Partial<Incident>,
  changes: Partial<ImpactRead> = {},
  { at = killedAt + 5 * minute, tally = {}, parts = policy } = {},
) {
  const loaded = aLoaded(incident);
  const all = { ...loaded, tally: { ...loaded.tally, ...tally } };
  const events = assessment(
    all,
    { read: { ...read, ...changes }, rollout: { startedAt: killedAt - 120 * minute, change: null } },
    at,
    parts,
  );
  const after = transitionAll(all.incident, events);
  if (!after.ok) throw new Error(after.refusal);
  return { events: events.map(({ type }) => type), ...after };
}

function impactOf(changes: Partial<ImpactRead> = {}, tally: Partial<Tally> = {}, at = killedAt + 5 * minute): Impact {
  const { impact } = assessed({}, changes, { tally, at }).incident;
  if (impact === null) throw new Error('nothing was read');
  return impact;
}

test('what was read becomes severity, owner, links and what is deployed, and who is due is notified with it', () => {
  const { events, incident, entries } = assessed({});

  expect(events).toEqual(['assessed', 'notified']);
  expect(incident.impact).toMatchObject({
    severity: 'critical',
    owner: { name: 'team-shop', id: 'S0SHOP' },
    links: [{ name: 'Runbook', url: 'https://wiki.test/checkout' }],
    deployed: { at: killedAt - 120 * minute, version: '1.4', by: null },
    notifyAt: killedAt + 15 * minute,
  });
  expect(entries).toMatchObject([
    {
      people: ['S0SHOP'],
      text: '{0}: checkout (prod/shop) is critical: 0 of 2 pods ready, no endpoint left for Service checkout, 1 restart in the last hour. Nobody has acknowledged it yet.',
    },
  ]);
});

test('the next level is told how long nobody has acknowledged it, and nobody is told twice', () => {
  const before = assessed({}).incident;

  const again = assessed(before, {}, { at: killedAt + 14 * minute });
  const later = assessed(before, {}, { at: killedAt + 15 * minute });
  const last = assessed(later.incident, {}, { at: killedAt + 500 * minute });

  expect(again.events).toEqual([]);
  expect(later.entries).toMatchObject([{ people: ['S0ONCALL'] }]);
  expect(later.entries[0]?.text).toMatch(/Nobody has acknowledged it for 15 min\.$/);
  expect(last.entries).toEqual([]);
  expect(last.incident.impact?.notifyAt).toBeNull();
});

test('the same again is no event, whatever the time; a change is one', () => {
  const before = assessed({ acknowledged: { by: 'U1', at: killedAt } }).incident;

  expect(assessed(before, {}, { at: killedAt + 30 * minute }).events).toEqual([]);
  expect(assessed(before, { pods: { ready: 1, desired: 2 } }).events).toEqual(['assessed']);
});

test('what cannot be read any more is as it was, and what never could be is not called low', () => {
  const before = assessed({ acknowledged: { by: 'U1', at: killedAt } }).incident;

  expect(assessed(before, unread).events).toEqual([]);
  expect(impactOf({ ...unread, owner: null })).toMatchObject({ severity: 'high', pods: null, unserved: null });
});

test('an owner whom policy does not know is named as a text that forms no mention of its own', () => {
  const parts = policyOf({ notify: [{ levels: [{ who: ['S0ONCALL'] }] }] });

  const { entries } = assessed({}, { owner: 'U0BOSS {0} <!here>' }, { parts });

  expect(entries).toMatchObject([{ people: ['S0ONCALL'] }]);
  expect(entries[0]?.text).toMatch(/ Owner: U0BOSS 0 <!here>\.$/);
});

test.each<[string, Partial<Tally>, Partial<ImpactRead>, Impact['restarts']]>([
  ['kills of the last hour', killsAt(-90, -30, -10, 0), {}, { count: 3, overMs: 35 * minute }],
  ['a long time ago', killsAt(-90), {}, { count: 0, overMs: 60 * minute }],
  [
    'those between the kills that were seen, and not those before, which may have been days ago',
    { recent: [-30, -10].map((minutes) => aKill({ seenAt: killedAt + minutes * minute, unseenRestarts: 4 })) },
    {},
    { count: 6, overMs: 35 * minute },
  ],
  [
    'what young pods count, where it is more',
    killsAt(-2, 0),
    { young: { restarts: 7, since: killedAt - 20 * minute } },
    { count: 7, overMs: 25 * minute },
  ],
])('restarts: %s', (_, tally, changes, restarts) => {
  expect(impactOf(changes, tally).restarts).toEqual(restarts);
});
