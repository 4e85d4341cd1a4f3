import { expect, test } from 'vitest';
import { calibrated, calibratedDiagnosis } from '../../../../src/core/diagnose/calibrated.ts';
import { causes } from '../../../../src/core/diagnose/diagnosis.ts';
import type { Cause } from '../../../../src/core/diagnose/diagnosis.ts';

const hypothesis = (cause: Cause, confidence: number) => ({ cause, confidence, sentence: '', for: [], against: [] });

test.each([...causes, 'no-kill' as const])(
  'the confidence of %s never falls as its rule is surer, and is never certain',
  (cause) => {
    const shares = Array.from({ length: 101 }, (_, index) => calibrated(cause, index / 100));

    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThan(1);
  },
);

test('only the verdict takes the measured confidence, and no other hypothesis is surer than it', () => {
  const raw = { hypotheses: [hypothesis('leak', 0.9), hypothesis('tmpfs', 0.89), hypothesis('inconclusive', 0.1)] };

  const { hypotheses } = calibratedDiagnosis({ ...raw, slopeBytesPerSecond: null, nextKillAt: null }, () => 0.7);

  expect(hypotheses.map(({ confidence }) => confidence)).toEqual([0.7, 0.7, 0.1]);
});
