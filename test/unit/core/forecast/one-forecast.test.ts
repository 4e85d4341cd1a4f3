import { expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { forecast } from '../../../../src/core/forecast/forecast.ts';
import { topRow } from '../../../../src/core/talk/top.ts';
import { findingsOf, killAt, killedAt, runBefore, Mi, minute, samplesOf } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

/*
 * A warning, a row of `/oom top` and a verdict may be about one run at one moment. What they say of the time that it is
 * at its limit is one number.
 */

const settledMs = 10 * minute;
const noKills = { day: 0, week: 0, atLeast: false, lastAt: null };
const limitBytes = 256 * Mi;

/** A run that began at the last kill, seen for so long. */
function running(usage: Usage, seenMs: number) {
  const kill = killAt(killedAt, 120 * minute);
  const before = runBefore(kill, (age) => 76 + (1.5 * age) / minute, 30_000);
  const now = killedAt + seenMs;
  const samples = samplesOf(usage, killedAt, now, 30_000);
  const run = { ...before, containerId: 'containerd://next', startedAt: killedAt, killedAt: null, samples };
  const points = samples.map(({ t, workingSetBytes }) => ({ t, bytes: workingSetBytes }));
  return { kill, now, points, findings: findingsOf([before, run]), alone: findingsOf([run]) };
}

test.each<[string, Usage, number]>([
  ['as fast as the runs before', (age) => 76 + (1.5 * age) / minute, 60],
  ['twice as fast as the runs before', (age) => 76 + (3 * age) / minute, 40],
  ['half as fast, so that it is hours off', (age) => 76 + (0.75 * age) / minute, 60],
])('a run that grows %s is at its limit at one time, whoever says so', (_, usage, minutes) => {
  const { kill, now, points, findings, alone } = running(usage, minutes * minute);
  const atRisk = { ...kill, kind: 'ahead' as const, containerId: 'containerd://next', seenAt: now };

  const warned = forecast({ startedAt: killedAt, limitBytes, points, stalls: [] }, now, {
    settledMs,
    withinMs: 4 * 60 * minute,
  });
  const { subject } = kill;
  const listed = topRow(subject, [{ pod: kill.pod, startedAt: killedAt, limitBytes, points }], noKills, {
    now,
    settledMs,
  });
  const verdict = diagnose(findings, kill, [kill], now, settledMs);
  const ahead = diagnose(alone, atRisk, [], now, settledMs);

  if (warned.is !== 'on-course') throw new Error(`it is ${warned.is}`);
  expect([now + (listed.fullInMs ?? 0), verdict.nextKillAt, ahead.nextKillAt]).toEqual(
    Array.from({ length: 3 }, () => warned.reachesAt),
  );
  expect(ahead.hypotheses[0]).toMatchObject({
    cause: 'leak',
    sentence: expect.stringContaining('at its limit at about'),
  });
});

test('a run that has shown nothing of its own yet is expected to grow as the runs before', () => {
  const { kill, now, findings } = running((age) => 76 + (1.5 * age) / minute, 5 * minute);

  const { nextKillAt } = diagnose(findings, kill, [kill], now, settledMs);

  expect(Math.abs((nextKillAt ?? 0) - (killedAt + 120 * minute))).toBeLessThan(minute);
});
