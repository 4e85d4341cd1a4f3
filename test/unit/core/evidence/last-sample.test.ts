import { expect, test } from 'vitest';
import { lastSample } from '../../../../src/core/evidence/last-sample.ts';
import { findingsOf, killAt, killedAt, Mi, runBefore } from '../../../fixtures/findings.ts';

const seconds = (count: number): number => count * 1_000;

/** Sampled every 15 s: 1Mi, 2Mi and so on, the last one 10 s before the end. */
const kill = killAt(killedAt, seconds(100));
const run = {
  ...runBefore(kill, () => 0, seconds(15)),
  samples: [1, 2, 3, 4, 5, 6].map((nth) => ({ t: killedAt - seconds(100 - 15 * nth), workingSetBytes: nth * Mi })),
};

test('the last sample is one from before the kill', () => {
  expect(lastSample(findingsOf([run]), kill)).toEqual({ bytes: 6 * Mi, beforeKillMs: seconds(10) });
});

test('what a row shows whose counter has risen was used after the kill', () => {
  const [before, risen] = [run.samples[2]?.t ?? 0, run.samples[3]?.t ?? 0];
  const child = {
    ...kill,
    kind: 'child-process' as const,
    exitCode: null,
    finishedAt: null,
    within: { from: before, to: risen },
  };
  const ongoing = { ...run, killedAt: null };

  expect(lastSample(findingsOf([ongoing]), child)).toEqual({ bytes: 3 * Mi, beforeKillMs: seconds(15) });
});
