import { expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import { holdsAt } from '../../../../src/core/recommend/size/demand.ts';
import type { Demand } from '../../../../src/core/recommend/size/demand.ts';
import { judgeValue, valueBoundsSchema } from '../../../../src/core/recommend/judge-value.ts';
import type { ValueBounds } from '../../../../src/core/recommend/judge-value.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { valueBounds } from '../../../../src/core/recommend/value-bounds.ts';
import { findingsOf, killAt, killedAt, runBefore, Mi, minute, nothingFound } from '../../../fixtures/findings.ts';

const kill = killAt(killedAt, 60 * minute);
const room = { nodeAllocatableBytes: 1024 * Mi, nodeFreeBytes: null, quota: null, limitRange: null };
const memory = { limitBytes: 256 * Mi, requestBytes: 128 * Mi };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'checkout', uid: 'u' };
const workload = { ...target, memory, patchable: true, owner: null };

function boundsOf(findings: Findings): ValueBounds {
  const diagnosis = diagnose(findings, kill, [kill], killedAt);
  const recommendation = recommend(diagnosis, findings, kill, [kill]);
  const inputs = { workload, pods: [], room };
  return valueBoundsSchema.parse(
    valueBounds({ findings, trigger: kill, recent: [kill], diagnosis, recommendation, inputs }),
  );
}

test('the bounds of a value hold what was seen, what is recommended and what there is room for', () => {
  const bounds = boundsOf(findingsOf([runBefore(kill, (age) => (age < 30 * minute ? 240 : 236), 15_000)]));

  expect(bounds).toEqual({
    fromLimitBytes: 256 * Mi,
    lastSampleBytes: 236 * Mi,
    peakBytes: 240 * Mi,
    recommendedBytes: 320 * Mi,
    demand: { is: 'beyond', bytes: 256 * Mi, excess: expect.closeTo(0.125, 2), sure: 1 },
    ...room,
    slopeBytesPerSecond: null,
  });
});

test('the recommended value holds as likely as the recommendation says', () => {
  const findings = findingsOf([runBefore(kill, (age) => 236 + Math.sin(age), 15_000)]);
  const { fix } = recommend(diagnose(findings, kill, [kill], killedAt), findings, kill, [kill]);

  expect(judgeValue('320Mi', boundsOf(findings))).toMatchObject({ holds: 'holds' in fix ? fix.holds : null });
});

test('a leak has a slope and no size that holds', () => {
  const bounds = boundsOf(findingsOf([runBefore(kill, (age) => 76 + (3 * age) / minute, 15_000)]));

  expect(bounds.demand).toBeNull();
  expect(((bounds.slopeBytesPerSecond ?? 0) * 60) / Mi).toBeCloseTo(3, 1);
});

test('without usage nothing was seen', () => {
  expect(boundsOf(nothingFound('unreachable'))).toMatchObject({ lastSampleBytes: null, peakBytes: null });
});

const chances: readonly (readonly [Demand, readonly (readonly [number, number])[]])[] = [
  [
    { is: 'beyond', bytes: 100, excess: 0.3 },
    [
      [100, 0],
      [130, 0.58],
      [200, 0.95],
      [10_000, 0.95],
    ],
  ],
  [
    { is: 'beyond', bytes: 100, excess: 0.3, sure: 0.5 },
    [
      [100, 0],
      [130, 0.29],
      [10_000, 0.48],
    ],
  ],
  [
    { is: 'seen', bytes: 100, headroom: 1.1 },
    [
      [90, 0.1],
      [100, 0.5],
      [110, 0.9],
      [10_000, 0.9],
    ],
  ],
];

test.each(chances)('the chance of %o grows with the size and is never certain', (demand, sizes) => {
  expect(sizes.map(([bytes]) => holdsAt(demand, bytes))).toEqual(sizes.map(([, holds]) => holds));
});
