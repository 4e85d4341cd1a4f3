import { expect, test } from 'vitest';
import { slackIds } from '../../../../src/adapters/slack/approver-ids.ts';
import { mayTest } from '../../../../src/core/approve/may-test.ts';
import type { MayTest, TestConditions } from '../../../../src/core/approve/may-test.ts';
import { policyFileSchema } from '../../../../src/core/approve/policy.ts';

const now = Date.UTC(2026, 10, 30, 12);
const file = policyFileSchema(slackIds).parse({
  approvals: [
    { who: ['U0AMIRA', 'S0ONCALL'], namespaces: ['try-*'] },
    { who: ['U0LENA'], namespaces: ['shop'] },
  ],
  tests: [
    { clusters: ['prod'], namespaces: ['try-out', 'try-more'], image: 'registry.example.com/busybox:1' },
    { clusters: ['staging'], namespaces: ['elsewhere'] },
  ],
});
const usual: TestConditions = {
  cluster: 'prod',
  policy: {
    mode: 'act',
    rules: file.approvals,
    freezes: [],
    approvalTtlMs: 1,
    changeTtlMs: 1,
  },
  tests: file.tests,
  watched: [],
  pause: null,
  now,
};
const amira = { namespace: null, by: 'U0AMIRA', groups: [] };

function reasonOf(answer: MayTest): string {
  return answer.may ? `${answer.namespace} with ${answer.image}` : answer.reason;
}

test.each<[string, Parameters<typeof mayTest>[0], Partial<TestConditions>, string]>([
  ['an approver, in the first namespace', amira, {}, 'try-out with registry.example.com/busybox:1'],
  [
    'in the one that was named',
    { ...amira, namespace: 'try-more' },
    {},
    'try-more with registry.example.com/busybox:1',
  ],
  [
    'somebody of a group that may approve',
    { ...amira, by: 'U0SAM', groups: ['S0ONCALL'] },
    {},
    'try-out with registry.example.com/busybox:1',
  ],
  ['by default nothing', amira, { tests: [] }, 'nowhere'],
  ['a cluster that policy does not name', amira, { cluster: 'dev' }, 'nowhere'],
  ['only observing', amira, { policy: { ...usual.policy, mode: 'observe' } }, 'observe-only'],
  ['another namespace', { ...amira, namespace: 'shop' }, {}, 'not-there'],
  ['a namespace that is not watched', amira, { watched: ['shop'] }, 'not-watched'],
  ['one that is', amira, { watched: ['try-out'] }, 'try-out with registry.example.com/busybox:1'],
  ['somebody who may approve elsewhere', { ...amira, by: 'U0LENA' }, {}, 'may-not-approve'],
  ['nobody may approve', amira, { policy: { ...usual.policy, rules: [] } }, 'may-not-approve'],
  ['paused', amira, { pause: { by: 'U0LENA', at: now - 60_000, reason: '' } }, 'paused'],
  [
    'frozen',
    amira,
    {
      policy: {
        ...usual.policy,
        freezes: [{ clusters: ['*'], namespaces: ['try-*'], from: now - 1, until: now + 1, reason: 'sale' }],
      },
    },
    'frozen',
  ],
])('%s', (_, person, conditions, wanted) => {
  expect(reasonOf(mayTest(person, { ...usual, ...conditions }))).toBe(wanted);
});

test.each<[Partial<TestConditions>, string | null, RegExp]>([
  [{ policy: { ...usual.policy, mode: 'observe' } }, null, /OOMKEEPER_MODE=act.*oomkeeper try-kill/],
  [{ tests: [] }, null, /Add one to tests: in the policy file.*oomkeeper try-kill/],
  [{}, 'shop', /may be made in try-out or try-more, not in shop/],
  [{ policy: { ...usual.policy, rules: [] } }, null, /policy names none.*Nothing was made/],
  [{ pause: { by: 'U0LENA', at: now, reason: '' } }, null, /paused since .* by \{0\}.*\/oom resume/],
])('a refusal says what to do: %#', (conditions, namespace, words) => {
  const answer = mayTest({ ...amira, namespace }, { ...usual, ...conditions });

  expect(answer).toMatchObject({ may: false, text: expect.stringMatching(words) });
});

test('who may is named, five of them at most', () => {
  const answer = mayTest({ ...amira, by: 'U0SAM' }, usual);

  expect(answer).toMatchObject({
    text: expect.stringContaining('Only {0} or {1} can have a test made in try-out.'),
    people: ['U0AMIRA', 'S0ONCALL'],
  });
});
