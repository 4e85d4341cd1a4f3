import { expect, test } from 'vitest';
import type { Incident } from '../../../../src/core/incident/incident.ts';
import { type Concern, concernOf, handoffOf, nextKillAt } from '../../../../src/core/talk/answers/handoff.ts';
import { aLoaded, anIncident, aRemediation, killedAt } from '../../../fixtures/incidents.ts';

const pullRequest = { number: 7, url: 'https://github.com/a/b/pull/7', merged: null };
const promise = { at: 5, by: 'runs' as const, madeAt: 1, remindedAt: null, kept: null };
const silence = { scope: 'incident' as const, by: 'UAMIRA', at: killedAt, until: killedAt + 60_000 };

const rows: readonly (readonly [string, Partial<Incident>, Concern])[] = [
  ['that nobody touched', {}, 'nobody'],
  ['with a proposal', { remediations: [aRemediation('proposed')] }, 'nobody'],
  ['that somebody acknowledged', { acknowledged: { by: 'UAMIRA', at: killedAt } }, 'taken'],
  ['that waits for an approval', { remediations: [aRemediation('requested')] }, 'asked'],
  ['that was approved', { remediations: [aRemediation('approved')] }, 'under-way'],
  ['whose pull request is open', { remediations: [{ ...aRemediation('applying'), pullRequest }] }, 'merge'],
  ['whose change is watched', { remediations: [aRemediation('verifying')] }, 'watched'],
  ['that held so far', { remediations: [aRemediation('held-so-far')] }, 'watched'],
  ['with bought time', { remediations: [{ ...aRemediation('bought-time'), promise }] }, 'bought'],
  ['that held', { remediations: [aRemediation('held')] }, 'done'],
  ['that is silenced', { silence }, 'silent'],
  ['whose silence is over', { silence: { ...silence, until: killedAt } }, 'nobody'],
];

test.each(rows)('an incident %s', (_, changes, concern) => {
  expect(concernOf(anIncident(changes), killedAt)).toBe(concern);
});

test('the worst come first, and of those the oldest', () => {
  const impact = (severity: 'critical' | 'high' | 'low'): Incident['impact'] => ({
    pods: null,
    restarts: null,
    unserved: null,
    qosClass: null,
    priorityClass: null,
    at: 0,
    severity,
    owner: null,
    deployed: null,
    links: [],
    notifyAt: null,
  });
  const open = [
    aLoaded({ id: 'INC-LOW1', impact: impact('low') }),
    aLoaded({ id: 'INC-NEW1', impact: impact('critical'), openedAt: 2 }),
    aLoaded({ id: 'INC-NONE' }),
    aLoaded({ id: 'INC-HIGH', impact: impact('high') }),
    aLoaded({ id: 'INC-OLD1', impact: impact('critical'), openedAt: 1 }),
  ];

  const ids = handoffOf(open, killedAt)
    .get('nobody')
    ?.map(({ incident }) => incident.id);

  expect(ids).toEqual(['INC-OLD1', 'INC-NEW1', 'INC-HIGH', 'INC-NONE', 'INC-LOW1']);
});

test('the next kill is the one that was promised', () => {
  expect(nextKillAt(anIncident({ remediations: [{ ...aRemediation('bought-time'), promise }] }))).toBe(5);
  expect(nextKillAt(anIncident())).toBeNull();
});
