import { expect, test } from 'vitest';
import { answerEntry } from '../../../../src/core/incident/entry.ts';
import type { Entry, Remediation, Request } from '../../../../src/core/incident/incident.ts';
import { type HomeClick, homeNews } from '../../../../src/core/home/home-news.ts';
import { waitsFor } from '../../../../src/core/home/waits-for.ts';
import { bySeverity, worstFirst } from '../../../../src/core/home/worst-first.ts';
import { aLoaded, anImpact, anIncident, aPlan, aRemediation, killedAt } from '../../../fixtures/incidents.ts';

const me = { by: 'UAMIRA', groups: ['S0ONCALL'] };
const approvedByMe = { by: 'UAMIRA', at: killedAt, groups: [] };

test.each<[string, Partial<Remediation>, number]>([
  ['a request that names me', { approvers: ['UAMIRA'] }, 1],
  ['one that names my group', { approvers: ['S0ONCALL'] }, 1],
  ['one that names others', { approvers: ['ULENA', 'S0DEV'] }, 0],
  ['one that I have approved, and that wants a second person', { approvers: ['UAMIRA'], approvals: [approvedByMe] }, 0],
  ['one that was decided', { approvers: ['UAMIRA'], state: 'approved' }, 0],
  ['a proposal that nobody asked for', { approvers: ['UAMIRA'], state: 'proposed' }, 0],
])('of %s waits for me', (_, changes, count) => {
  const remediations = [aRemediation('requested', changes)];

  expect(waitsFor(anIncident({ remediations }), me)).toHaveLength(count);
});

test('of a closed incident nothing waits', () => {
  const remediations = [aRemediation('requested', { approvers: ['UAMIRA'] })];

  expect(waitsFor(anIncident({ remediations, state: { is: 'closed', outcome: 'gone', at: killedAt } }), me)).toEqual(
    [],
  );
});

test('the worst come first, those whose severity nobody knows last, and of the same the newest kill first', () => {
  const one = (id: string, severity: 'critical' | 'high' | 'low' | null, lastAt: number) => {
    const loaded = aLoaded({ id, impact: severity === null ? null : anImpact({ severity }) });
    return { ...loaded, tally: { ...loaded.tally, lastAt } };
  };
  const all = [one('a', null, 9), one('b', 'low', 1), one('c', 'critical', 1), one('d', 'low', 2)];

  expect(worstFirst(all).map(({ incident }) => incident.id)).toEqual(['c', 'd', 'b', 'a']);
  expect(bySeverity(all)).toEqual([
    { severity: 'critical', count: 1 },
    { severity: 'low', count: 2 },
    { severity: null, count: 1 },
  ]);
});

const click: HomeClick = { cluster: 'prod', incident: 'INC-7F3K', plan: aPlan().id, action: 'approve', at: killedAt };
const request: Request = {
  id: 'REQ-1',
  incident: 'INC-7F3K',
  action: 'approve',
  plan: aPlan().id,
  by: 'UAMIRA',
  at: killedAt,
  groups: [],
  value: null,
  silence: null,
};
const answered = answerEntry('UAMIRA', killedAt + 1, 'Only {0} can approve this.', ['ULENA']);
const toOthers = answerEntry('USAM', killedAt + 2, 'Not you.');

const waits = { requests: [request], entries: [] };
const wasAnswered = { requests: [], entries: [answered, toOthers] };
const silent: { readonly requests: readonly Request[]; readonly entries: readonly Entry[] } = {
  requests: [],
  entries: [toOthers],
};

test.each<[string, Pick<HomeClick, 'action'> & { readonly state: Remediation['state'] }, typeof silent, string]>([
  [
    'waits for the worker',
    { action: 'approve', state: 'requested' },
    waits,
    'your approval (limit 640Mi) was recorded',
  ],
  ['was refused', { action: 'approve', state: 'requested' }, wasAnswered, 'Only {0} can approve this.'],
  ['began', { action: 'approve', state: 'applying' }, silent, 'approved limit 640Mi. It is being applied now.'],
  ['was carried out', { action: 'approve', state: 'verifying' }, silent, 'approved limit 640Mi. It was applied'],
  ['rejected it', { action: 'reject', state: 'rejected' }, silent, 'rejected limit 640Mi. Nothing changed.'],
  ['came too late', { action: 'approve', state: 'stale' }, silent, 'PLAN-7F3K2A is out of date'],
])('what became of a click that %s', (_, { action, state }, { requests, entries }, text) => {
  const loaded = { ...aLoaded({ remediations: [aRemediation(state)] }), requests };

  const news = homeNews('UAMIRA', { ...click, action }, loaded, entries);

  expect(news.text).toMatch(/^checkout: /);
  expect(news.text).toContain(text);
});
