import { expect, test } from 'vitest';
import { maySilence } from '../../../../src/core/approve/may-silence.ts';
import { everythingFor } from '../../../../src/core/approve/policy.ts';
import type { Policy } from '../../../../src/core/approve/policy.ts';
import { silenceRuleSchema, type SilenceRule } from '../../../../src/core/approve/silence-rule.ts';
import { anIncident } from '../../../fixtures/incidents.ts';

const policy = (approvers: readonly string[], silence: readonly SilenceRule[] = []): Policy => ({
  mode: 'act',
  rules: everythingFor(approvers),
  freezes: [],
  silence,
  approvalTtlMs: 1,
  changeTtlMs: 1,
});
const rule = (changes: object): SilenceRule =>
  silenceRuleSchema({ shape: /^[US]/, complaint: 'no id' }).parse({ who: ['UONCALL'], ...changes });
const sam = { by: 'USAM', groups: ['SDEVS'] };

test.each([
  ['an incident', 'incident', policy(['UAMIRA']), true],
  ['a workload without being an approver', 'workload', policy(['UAMIRA']), ['UAMIRA']],
  ['a workload as an approver', 'workload', policy(['USAM']), true],
  ['a workload by a group that approves', 'workload', policy(['SDEVS']), true],
  ['a workload where nobody may approve', 'workload', policy([]), true],
  ['an incident against a rule', 'incident', policy(['USAM'], [rule({})]), ['UONCALL']],
  ['an incident where the rule is about workloads', 'incident', policy([], [rule({ scopes: ['workload'] })]), true],
  [
    'a workload where the rule is about another namespace',
    'workload',
    policy(['USAM'], [rule({ namespaces: ['x'] })]),
    true,
  ],
  ['a workload as the rule says', 'workload', policy(['UAMIRA'], [rule({ who: ['SDEVS'] })]), true],
] as const)('%s', (_, scope, given, expected) => {
  const may = maySilence(given, anIncident(), scope, sam);

  expect(may.may || may.who).toEqual(expected);
});
