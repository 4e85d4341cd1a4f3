import { expect, test } from 'vitest';
import type { Evidence, UsageHistory } from '../../../../src/core/evidence/evidence.ts';
import { dailyPeaks, usageLines } from '../../../../src/core/evidence/usage-lines.ts';
import { findingsOf, found, killAt, killedAt, Mi, minute, runBefore } from '../../../fixtures/findings.ts';

const kill = killAt(killedAt, 60 * minute, { limitBytes: 64 * Mi });
const hour = 60 * minute;
const quiet = runBefore(kill, () => 4, 15_000);

function textsOf(changes: Partial<UsageHistory>): Readonly<Record<string, string>> {
  const usage: Evidence<UsageHistory> = found({ runs: [quiet], siblings: [], resolutionMs: 15_000, ...changes });
  const lines = usageLines({ ...findingsOf([quiet]), usage }, kill);
  return Object.fromEntries(lines.map(({ label, text }) => [label, text]));
}

const podSample = { t: killedAt - 2000, workingSetBytes: 55 * Mi, cacheBytes: 50 * Mi };

test('a pod that uses much more than its container is said beside it', () => {
  const texts = textsOf({ pods: [{ pod: kill.pod, samples: [podSample] }] });

  expect(texts).toEqual({
    Usage: 'last sample 4Mi, 25 s before the kill; limit 64Mi; its pod as a whole used 55Mi, 2 s before the kill',
  });
});

test('a pod is said where no sample of the killed run was taken', () => {
  const texts = textsOf({ runs: [], pods: [{ pod: kill.pod, samples: [podSample] }] });

  expect(texts['Usage']).toBe(
    'no sample of the killed run was taken; samples are 15 s apart; its pod as a whole used 55Mi, 2 s before the kill',
  );
});

test.each([
  ['another pod', { pod: 'other', samples: [podSample] }],
  ['one that used as much as its container', { pod: kill.pod, samples: [{ ...podSample, workingSetBytes: 5 * Mi }] }],
  ['a sample after the kill', { pod: kill.pod, samples: [{ ...podSample, t: killedAt + minute }] }],
])('a pod is not said: %s', (_, pod) => {
  expect(textsOf({ pods: [pod] })['Usage']).toBe('last sample 4Mi, 25 s before the kill; limit 64Mi');
});

test('files in memory are said of the last sample', () => {
  const samples = quiet.samples.map((one) => ({ ...one, workingSetBytes: 60 * Mi, cacheBytes: 40 * Mi }));

  expect(textsOf({ runs: [{ ...quiet, samples }] })['Usage']).toBe(
    'last sample 60Mi, of that up to 40Mi files in memory, 25 s before the kill; limit 64Mi',
  );
});

test('page cache is beside the working set, and what processes hold is no file', () => {
  const charged = { workingSetBytes: 20 * Mi, rssBytes: 19 * Mi, usageBytes: 64 * Mi, cacheBytes: 45 * Mi };
  const samples = quiet.samples.map((one) => ({ ...one, ...charged }));

  expect(textsOf({ runs: [{ ...quiet, samples }] })['Usage']).toBe(
    'last sample 20Mi, and 44Mi of page cache beside it, 25 s before the kill; limit 64Mi',
  );
});

test('peaks say the most, when it was, and what half of the days stay below', () => {
  const peaks = Array.from({ length: 14 * 24 }, (_, index) => {
    const to = killedAt - (14 * 24 - 1 - index) * hour;
    return { from: to - hour, to, bytes: (index === 100 ? 62 : 20 + Math.floor(index / 24)) * Mi };
  });

  expect(textsOf({ peaks })['Peaks']).toBe(
    'in the last 14 d no container of it used more than 62Mi (about 2026-11-14 19:00 UTC); on half of the days none used more than 28Mi',
  );
  expect(dailyPeaks(peaks)).toHaveLength(14);
});

const waves = quiet.samples.map((one, index) => ({
  ...one,
  workingSetBytes: (20 + 10 * Math.sin(index / 9)) * Mi,
  load: 1000 + 500 * Math.sin(index / 9),
}));

test.each([
  ['with it', waves, 'usage goes up and down with packets received by the pod (a stand-in for load): correlation 1.00'],
  [
    'without it',
    waves.map((one, index) => ({ ...one, load: (index * 7919) % 101 })),
    'usage does not depend on packets received by the pod (a stand-in for load): correlation ',
  ],
])('how usage goes with load is said with its number: %s', (_, samples, words) => {
  const loadFrom = { words: 'packets received by the pod', isProxy: true };

  expect(textsOf({ runs: [{ ...quiet, samples }], loadFrom })['Load']).toContain(words);
});

test.each([
  ['a load that never changes', waves.map((one) => ({ ...one, load: 5 }))],
  ['too few samples', waves.slice(-6)],
])('nothing is said of %s', (_, samples) => {
  const loadFrom = { words: 'requests', isProxy: false };

  expect(textsOf({ runs: [{ ...quiet, samples }], loadFrom })).not.toHaveProperty('Load');
});
