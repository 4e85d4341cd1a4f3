import { expect, test } from 'vitest';
import { slackIds } from '../../src/adapters/slack/approver-ids.ts';
import { mayStill } from '../../src/core/approve/may-still.ts';
import type { Asked } from '../../src/core/approve/may-still.ts';
import { policyFileSchema } from '../../src/core/approve/policy.ts';
import type { Policy } from '../../src/core/approve/policy.ts';
import type { Approval, Remediation } from '../../src/core/incident/incident.ts';
import { aLoaded, aPlan, aRemediation, killedAt, Mi } from '../fixtures/incidents.ts';

const minute = 60_000;
const at = killedAt;
const amira: Approval = { by: 'UAMIRA', at, groups: ['SONCALL'] };
const ben: Approval = { by: 'UBEN', at: at + minute, groups: [] };

/** A policy as it stands in the file. */
function policyOf(file: object = { approvals: [{ who: ['UAMIRA'] }] }, changes: Partial<Policy> = {}): Policy {
  const { approvals: rules, freezes } = policyFileSchema(slackIds).parse(file);
  return { mode: 'act', rules, freezes, approvalTtlMs: 60 * minute, changeTtlMs: 15 * minute, ...changes };
}

const freeze = (changes: object = {}): object => ({
  approvals: [{ who: ['UAMIRA'] }],
  freezes: [{ from: '2026-11-24T14:00:00Z', until: '2026-11-24T18:00:00Z', reason: 'launch', ...changes }],
});

function asked(changes: Partial<Asked> & { readonly approvals?: Approval[] } = {}): Asked {
  const { approvals = [amira], ...more } = changes;
  const remediation: Remediation = aRemediation('approved', { approvals, approved: { by: 'UAMIRA', at } });
  const { incident } = aLoaded({ remediations: [remediation] });
  return { incident, remediation, policy: policyOf(), pause: null, before: null, now: at + minute, ...more };
}

