import { expect, test } from 'vitest';
import { slackIds } from '../../../../src/adapters/slack/approver-ids.ts';
import { decide } from '../../../../src/core/approve/decide.ts';
import type { Decidable } from '../../../../src/core/approve/decide.ts';
import { everythingFor, policyFileSchema } from '../../../../src/core/approve/policy.ts';
import type { Policy } from '../../../../src/core/approve/policy.ts';
import type { Incident } from '../../../../src/core/incident/incident.ts';
import { aLoaded, aPlan, aRemediation, killedAt } from '../../../fixtures/incidents.ts';

const act: Policy = {
  mode: 'act',
  rules: everythingFor(['UAMIRA']),
  freezes: [],
  approvalTtlMs: 3_600_000,
  changeTtlMs: 900_000,
};
const paused = { by: 'UPAT', at: killedAt - 60_000, reason: 'release' };
const proposed = aLoaded({ remediations: [aRemediation('proposed')] }).incident;
const requested = aLoaded({ remediations: [aRemediation('requested')] }).incident;
const approved = aLoaded({
  remediations: [aRemediation('applying', { approved: { by: 'UAMIRA', at: killedAt } })],
}).incident;
const undo = aPlan({
  id: 'PLAN-UND0AA',
  follows: { plan: aPlan().id, as: 'undo' },
  from: aPlan().to,
  to: aPlan().from,
});
const watched = aLoaded({
  remediations: [aRemediation('verifying'), aRemediation('proposed', { plan: undo })],
}).incident;
const closed: Incident = { ...proposed, state: { is: 'closed', outcome: 'quiet', at: killedAt } };

function ask(
  action: Decidable['action'],
  by: string,
  plan: string | null = aPlan().id,
  groups: string[] = [],
): Decidable {
  return { id: 'r1', incident: 'INC-7F3K', action, plan, by, at: killedAt, groups, value: null, silence: null };
}

const table: readonly [string, Decidable, Incident, Policy, string][] = [
  ['an approver who applies has approved', ask('apply', 'UAMIRA'), proposed, act, 'approved'],
  ['an approver approves what somebody asked for', ask('approve', 'UAMIRA'), requested, act, 'approved'],
  ['an approver rejects', ask('reject', 'UAMIRA'), requested, act, 'rejected'],
  ['anybody may ask', ask('apply', 'USAM'), proposed, act, 'requested'],
  ['asking twice changes nothing', ask('apply', 'USAM'), requested, act, 'already-requested'],
  ['somebody else may not approve', ask('approve', 'USAM'), requested, act, 'may-not-approve'],
  ['somebody else may not reject', ask('reject', 'USAM'), requested, act, 'may-not-approve'],
  ['without approvers nobody may', ask('apply', 'USAM'), proposed, { ...act, rules: [] }, 'no-approvers'],
  [
    'in observe mode an approver may not either',
    ask('apply', 'UAMIRA'),
    proposed,
    { ...act, mode: 'observe' },
    'observe-only',
  ],
  ['a replaced plan is not carried out', ask('apply', 'UAMIRA', 'PLAN-OLDER1'), proposed, act, 'no-such-plan'],
  ['a plan is approved once', ask('approve', 'UAMIRA'), approved, act, 'already-decided'],
  ['an approver undoes what is being watched', ask('undo', 'UAMIRA', undo.id), watched, act, 'approved'],
  ['anybody else may ask for that', ask('undo', 'USAM', undo.id), watched, act, 'requested'],
  [
    'a cap on raises does not keep anybody from going back',
    ask('undo', 'UAMIRA', undo.id),
    watched,
    { ...act, rules: act.rules.map((rule) => ({ ...rule, upTo: { factor: 1 } })) },
    'approved',
  ],
  [
    'in observe mode nothing is undone',
    ask('undo', 'UAMIRA', undo.id),
    watched,
    { ...act, mode: 'observe' },
    'observe-only',
  ],
  ['anybody may acknowledge', ask('acknowledge', 'USAM', null), proposed, act, 'acknowledged'],
  ['nothing happens to a closed incident', ask('apply', 'UAMIRA'), closed, act, 'incident-closed'],
];

test.each(table)('%s', (_, request, incident, policy, expected) => {
  const decision = decide(request, incident, policy, null);

  expect(decision.is === 'refused' ? decision.reason : decision.is).toBe(expected);
});

