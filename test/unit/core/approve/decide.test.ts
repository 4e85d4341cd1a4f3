import { expect, test } from 'vitest';
import { decide } from '../../../../src/core/approve/decide.ts';
import type { Policy } from '../../../../src/core/approve/decide.ts';
import type { Incident, Request } from '../../../../src/core/incident/incident.ts';
import { aLoaded, aPlan, aRemediation, killedAt } from '../../adapters/slack/loaded.ts';

const act: Policy = { mode: 'act', approvers: ['UAMIRA'] };
const proposed = aLoaded({ remediations: [aRemediation('proposed')] }).incident;
const requested = aLoaded({ remediations: [aRemediation('requested')] }).incident;
const approved = aLoaded({
  remediations: [aRemediation('applying', { approved: { by: 'UAMIRA', at: killedAt } })],
}).incident;
const closed: Incident = { ...proposed, state: { is: 'closed', outcome: 'quiet', at: killedAt } };

function ask(action: Request['action'], by: string, plan: string | null = aPlan().id): Request {
  return { id: 'r1', incident: 'INC-7F3K', action, plan, by, at: killedAt };
}

const table: readonly [string, Request, Incident, Policy, string][] = [
  ['an approver who applies has approved', ask('apply', 'UAMIRA'), proposed, act, 'approved'],
  ['an approver approves what somebody asked for', ask('approve', 'UAMIRA'), requested, act, 'approved'],
  ['an approver rejects', ask('reject', 'UAMIRA'), requested, act, 'rejected'],
  ['anybody may ask', ask('apply', 'USAM'), proposed, act, 'requested'],
  ['asking twice changes nothing', ask('apply', 'USAM'), requested, act, 'already-requested'],
  ['somebody else may not approve', ask('approve', 'USAM'), requested, act, 'may-not-approve'],
  ['somebody else may not reject', ask('reject', 'USAM'), requested, act, 'may-not-approve'],
  ['without approvers nobody may', ask('apply', 'USAM'), proposed, { mode: 'act', approvers: [] }, 'no-approvers'],
  [
    'in observe mode an approver may not either',
    ask('apply', 'UAMIRA'),
    proposed,
    { ...act, mode: 'observe' },
    'observe-only',
  ],
  ['a replaced plan is not carried out', ask('apply', 'UAMIRA', 'PLAN-OLDER1'), proposed, act, 'no-such-plan'],
  ['a plan is approved once', ask('approve', 'UAMIRA'), approved, act, 'already-decided'],
  ['anybody may acknowledge', ask('acknowledge', 'USAM', null), proposed, act, 'acknowledged'],
  ['nothing happens to a closed incident', ask('apply', 'UAMIRA'), closed, act, 'incident-closed'],
];

test.each(table)('%s', (_, request, incident, policy, expected) => {
  const decision = decide(request, incident, policy);

  expect(decision.is === 'refused' ? decision.reason : decision.is).toBe(expected);
});

test('of many approvers five are named and the others counted', () => {
  const approvers = ['UA1', 'UB2', 'UC3', 'UD4', 'UE5', 'UF6', 'UG7'];

  const decision = decide(ask('approve', 'USAM'), requested, { mode: 'act', approvers });

  expect(decision).toMatchObject({
    text: 'You may not decide about this change; {0}, {1}, {2}, {3}, {4} or 2 others can. Nothing was done.',
    people: approvers.slice(0, 5),
  });
});

test('every refusal says something and names only people by placeholder', () => {
  for (const [, request, incident, policy] of table) {
    const decision = decide(request, incident, policy);
    if (decision.is !== 'refused') continue;
    const placeholders = [...decision.text.matchAll(/\{(\d+)\}/g)].map((match) => Number(match[1]));

    expect(decision.text).toMatch(/\S{3,}/);
    expect(placeholders.every((index) => decision.people[index] !== undefined)).toBe(true);
  }
});
