import { expect, test } from 'vitest';

import type { NamespaceFacts } from '../../../../../src/core/evidence/evidence.ts';
import { namespaceLines } from '../../../../../src/core/evidence/namespace/namespace-lines.ts';
import type { Recommendation } from '../../../../../src/core/recommend/recommendation.ts';
import { found, killAt, killedAt, Mi, minute } from '../../../../fixtures/findings.ts';

const kill = killAt(killedAt, 58 * minute, { limitBytes: 256 * Mi, requestBytes: 256 * Mi });
const open: NamespaceFacts = { namespace: 'shop', quotas: [], ranges: [], limitIsDefault: false, pods: 1 };
const quota = (usedMi: number, of: 'limits.memory' | 'requests.memory' = 'limits.memory') => ({
  name: 'team',
  of,
  hardBytes: 4096 * Mi,
  usedBytes: usedMi * Mi,
});
const sizes = { name: 'sizes', maxBytes: 512 * Mi, defaultBytes: 256 * Mi };

function raiseTo(mebibytes: number, more: { readonly whose?: 'pod' } = {}): Recommendation {
  const size = { limitBytes: mebibytes * Mi, requestBytes: mebibytes * Mi };
  return { fix: { kind: 'raise-limit', ...size, holds: 0.9, why: '', ...more }, mitigation: null };
}

function lines(facts: Partial<NamespaceFacts>, proposed: Recommendation | null): readonly string[] {
  const evidence = found({ ...open, ...facts });
  return evidence.found ? namespaceLines(evidence, kill, proposed).map(({ label, text }) => `${label}: ${text}`) : [];
}

test.each([
  ['one pod', { quotas: [quota(3968)] }, 'another 256Mi does not fit'],
  ['all pods of it', { quotas: [quota(3584)], pods: 3 }, 'another 768Mi in 3 pods does not fit'],
])('a quota is told where a raise does not fit: %s', (_, facts, words) => {
  const used = facts.quotas[0]?.usedBytes === 3968 * Mi ? '3968Mi' : '3.5Gi';

  expect(lines(facts, raiseTo(512))).toEqual([`Quota: limits.memory ${used} of 4Gi used in shop (team): ${words}`]);
});

test('of several quotas the one that lacks most is told', () => {
  const facts = { quotas: [quota(3968), { ...quota(4096, 'requests.memory'), name: 'asked' }] };

  expect(lines(facts, raiseTo(512))).toEqual([
    'Quota: requests.memory 4Gi of 4Gi used in shop (asked): another 256Mi does not fit',
  ]);
});

test.each([
  ['it fits', { quotas: [quota(3840)] }, raiseTo(512)],
  ['nothing is raised', { quotas: [quota(4096)], ranges: [sizes] }, null],
  ['it is lowered', { quotas: [quota(4096)] }, raiseTo(128)],
  ['the leak has to be fixed', { quotas: [quota(4096)] }, { fix: { kind: 'fix-leak', why: '' }, mitigation: null }],
  [
    'the pod’s limit is meant, which no range of containers bounds',
    { ranges: [sizes] },
    raiseTo(768, { whose: 'pod' }),
  ],
  ['the range allows it', { ranges: [sizes] }, raiseTo(512)],
] as const)('nothing is told where %s', (_, facts, proposed) => {
  expect(lines(facts, proposed)).toEqual([]);
});

test('the request alone counts where only that is raised', () => {
  const fix = { kind: 'adjust-requests', requestBytes: 512 * Mi, why: '' } as const;
  const facts = { quotas: [quota(4096), quota(4000, 'requests.memory')] };

  expect(lines(facts, { fix, mitigation: null })).toEqual([
    'Quota: requests.memory 4000Mi of 4Gi used in shop (team): another 256Mi does not fit',
  ]);
  expect(lines(facts, { fix: { ...fix, pod: 'shop/other' }, mitigation: null })).toEqual([]);
});

test('a LimitRange is told where it refuses what is proposed', () => {
  expect(lines({ ranges: [sizes] }, raiseTo(768))).toEqual([
    'LimitRange: at most 512Mi for a container in shop (sizes), so 768Mi will be refused',
  ]);
});

test.each([
  ['the pod says so and it still is the default', { ranges: [sizes], limitIsDefault: true }, true],
  ['the pod does not say so', { ranges: [sizes] }, false],
  ['the default is another now', { ranges: [{ ...sizes, defaultBytes: 128 * Mi }], limitIsDefault: true }, false],
])('a limit is said to be chosen by nobody only where %s', (_, facts, is) => {
  expect(lines(facts, null)).toEqual(
    is ? ['LimitRange: nobody chose the limit of 256Mi: it is the default of LimitRange sizes'] : [],
  );
});
