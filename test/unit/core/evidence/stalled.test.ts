import { expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Findings, UsageSample } from '../../../../src/core/evidence/evidence.ts';
import { stalledBefore, stalledWords } from '../../../../src/core/evidence/stalled.ts';
import { usageLines } from '../../../../src/core/evidence/usage-lines.ts';
import { findingsOf, killAt, killedAt, Mi, minute, runBefore } from '../../../fixtures/findings.ts';

const kill = killAt(killedAt, 58 * minute, { limitBytes: 512 * Mi });

/** Seconds of stalls by seconds before the kill, every 30 s. */
function stalling(secondsAt: (before: number) => number | undefined, more: Partial<UsageSample> = {}): Findings {
  const run = runBefore(kill, () => 200, 30_000);
  const samples = run.samples.map((sample): UsageSample => {
    const stalledSeconds = secondsAt((killedAt - sample.t) / 1000);
    return { ...sample, ...more, ...(stalledSeconds === undefined ? {} : { stalledSeconds }) };
  });
  return findingsOf([{ ...run, samples }]);
}

const lately = (share: number) => (before: number) => 7 + Math.max(0, 400 - before) * share;

test.each([
  ['a third of the time', lately(0.34), 0.34],
  ['hardly ever', lately(0.05), null],
  ['never', () => 7, null],
  ['long ago', (before: number) => Math.min(900, 3000 - before), null],
  ['where it is not measured', () => undefined, null],
  ['where only one reading was taken', (before: number) => (before < 31 ? 90 : undefined), null],
  ['by a counter that fell', (before: number) => before, null],
] as const)('stalled for memory %s', (_, secondsAt, share) => {
  const stalled = stalledBefore(stalling(secondsAt), kill);

  expect(stalled && Math.round(stalled.share * 100) / 100).toBe(share);
});

test('it is one line of evidence', () => {
  const lines = usageLines(stalling(lately(0.34)), kill).filter(({ label }) => label === 'Pressure');

  expect(lines.map(({ text }) => text)).toEqual(['stalled for memory 34% of its last 5 min']);
  expect(stalledWords({ share: 0.5, ms: 90_000 })).toBe('stalled for memory 50% of its last 90 s');
});

test('it speaks against a burst between two samples, and for files that were not taken back in time', () => {
  const sayings = (findings: Findings, cause: string): string => {
    const found = diagnose(findings, kill, [kill], killedAt).hypotheses.find((one) => one.cause === cause);
    return [...(found?.for ?? []), ...(found?.against ?? [])].join(' ');
  };
  const full = { usageBytes: 511 * Mi, cacheBytes: 310 * Mi, rssBytes: 190 * Mi };

  expect(sayings(stalling(lately(0.34)), 'traffic-spike')).toContain('so memory was short before any burst');
  expect(
    sayings(
      stalling(() => 7),
      'traffic-spike',
    ),
  ).not.toContain('stalled');
  expect(sayings(stalling(lately(0.34), full), 'page-cache')).toContain('taking files back was not quick enough');
});

test.each([
  ['above its request', 128, true],
  ['below its request', 256, false],
])('a container %s is said to be slowed down by Memory QoS only there', (_, requestMi, is) => {
  const findings = stalling(() => undefined);
  if (!findings.usage.found) throw new Error('there is usage');
  const usage = { ...findings.usage, value: { ...findings.usage.value, memoryQos: true as const } };

  const lines = usageLines({ ...findings, usage }, { ...kill, requestBytes: requestMi * Mi });

  expect(lines.filter(({ label }) => label === 'Memory QoS').map(({ text }) => text)).toEqual(
    is
      ? ['on (memory.high): between its request of 128Mi and its limit the kernel slows it down, and so its growth']
      : [],
  );
});
