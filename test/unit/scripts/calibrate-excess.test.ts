import { expect, test } from 'vitest';
import { excessModule, fitExcess } from '../../../scripts/calibrate/excess.ts';
import type { ExcessGroup } from '../../../src/core/recommend/size/excess.ts';

function need(group: ExcessGroup, peakBytes: number, limitBytes = 100) {
  return { group, peakBytes, limitBytes };
}

test('each group has the mean of how far its needs went beyond the limit', () => {
  const needs = [need('start', 130), need('start', 300, 200), need('peaks', 104)];

  expect(fitExcess(needs)).toEqual({ peaks: { traces: 1, mean: 0.04 }, start: { traces: 2, mean: 0.4 } });
});

test('a need that was measured just below the limit went no further', () => {
  expect(fitExcess([need('steady', 99)])).toEqual({ steady: { traces: 1, mean: 0 } });
});

test('where nothing was seen there is no group', () => {
  expect(fitExcess([need('unseen', 150)])).toEqual({});
});

test('the module names each group', () => {
  expect(excessModule({ child: { traces: 13, mean: 0.487 } })).toContain('child: { traces: 13, mean: 0.487 },');
});