test('of many approvers five are named and the others counted', () => {
  const approvers = ['UA1', 'UB2', 'UC3', 'UD4', 'UE5', 'UF6', 'UG7'];

  const decision = decide(ask('approve', 'USAM'), requested, { ...act, rules: everythingFor(approvers) }, null);

  expect(decision).toMatchObject({
    text: 'Only {0}, {1}, {2}, {3}, {4} or 2 others can approve this. Nothing changed.',
    people: approvers.slice(0, 5),
  });
});

test('every refusal says something and names only people by placeholder', () => {
  for (const [, request, incident, policy] of table) {
    const decision = decide(request, incident, policy, null);
    if (decision.is !== 'refused') continue;
    const placeholders = [...decision.text.matchAll(/\{(\d+)\}/g)].map((match) => Number(match[1]));

    expect(decision.text).toMatch(/\S{3,}/);
    expect(placeholders.filter((index) => decision.people[index] === undefined)).toEqual([]);
  }
});

/** A policy of rules as they stand in the file. */
function policyOf(...approvals: readonly object[]): Policy {
  return { ...act, rules: policyFileSchema(slackIds).parse({ approvals }).approvals };
}

const askedBySam = aLoaded({
  remediations: [aRemediation('requested', { requested: { by: 'USAM', at: killedAt } })],
}).incident;
const askedByAmira = aLoaded({
  remediations: [
    aRemediation('requested', {
      requested: { by: 'UAMIRA', at: killedAt },
      approvals: [{ by: 'UAMIRA', at: killedAt, groups: [] }],
      secondPerson: true,
    }),
  ],
}).incident;
const two = policyOf({ who: ['UAMIRA', 'UBEN'], secondPerson: true });

const byPolicy: readonly [string, Decidable, Incident, Policy, string][] = [
  [
    'a rule for another namespace gives no right',
    ask('apply', 'UAMIRA'),
    proposed,
    policyOf({ who: ['UAMIRA'], namespaces: ['pay*'] }),
    'no-approvers',
  ],
  [
    'a namespace by its pattern',
    ask('apply', 'UAMIRA'),
    proposed,
    policyOf({ who: ['UAMIRA'], namespaces: ['sh*'] }),
    'approved',
  ],
  [
    'a rule for another cluster gives no right',
    ask('apply', 'UAMIRA'),
    proposed,
    policyOf({ who: ['UAMIRA'], clusters: ['test'] }),
    'no-approvers',
  ],
  [
    'a rule for another kind gives no right',
    ask('apply', 'UAMIRA'),
    proposed,
    policyOf({ who: ['UAMIRA'], kinds: ['roll-back'] }),
    'no-approvers',
  ],
  [
    'a rule for pull requests does not let the cluster be changed',
    ask('apply', 'UAMIRA'),
    proposed,
    policyOf({ who: ['UAMIRA'], means: ['pull-request'] }),
    'no-approvers',
  ],
  [
    'a member of a user group may',
    ask('apply', 'USAM', aPlan().id, ['SONCALL']),
    proposed,
    policyOf({ who: ['SONCALL'] }),
    'approved',
  ],
  [
    'somebody outside of the group only asks',
    ask('apply', 'USAM', aPlan().id, ['SOTHER']),
    proposed,
    policyOf({ who: ['SONCALL'] }),
    'requested',
  ],
  [
    '512Mi to 640Mi is within 1.5x',
    ask('apply', 'UAMIRA'),
    proposed,
    policyOf({ who: ['UAMIRA'], upTo: '1.5x' }),
    'approved',
  ],
  ['and beyond 1.1x', ask('apply', 'UAMIRA'), proposed, policyOf({ who: ['UAMIRA'], upTo: '1.1x' }), 'too-much'],
  ['and within 1Gi', ask('apply', 'UAMIRA'), proposed, policyOf({ who: ['UAMIRA'], upTo: '1Gi' }), 'approved'],
  ['and beyond 600Mi', ask('apply', 'UAMIRA'), proposed, policyOf({ who: ['UAMIRA'], upTo: '600Mi' }), 'too-much'],
  [
    'whoever may do less asks whoever may do more',
    ask('apply', 'UAMIRA'),
    proposed,
    policyOf({ who: ['UAMIRA'], upTo: '1.1x' }, { who: ['UBEN'] }),
    'requested',
  ],
  ['where policy wants two, an approver is the first', ask('apply', 'UAMIRA'), proposed, two, 'half-approved'],
  ['whoever asked without being one is none of the two', ask('approve', 'UAMIRA'), askedBySam, two, 'half-approved'],
  ['and may not be the second, too', ask('approve', 'UAMIRA'), askedByAmira, two, 'second-person'],
  ['nor by applying it again', ask('apply', 'UAMIRA'), askedByAmira, two, 'second-person'],
  ['but another approver may', ask('approve', 'UBEN'), askedByAmira, two, 'approved'],
  ['and somebody who is none may not', ask('approve', 'USAM'), askedByAmira, two, 'may-not-approve'],
  ['whoever asked may take it back', ask('reject', 'USAM'), askedBySam, act, 'rejected'],
];

