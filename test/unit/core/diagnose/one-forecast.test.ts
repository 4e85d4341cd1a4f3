import { expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { forecast, growthIn, usualSettledMs } from '../../../../src/core/forecast/forecast.ts';
import { aboutTime } from '../../../../src/core/talk/words.ts';
import { findingsOf, killAt, killedAt, minute, runBefore } from '../../../fixtures/findings.ts';

test('the warning, the verdict and the next kill name the same time', () => {
  const kill = killAt(killedAt, 60 * minute);
  const warned = { ...kill, kind: 'ahead' as const, seenAt: killedAt };
  const running = { ...runBefore(kill, (age) => 60 + (2 * age) / minute, 15_000), killedAt: null };
  const points = running.samples.map(({ t, workingSetBytes }) => ({ t, bytes: workingSetBytes }));
  const { startedAt, limitBytes } = running;

  const { hypotheses, nextKillAt } = diagnose(findingsOf([running]), warned, [], killedAt);
  const seen = forecast({ startedAt, limitBytes, points, stalls: [] }, killedAt, {
    settledMs: usualSettledMs,
    withinMs: Infinity,
  });

  const growth = growthIn(seen);
  const at = aboutTime(nextKillAt ?? 0, killedAt);
  expect(hypotheses[0]?.cause).toBe('leak');
  expect(hypotheses[0]?.sentence).toContain(at);
  expect(growth === null ? '' : aboutTime(growth.reachesAt, killedAt)).toBe(at);
});