const pause = { by: 'UPAT', at, reason: 'release' };
const table: readonly [string, Asked, string][] = [
  ['what was approved a minute ago may be written', asked(), 'yes'],
  [
    'a worker that became observe-only writes nothing',
    asked({ policy: policyOf(undefined, { mode: 'observe' }) }),
    'observe-only',
  ],
  ['one millisecond before its end an approval counts', asked({ now: at + 15 * minute - 1 }), 'yes'],
  ['at its end it does not', asked({ now: at + 15 * minute }), 'expired'],
  ['nor while a pause lasts: it is over, and does not wait', asked({ now: at + 15 * minute, pause }), 'expired'],
  [
    'of two approvals the later one counts',
    asked({
      approvals: [{ ...amira, at: at - 60 * minute }, ben],
      policy: policyOf({ approvals: [{ who: ['UAMIRA', 'UBEN'], secondPerson: true }] }),
    }),
    'yes',
  ],
  ['what nobody has approved is not written', asked({ remediation: aRemediation('applying') }), 'not-approved'],
  ['what an older version has stored counts for its approver', asked({ approvals: [] }), 'yes'],
  [
    'an approver who is named no more',
    asked({ policy: policyOf({ approvals: [{ who: ['UBEN'] }] }) }),
    'approver-may-not',
  ],
  [
    'an approver whose rule is for another namespace by now',
    asked({ policy: policyOf({ approvals: [{ who: ['UAMIRA'], namespaces: ['pay'] }] }) }),
    'approver-may-not',
  ],
  [
    'an approver whose rule is for another cluster by now',
    asked({ policy: policyOf({ approvals: [{ who: ['UAMIRA'], clusters: ['test'] }] }) }),
    'approver-may-not',
  ],
  [
    'an approver whose rule is for pull requests only by now',
    asked({ policy: policyOf({ approvals: [{ who: ['UAMIRA'], means: ['pull-request'] }] }) }),
    'approver-may-not',
  ],
  [
    'an approver whose rule is for roll backs only by now',
    asked({ policy: policyOf({ approvals: [{ who: ['UAMIRA'], kinds: ['roll-back'] }] }) }),
    'approver-may-not',
  ],
  ['an empty policy', asked({ policy: policyOf({}) }), 'approver-may-not'],
  [
    'an approver by a group that they were in',
    asked({ policy: policyOf({ approvals: [{ who: ['SONCALL'] }] }) }),
    'yes',
  ],
  [
    'an approver by a group that they were not in',
    asked({ policy: policyOf({ approvals: [{ who: ['SOTHER'] }] }) }),
    'approver-may-not',
  ],
  ['one of two approvers is named no more', asked({ approvals: [amira, ben] }), 'approver-may-not'],
  [
    'policy wants two by now, and there is one',
    asked({ policy: policyOf({ approvals: [{ who: ['UAMIRA', 'UBEN'], secondPerson: true }] }) }),
    'second-person',
  ],
  [
    'the same person twice is not two',
    asked({
      approvals: [amira, { ...amira, groups: [] }],
      policy: policyOf({ approvals: [{ who: ['UAMIRA', 'UBEN'], secondPerson: true }] }),
    }),
    'second-person',
  ],
  [
    'less is allowed by now',
    asked({ policy: policyOf({ approvals: [{ who: ['UAMIRA'], upTo: '600Mi' }] }) }),
    'too-much',
  ],
  [
    '640Mi is within 1.3x of 512Mi',
    asked({ policy: policyOf({ approvals: [{ who: ['UAMIRA'], upTo: '1.3x' }] }) }),
    'yes',
  ],
  [
    'and not of the 384Mi that it was six days ago',
    asked({ before: { bytes: 384 * Mi, at }, policy: policyOf({ approvals: [{ who: ['UAMIRA'], upTo: '1.3x' }] }) }),
    'too-much',
  ],
  [
    'a size is a size whatever it was',
    asked({ before: { bytes: 384 * Mi, at }, policy: policyOf({ approvals: [{ who: ['UAMIRA'], upTo: '1Gi' }] }) }),
    'yes',
  ],
  [
    'what raises nothing is within every factor',
    asked({
      before: { bytes: 64 * Mi, at },
      remediation: aRemediation('approved', { approvals: [amira], plan: aPlan({ to: aPlan().from }) }),
      policy: policyOf({ approvals: [{ who: ['UAMIRA'], upTo: '1x' }] }),
    }),
    'yes',
  ],
  ['during a pause it waits', asked({ pause }), 'paused'],
  ['during a freeze it waits', asked({ policy: policyOf(freeze()) }), 'frozen'],
  ['a freeze of another namespace is none', asked({ policy: policyOf(freeze({ namespaces: ['pay*'] })) }), 'yes'],
  ['a freeze of another cluster is none', asked({ policy: policyOf(freeze({ clusters: ['test'] })) }), 'yes'],
  ['a freeze that is over is none', asked({ policy: policyOf(freeze({ until: '2026-11-24T14:03:11Z' })) }), 'yes'],
  ['a freeze that is to come is none', asked({ policy: policyOf(freeze({ from: '2026-11-24T14:03:12Z' })) }), 'yes'],
  [
    'a right that was lost is not waited for until a pause ends',
    asked({ pause, policy: policyOf({}) }),
    'approver-may-not',
  ],
];

test.each(table)('%s', (_, question, expected) => {
  const answer = mayStill(question);

  expect(answer.is === 'yes' ? 'yes' : answer.reason).toBe(expected);
});

test('every no is a sentence, and what waits knows until when', () => {
  for (const [, question] of table) {
    const answer = mayStill(question);
    if (answer.is === 'yes') continue;
    expect(answer.why).toMatch(/^\S.{15,}[^.]$/);
    expect(answer.is === 'not-now' ? answer.until : null).toBe(answer.is === 'not-now' ? at + 15 * minute : null);
  }
});
