import { describe, expect, test } from 'vitest';
import type { Cause } from '../../../../src/core/diagnose/diagnosis.ts';
import { baselines } from '../../../../src/core/evaluate/baselines.ts';
import { summarize } from '../../../../src/core/evaluate/score.ts';
import type { Line, Scored } from '../../../../src/core/evaluate/score.ts';
import { isRight, labelOf, truthSchema } from '../../../../src/core/evaluate/truth.ts';

const mib = 2 ** 20;

function scored(truth: object, line: Partial<Line> = {}, more: Partial<Scored> = {}): Scored {
  const none = { kind: 'none', bytes: null, holds: null };
  const usual = { id: 'a', verdict: null, confidence: 0.9, fix: none, mitigation: null, nextKillAt: null, cpuMs: 1 };
  const sized = { observedBytes: 95 * mib, limitBytes: 100 * mib, requestBytes: 50 * mib };
  return { line: { ...usual, ...line }, truth: truthSchema.parse(truth), wasKilled: true, sized, ...more };
}

function withSize(bytes: number | null, peak: number, holds = 0.95): Scored {
  const fix = bytes === null ? { kind: 'none', bytes, holds: null } : { kind: 'raise-limit', bytes, holds };
  return scored({ label: 'limit-too-low', true_peak_bytes: peak }, { verdict: 'limit-too-low', fix });
}

test.each<[Cause | null, boolean, string]>([
  ['heap-misconfigured', true, 'limit-too-low'],
  ['pod-limit', true, 'limit-too-low'],
  ['no-limit', true, 'node-pressure'],
  ['overcommit', true, 'node-pressure'],
  ['page-cache', true, 'limit-too-low'],
  ['page-cache', false, 'healthy'],
  [null, false, 'healthy'],
  ['leak', true, 'leak'],
  ['inconclusive', true, 'inconclusive'],
])('%s (killed: %s) scores as %s', (verdict, wasKilled, label) => {
  expect(labelOf(verdict, wasKilled)).toBe(label);
});

test.each<[string, Cause, object, boolean]>([
  ['the label', 'leak', {}, true],
  ['another', 'tmpfs', {}, false],
  ['what is accepted too', 'bad-rollout', { alsoAcceptable: ['bad-rollout'] }, true],
  ['open, where it could be told', 'inconclusive', {}, false],
  ['open, where nothing can tell', 'inconclusive', { decidable: false }, true],
])('%s is right or wrong', (_, verdict, more, right) => {
  expect(isRight(verdict, true, truthSchema.parse({ label: 'leak', ...more }))).toBe(right);
});

describe('the summary', () => {
  test('counts an answer that is right in another way as the label', () => {
    const all = [
      scored({ label: 'leak', alsoAcceptable: ['bad-rollout'] }, { verdict: 'bad-rollout' }),
      scored({ label: 'leak' }, { verdict: 'leak' }),
      scored({ label: 'tmpfs' }, { verdict: 'leak' }),
    ];

    expect(summarize(all).perLabel).toEqual({
      leak: { n: 2, precision: 0.6667, recall: 1 },
      tmpfs: { n: 1, precision: null, recall: 0 },
    });
    expect(summarize(all).macroF1).toBeCloseTo((0.8 + 0) / 2, 3);
  });

  test('tells what is left open from what is wrong, and the confident from the rest', () => {
    const all = [
      scored({ label: 'leak' }, { verdict: 'leak', confidence: 0.9 }),
      scored({ label: 'leak' }, { verdict: 'leak', confidence: 0.7 }),
      scored({ label: 'leak' }, { verdict: 'tmpfs', confidence: 0.8 }),
      scored({ label: 'leak' }, { verdict: 'inconclusive', confidence: 0.9 }),
    ];

    expect(summarize(all)).toMatchObject({ right: 2, inconclusive: 0.25, confidentlyWrong: 0.25, confidentShare: 0.5 });
    expect(summarize(all).brier).toBeCloseTo((0.01 + 0.09 + 0.64 + 0.81) / 4, 3);
  });

  test('takes a missing size for one that is too small, and slack from the others alone', () => {
    const all = [withSize(null, 100 * mib), withSize(90 * mib, 100 * mib), withSize(120 * mib, 100 * mib)];

    expect(summarize(all).sizing).toMatchObject({ n: 3, violations: 0.6667, meanSlack: 0.2, holdsCalibration: 0.5 });
  });

  test('asks no size of what is rolled back or moved, nor of a leak', () => {
    const peak = { true_peak_bytes: 100 * mib };
    const all = [
      scored({ label: 'bad-rollout', ...peak }, { fix: { kind: 'roll-back', bytes: null, holds: null } }),
      scored({ label: 'tmpfs', ...peak }, { fix: { kind: 'move-volume', bytes: null, holds: null } }),
      scored({ label: 'leak', ...peak }, { fix: { kind: 'raise-limit', bytes: 1, holds: 0.9 } }),
    ];

    expect(summarize(all).sizing).toMatchObject({ n: 0, violations: 0, meanSlack: null, holdsCalibration: null });
    expect(summarize(all).leak).toMatchObject({ n: 1, raisedAsFix: 1 });
  });

  test('names the formulas that are too small no more often and have less slack', () => {
    const { sizing, baselines: others } = summarize([withSize(180 * mib, 120 * mib)]);

    expect(others['fairwinds']).toMatchObject({ n: 1, violations: 0 });
    expect(sizing.beatenBy).toContain('fairwinds');
    expect(sizing.beatenBy).not.toContain('double');
  });

  test('has the median error of the times that were foretold, and of how many they were', () => {
    const leak = (timeError?: number | null): Scored =>
      scored({ label: 'leak' }, { verdict: 'leak' }, timeError === undefined ? {} : { timeError });

    expect(summarize([leak(0.1), leak(0.3), leak(null), leak()]).leak).toMatchObject({
      n: 4,
      foretold: 0.6667,
      medianTimeError: 0.1,
    });
  });

  test('counts an alarm where nothing was killed for memory and something is recommended or foretold', () => {
    const all = [
      scored({ label: 'healthy' }),
      scored({ label: 'healthy' }, { nextKillAt: '2026-11-30T12:00:00.000Z' }),
      scored({ label: 'not-memory' }, { fix: { kind: 'raise-limit', bytes: 1, holds: 0.5 } }),
      scored({ label: 'not-memory' }, { mitigation: { kind: 'raise-limit', bytes: 1, buysSeconds: null } }),
    ];

    expect(summarize(all).falseAlarms).toBe(0.75);
  });
});

test.each([
  ['vpa', (95 + 100) * 1.15],
  ['krr', 95 * 1.15],
  ['krrWithOom', 125],
  ['fairwinds', 125],
  ['observedPlusHalf', 95 * 1.5],
  ['double', 200],
  ['limit x 1.5', 150],
])('%s is as published', (name, expected) => {
  const bytes = baselines[name]?.({ observedBytes: 95 * mib, limitBytes: 100 * mib, requestBytes: 50 * mib }) ?? 0;

  expect(bytes / mib).toBeCloseTo(expected, 6);
});
