import { expect, test } from 'vitest';
import type { Cause } from '../../../../src/core/diagnose/diagnosis.ts';
import { commonVerdict, openTo, stormImpact } from '../../../../src/core/incident/storm-outlook.ts';
import { stormMember, type Shared, type StormMember } from '../../../../src/core/incident/storm.ts';
import { commonVerdictWords, stormAdvice, stormImpactWords } from '../../../../src/core/talk/storm-words.ts';
import { aLoaded, anImpact } from '../../../fixtures/incidents.ts';

const member = (changes: Partial<StormMember> = {}): StormMember => ({ ...stormMember(aLoaded(), null), ...changes });
const withVerdicts = (...verdicts: (Cause | null)[]) => verdicts.map((verdict) => member({ verdict }));
const inWorkload = (name: string, container: string) => ({
  ...member().subject,
  workload: { kind: 'Deployment', name },
  container,
});

test.each([
  [withVerdicts(null, null), 'Collecting evidence'],
  [withVerdicts('leak', 'leak', 'overcommit'), 'Most likely: leak (2 of 3)'],
  [withVerdicts('leak', null, null), 'Most likely: leak (1 of 3, 2 not explained yet)'],
  [withVerdicts('overcommit', 'leak'), 'Most likely: leak (1 of 2)'],
])('the verdict that most have (%#)', (members, words) => {
  expect(commonVerdictWords(commonVerdict(members), members.length)).toBe(words);
});

test('impact counts the open ones by severity, and the pods of a workload once', () => {
  const pods = { ready: 1, desired: 3 };
  const members = [
    member({ subject: inWorkload('a', 'app'), severity: 'critical', pods }),
    member({ subject: inWorkload('a', 'side'), severity: 'critical', pods }),
    member({ subject: inWorkload('b', 'app'), severity: 'low', pods: { ready: 2, desired: 2 } }),
    member({ subject: inWorkload('c', 'app'), severity: 'high', pods, open: false }),
    member({ subject: inWorkload('d', 'app') }),
  ];

  expect(stormImpactWords(stormImpact(members))).toBe('2 critical, 1 low · 3 of 5 pods ready');
  expect(stormImpactWords(stormImpact([member()]))).toBe(null);
});

test('what a member knows is what its incident does', () => {
  const loaded = aLoaded({ impact: anImpact({ severity: 'critical' }), acknowledged: { by: 'U1', at: 1 } });

  expect(stormMember(loaded, null)).toMatchObject({
    severity: 'critical',
    pods: { ready: 2, desired: 3 },
    acknowledged: 'U1',
    silencedUntil: null,
    verdict: null,
  });
});

test('a click is about what is open and was not asked for before', () => {
  const members = [
    member({ incident: 'INC-0001' }),
    member({ incident: 'INC-0002', acknowledged: 'U1', silencedUntil: 100 }),
    member({ incident: 'INC-0003', open: false }),
  ];
  const ids = (what: 'acknowledge' | 'silence', now: number) =>
    openTo(members, what, now).map(({ incident }) => incident);

  expect(ids('acknowledge', 50)).toEqual(['INC-0001']);
  expect(ids('silence', 50)).toEqual(['INC-0001']);
  expect(ids('silence', 100)).toEqual(['INC-0001', 'INC-0002']);
});

const node: Shared = { by: 'node', name: 'worker-3', count: 3 };
const rollout: Shared = { by: 'rollout', name: 'shop/checkout revision 7', count: 3 };
const image: Shared = { by: 'image', name: 'shop:1.4', count: 3 };

test.each<[Cause, readonly Shared[], string]>([
  ['node-pressure', [node], 'node worker-3 needs more memory or fewer pods'],
  ['overcommit', [], "Higher limits won't help: the nodes need"],
  ['bad-rollout', [rollout, image], 'Roll back shop/checkout revision 7 once'],
  ['bad-rollout', [image], 'Roll back the image shop:1.4 wherever it runs'],
  ['leak', [image], "Higher limits won't fix a leak"],
  ['limit-too-low', [node], 'Each needs a value of its own'],
  ['inconclusive', [], 'Open one of them'],
])('what to do about all: %s, sharing %j', (cause, shared, words) => {
  expect(stormAdvice({ cause, count: 3, explained: 3 }, shared)).toContain(words);
});

test('while nothing is explained nobody is told what to do', () => {
  expect(stormAdvice(null, [node])).toBe(null);
});
