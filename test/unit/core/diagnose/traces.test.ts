import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Findings, Life } from '../../../../src/core/evidence/evidence.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { readTrace, readTruth } from './trace.ts';

/*
 * Floors over labelled traces of real kills. The thresholds of the rules were set by looking at these same traces, so
 * this guards against getting worse; how good the verdicts are on others is not shown here.
 */

const committed = join(import.meta.dirname, '../../../recordings/traces');
const shared = join(import.meta.dirname, '../../../../../shared/datasets/kills');

/** Labels that a rule of its own can find so far; the others may be inconclusive or what their course looks like. */
const told = ['leak', 'limit-too-low', 'bad-rollout'];

function judge(root: string) {
  return readdirSync(root).flatMap((id) => {
    const dir = join(root, id);
    const trace = readTrace(dir);
    if (trace === null) return [];
    const diagnosis = diagnose(trace.findings, trace.kill, trace.recent, trace.now);
    const recommendation = recommend(diagnosis, trace.findings, trace.kill, trace.recent);
    const [verdict] = diagnosis.hypotheses;
    return [{ id, truth: readTruth(dir), verdict, diagnosis, recommendation, trace }];
  });
}

/** As if somebody had looked less often. */
function thinnedOut(findings: Findings, every: number): Findings {
  const { usage } = findings;
  if (!usage.found) return findings;
  const thin = (life: Life): Life => ({ ...life, samples: life.samples.filter((_, index) => index % every === 0) });
  const { lives, siblings } = usage.value;
  const value = { lives: lives.map(thin), siblings: siblings.map(thin), resolutionMs: 1000 * every };
  return { ...findings, usage: { ...usage, value } };
}

describe.each([
  ['the committed ones', committed, 10],
  ['../shared, where it is there', shared, 60],
])('labelled traces (%s)', (_, root, fewest) => {
  const here = existsSync(root);
  const judged = here ? judge(root) : [];
  beforeEach(({ skip }) => skip(!here, 'the larger set of traces is not beside the repository'));
  const ofLabel = (label: string) => judged.filter(({ truth }) => truth.label === label);

  test('are read', () => {
    expect(judged.length).toBeGreaterThanOrEqual(fewest);
  });

  test('of leaks are called leaks, with their slope, and never end in a raise', () => {
    const leaks = ofLabel('leak');

    expect(leaks.map(({ id, verdict }) => [id, verdict?.cause])).toEqual(leaks.map(({ id }) => [id, 'leak']));
    expect(leaks.map(({ recommendation }) => recommendation.fix.kind)).toEqual(leaks.map(() => 'fix-leak'));
    for (const { truth, diagnosis } of leaks) {
      const ratio = (diagnosis.slopeBytesPerSecond ?? 0) / (truth.slope_bytes_per_s ?? Number.NaN);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
    }
  });

  test('are never called a leak when they are none', () => {
    const wrong = judged.filter(({ truth, verdict }) => verdict?.cause === 'leak' && truth.label !== 'leak');

    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test('of bad rollouts are rolled back', () => {
    const rollouts = ofLabel('bad-rollout');

    for (const { recommendation } of rollouts)
      expect(recommendation.fix).toMatchObject({ kind: 'roll-back', toRevision: '1' });
  });

  test('of limits that are too low are told, or honestly left open where a leak looks alike', () => {
    const low = ofLabel('limit-too-low');
    const open = low.filter(({ verdict }) => verdict?.cause === 'inconclusive');

    expect(open.map(({ truth }) => truth.kind)).toEqual(open.map(() => 'steady'));
    expect(low.filter((one) => !open.includes(one)).map(({ verdict }) => verdict?.cause)).toEqual(
      low.slice(open.length).map(() => 'limit-too-low'),
    );
  });

  test('are seldom confidently wrong', () => {
    const confident = judged.filter(
      ({ verdict }) => (verdict?.confidence ?? 0) >= 0.8 && verdict?.cause !== 'inconclusive',
    );
    const wrong = confident.filter(
      ({ truth, verdict }) => told.includes(truth.label) && verdict?.cause !== truth.label,
    );

    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test.each([2, 3, 5])('are not confidently wrong with every %dth sample only', (every) => {
    const wrong = judged.flatMap(({ id, truth, trace }) => {
      const { kill, recent, now } = trace;
      const [verdict] = diagnose(thinnedOut(trace.findings, every), kill, recent, now).hypotheses;
      const sure = verdict !== undefined && verdict.confidence >= 0.8 && verdict.cause !== 'inconclusive';
      return sure && told.includes(truth.label) && verdict.cause !== truth.label ? [id] : [];
    });

    expect(wrong).toEqual([]);
  });

  test('get sizes that mostly hold and are not twice too large', () => {
    const sized = judged.flatMap(({ id, truth, recommendation: { fix } }) =>
      fix.kind === 'raise-limit' && truth.true_peak_bytes && told.includes(truth.label)
        ? [{ id, ratio: fix.limitBytes / truth.true_peak_bytes }]
        : [],
    );
    const tooSmall = sized.filter(({ ratio }) => ratio < 1);

    expect(tooSmall.length).toBeLessThanOrEqual(Math.ceil(sized.length * 0.1));
    expect(Math.max(...sized.map(({ ratio }) => ratio))).toBeLessThan(2);
  });
});
