import { expect, test } from 'vitest';
import { keepSize } from '../../../../src/core/recommend/keep-size.ts';
import type { Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import { aPlan, Mi } from '../../../fixtures/incidents.ts';

function raiseTo(mebibytes: number): Recommendation {
  const size = mebibytes * Mi;
  return { fix: { kind: 'raise-limit', limitBytes: size, requestBytes: size, holds: 0.9, why: '' }, mitigation: null };
}

test.each([
  ['the same', 640, 640],
  ['a little more', 688, 640],
  ['less', 512, 640],
  ['much more', 768, 768],
  ['much less', 448, 448],
])('with 640Mi proposed and %s wanted (%i Mi), %i Mi is proposed', (_, wanted, expected) => {
  expect(keepSize(raiseTo(wanted), aPlan())).toEqual(raiseTo(expected));
});

test('without a proposal the estimate stands', () => {
  expect(keepSize(raiseTo(656), null)).toEqual(raiseTo(656));
});

test('what buys time is not kept as a fix', () => {
  expect(keepSize(raiseTo(656), aPlan({ purpose: 'mitigation' }))).toEqual(raiseTo(656));
});