test.each(byPolicy)('%s', (_, request, incident, rules, expected) => {
  const decision = decide(request, incident, rules, null);

  expect(decision.is === 'refused' ? decision.reason : decision.is).toBe(expected);
});

test('while changes are paused nothing is approved, and a no still counts', () => {
  expect(decide(ask('apply', 'UAMIRA'), proposed, act, paused)).toMatchObject({ reason: 'paused', people: ['UPAT'] });
  expect(decide(ask('approve', 'UAMIRA'), requested, act, paused)).toMatchObject({ reason: 'paused' });
  expect(decide(ask('reject', 'UAMIRA'), requested, act, paused).is).toBe('rejected');
  expect(decide(ask('acknowledge', 'USAM', null), proposed, act, paused).is).toBe('acknowledged');
});

test('one plan at a time goes on in the cluster, and a pull request beside it', () => {
  const other = aPlan({ id: 'PLAN-OTHER1' });
  const request = aPlan({ id: 'PLAN-FORGE1', means: ['pull-request'] });
  const { incident } = aLoaded({
    remediations: [
      aRemediation('applying'),
      aRemediation('proposed', { plan: other }),
      aRemediation('proposed', { plan: request }),
    ],
  });

  expect(decide(ask('apply', 'UAMIRA', other.id), incident, act, null)).toMatchObject({ reason: 'other-under-way' });
  expect(decide(ask('apply', 'UAMIRA', request.id), incident, act, null).is).toBe('approved');
});

test('a rule says how long a request waits, and who may approve it', () => {
  const rules = policyOf({ who: ['UAMIRA', 'SONCALL'], expires: '90s' });

  expect(decide(ask('apply', 'USAM'), proposed, rules, null)).toMatchObject({
    is: 'requested',
    forMs: 90_000,
    approvers: ['UAMIRA', 'SONCALL'],
  });
});

test('a yes that comes after the time to approve counts no more, a no and one in time still do', () => {
  const waiting = (expiresAt: number): Incident =>
    aLoaded({ remediations: [aRemediation('requested', { expiresAt })] }).incident;

  const late = decide(ask('approve', 'UAMIRA'), waiting(killedAt - 1), act, null);

  expect(late).toMatchObject({ reason: 'already-decided', text: expect.stringContaining('expired') });
  expect(decide(ask('reject', 'UAMIRA'), waiting(killedAt - 1), act, null).is).toBe('rejected');
  expect(decide(ask('approve', 'UAMIRA'), waiting(killedAt + 1), act, null).is).toBe('approved');
});

test('a busy lane names the way out that there is', () => {
  const other = aPlan({ id: 'PLAN-OTHER1' });
  const beside = (state: 'requested' | 'verifying'): Incident =>
    aLoaded({ remediations: [aRemediation(state), aRemediation('proposed', { plan: other })] }).incident;
  const answer = (incident: Incident) => decide(ask('apply', 'UAMIRA', other.id), incident, act, null);

  expect(answer(beside('requested'))).toMatchObject({ text: expect.stringContaining('or reject it') });
  expect(answer(beside('verifying'))).toMatchObject({ text: expect.not.stringContaining('reject') });
});

test('of a pull request that was closed it is not said that it is done', () => {
  const note = 'the pull request was closed without being merged';
  const { incident } = aLoaded({
    remediations: [aRemediation('rejected', { approved: { by: 'UAMIRA', at: killedAt }, note })],
  });

  expect(decide(ask('apply', 'UAMIRA'), incident, act, null)).toMatchObject({
    reason: 'already-decided',
    text: expect.stringContaining(note),
  });
});
