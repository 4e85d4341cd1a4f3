import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Hypothesis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { UsageRun } from '../../../../src/core/evidence/evidence.ts';
import { findingsOf, killAt, killedAt, runBefore, specOf, survivingRun, minute } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

/** Shorter than what counts as settled, so that only its shape tells. */
const runMs = 8 * minute;
const kill = killAt(killedAt, runMs);

function verdictOf(
  usage: Usage,
  { everyMs = 10_000, siblings = [], load }: { everyMs?: number; siblings?: UsageRun[]; load?: Usage } = {},
): Hypothesis | undefined {
  const run = runBefore(kill, usage, everyMs);
  const from = killedAt - runMs;
  const samples = run.samples.map((sample) => (load ? { ...sample, load: load(sample.t - from) } : sample));
  return diagnose(findingsOf([{ ...run, samples }], { everyMs, siblings }), kill, [kill], killedAt).hypotheses[0];
}

/** From a quarter of the limit to the limit. */
const line = (share: number): number => 64 + 190 * share;

describe('a leak', () => {
  test.each([10_000, 30_000, 60_000])('is told however often somebody looks (every %d ms)', (everyMs) => {
    expect(verdictOf((age) => line(age / runMs), { everyMs })?.cause).toBe('leak');
  });

  test('that goes by the clock is never for certain within the time that a start may take', () => {
    const verdict = verdictOf((age) => line(age / runMs));

    expect(verdict?.confidence).toBeLessThan(0.8);
    expect(verdict?.against).toContain(
      'A program that loads its data at an even pace until the kill would look the same.',
    );
  });

  test('is not for certain where nobody measured whether it is a memory-backed volume that grows', () => {
    const run = runBefore(kill, (age) => line(age / runMs) + 5 * Math.sin(age / 7919), 10_000);
    const samples = run.samples.map(({ t, workingSetBytes }) => ({ t, workingSetBytes }));
    const spec = specOf({ memoryVolumes: [{ name: 'cache', mountPath: '/cache', sizeLimitBytes: null }] });

    const said = [specOf(), spec].map((one) => {
      const findings = findingsOf([{ ...run, samples }], { everyMs: 10_000, spec: one });
      return diagnose(findings, kill, [kill], killedAt).hypotheses.find(({ cause }) => cause === 'leak');
    });

    expect(said.map((one) => (one?.confidence ?? 0) >= 0.8)).toEqual([true, false]);
    expect(said[1]?.against).toContain('How much its memory-backed volume cache holds was not measured.');
  });

  test.each<[string, Usage, string]>([
    ['unevenly', (age) => line(age / runMs) + 5 * Math.sin(age / 7919), 'It grows unevenly, as work comes in.'],
    ['in steps', (age) => line(Math.floor((age / runMs) * 9) / 9), 'It grows unevenly, as work comes in.'],
  ])('that grows %s is surer', (_, usage, words) => {
    const verdict = verdictOf(usage);

    expect(verdict?.cause).toBe('leak');
    expect(verdict?.confidence).toBeGreaterThanOrEqual(0.8);
    expect(verdict?.for).toContain(words);
  });

  test('that follows its load is told although it bows over time', () => {
    // Traffic that falls to a fifth: so does the growth.
    const load: Usage = (age) => 100 - (80 * age) / runMs;
    const usage: Usage = (age) => 64 + 3.1 * ((100 * age) / runMs - (40 * age * age) / runMs / runMs);

    const verdict = verdictOf(usage, { load });

    expect(verdict?.cause).toBe('leak');
    expect(verdict?.for).toContain('It grows faster when there is more load, and slower when there is less.');
  });

  test('is no more certain for a load that has nothing to do with it', () => {
    const verdict = verdictOf((age) => line(age / runMs), { load: (age) => 100 + 60 * Math.sin(age / 40_000) });

    expect(verdict?.cause).toBe('leak');
    expect(verdict?.confidence).toBeLessThan(0.8);
  });

  test('is surer where another replica ran as long and did not grow', () => {
    const siblings = [survivingRun(() => 64, 10 * minute, 10_000, { revision: kill.revision })];

    const verdict = verdictOf((age) => line(age / runMs), { siblings });

    expect(verdict?.confidence).toBeGreaterThanOrEqual(0.8);
    expect(verdict?.for).toContain('Another replica that ran as long did not grow.');
  });

  test('in one of three replicas that seems to bend by chance is still a leak', () => {
    const straight = (pod: string): UsageRun =>
      survivingRun((age) => line(age / runMs), runMs, 30_000, { pod, revision: kill.revision });
    // Like a bend: quick in the first third.
    const bent: Usage = (age) => 64 + 190 * (0.5 * (age / runMs) + 0.5 * (1 - (1 - age / runMs) ** 2));

    expect(verdictOf(bent, { everyMs: 30_000 })?.cause).not.toBe('leak');
    expect(verdictOf(bent, { everyMs: 30_000, siblings: [straight('a'), straight('b')] })?.cause).toBe('leak');
  });

  test.each([30, 50, 80])('under load that comes in jobs of %d Mi is told by what it comes down to', (job) => {
    const floor = (age: number): number => 60 + (150 * age) / runMs;
    const isJob = (age: number): boolean => age % (runMs / 8) < runMs / 25;

    const verdict = verdictOf((age) => floor(age) + (isJob(age) ? job : 0), { everyMs: 5000 });

    expect(verdict?.cause).toBe('leak');
    expect(verdict?.for).toContain('After each peak it came down less far than before.');
  });

  test('is not what jobs over a level are', () => {
    const isJob = (age: number): boolean => age % (runMs / 8) < runMs / 25;

    expect(verdictOf((age) => (isJob(age) ? 245 : 90), { everyMs: 5000 })?.cause).toBe('traffic-spike');
  });

  test('after a quick start that goes on in a line is told, but not for certain', () => {
    const quick: Usage = (age) =>
      age < 2 * minute ? 64 + (45 * age) / minute : 154 + (16 * (age - 2 * minute)) / minute;

    const verdict = verdictOf(quick);

    expect(verdict?.cause).toBe('leak');
    expect(verdict?.confidence).toBeLessThan(0.7);
  });
});
