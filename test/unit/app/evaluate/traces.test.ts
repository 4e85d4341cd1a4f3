import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readTrace, traceFolders } from '../../../../src/adapters/recording/read-trace.ts';
import { judgeTrace } from '../../../../src/app/evaluate/judge-trace.ts';
import type { Basis } from '../../../../src/app/evaluate/judge-trace.ts';
import { readTruth } from '../../../../src/app/evaluate/read-truth.ts';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Diagnosis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { Truth } from '../../../../src/core/evaluate/truth.ts';
import type { Findings, UsageRun } from '../../../../src/core/evidence/evidence.ts';
import type { Recommendation } from '../../../../src/core/recommend/recommendation.ts';

/*
 * Floors over labelled traces of real kills. The thresholds of the rules were set by looking at these same traces, so
 * this guards against getting worse; how good the verdicts are on others is not shown here.
 */

const committed = join(import.meta.dirname, '../../../recordings/traces');
const shared = join(import.meta.dirname, '../../../../../shared/datasets/kills');

/** Labels of kills that are seen by themselves; the others show no kill, and so no verdict. */
const told = ['leak', 'limit-too-low', 'traffic-spike', 'bad-rollout', 'tmpfs', 'child-process', 'node-pressure'];
/** Labels whose fix is a size. */
const sizable = ['limit-too-low', 'traffic-spike', 'child-process'];

interface JudgedTrace {
  readonly id: string;
  readonly truth: Truth;
  readonly verdict: Diagnosis['hypotheses'][number] | undefined;
  readonly diagnosis: Diagnosis;
  readonly recommendation: Recommendation;
  readonly trace: Basis;
}

/** As `oomkeeper evaluate` judges them; those without a kill are left out. */
async function judge(root: string): Promise<readonly JudgedTrace[]> {
  const found: JudgedTrace[] = [];
  for (const folder of traceFolders(root)) {
    const { id, diagnosis, recommendation, basis } = await judgeTrace(readTrace(folder));
    const truth = readTruth(folder);
    if (diagnosis === null || recommendation === null || basis === null || truth === null) continue;
    found.push({ id, truth, verdict: diagnosis.hypotheses[0], diagnosis, recommendation, trace: basis });
  }
  return found;
}

/** As if somebody had looked less often. */
function thinnedOut(findings: Findings, every: number): Findings {
  const thin = (run: UsageRun): UsageRun => ({
    ...run,
    samples: run.samples.filter((_, index) => index % every === 0),
  });
  const thinned = withRuns(findings, thin);
  if (!thinned.usage.found) return thinned;
  return { ...thinned, usage: { ...thinned.usage, value: { ...thinned.usage.value, resolutionMs: 1000 * every } } };
}

function withRuns(findings: Findings, change: (run: UsageRun) => UsageRun): Findings {
  const { usage } = findings;
  if (!usage.found) return findings;
  const { runs, siblings, resolutionMs } = usage.value;
  return {
    ...findings,
    usage: { ...usage, value: { runs: runs.map(change), siblings: siblings.map(change), resolutionMs } },
  };
}

function withLoad(findings: Findings, load: (index: number) => number): Findings {
  return withRuns(findings, (run) => ({
    ...run,
    samples: run.samples.map((sample, index) => ({ ...sample, load: load(index) })),
  }));
}

function withVolume(findings: Findings): Findings {
  const { spec } = findings;
  if (!spec.found || spec.value.memoryVolumes.length > 0) return findings;
  const memoryVolumes = [{ name: 'scratch', mountPath: '/scratch', sizeLimitBytes: null }];
  return { ...findings, spec: { ...spec, value: { ...spec.value, memoryVolumes } } };
}

/** As if a rollout that changed nothing had been just before: the revision before went the same way, for less long. */
function rolledOut(trace: Basis, share: number): Basis {
  const { usage } = trace.findings;
  if (!usage.found) return trace;
  const { runs, siblings } = usage.value;
  const model = runs.find(({ killedAt }) => killedAt !== null) ?? runs[0];
  const begun = Math.min(...runs.map(({ startedAt, samples }) => startedAt ?? samples[0]?.t ?? Infinity));
  const seen = model?.samples.slice(0, Math.floor(model.samples.length * share)) ?? [];
  const earlierMs = (seen.at(-1)?.t ?? 0) - begun + 1500;
  const samples = seen.map((sample) => ({ ...sample, t: sample.t - earlierMs }));
  const before = model
    ? [{ ...model, pod: 'before', revision: 'before', killedAt: null, startedAt: null, samples }]
    : [];
  const revised = <T>(one: T): T & { revision: string } => ({ ...one, revision: 'after' });
  const startedAt = begun - 500;
  const rollout = { revision: '2', startedAt, previousRevision: '1', changed: ['env A'], limit: null, heapFlags: null };
  return {
    ...trace,
    kill: revised(trace.kill),
    recent: trace.recent.map(revised),
    findings: {
      ...trace.findings,
      usage: {
        ...usage,
        value: { ...usage.value, runs: runs.map(revised), siblings: [...siblings.map(revised), ...before] },
      },
      rollout: { found: true, value: rollout, source: 'a test', at: startedAt },
    },
  };
}

describe.each([
  ['the committed ones', committed, 10],
  ['../shared, where it is there', shared, 60],
])('labelled traces (%s)', (_, root, fewest) => {
  const here = existsSync(root);
  let judged: readonly JudgedTrace[] = [];
  beforeAll(async () => {
    if (here) judged = await judge(root);
  });
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
      const ratio = (diagnosis.slopeBytesPerSecond ?? 0) / Number(truth['slope_bytes_per_s']);
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

  test.each(['traffic-spike', 'tmpfs', 'child-process', 'node-pressure'])('of %s are told', (label) => {
    const labelled = ofLabel(label);

    expect(labelled.map(({ id, verdict }) => [id, verdict?.cause])).toEqual(labelled.map(({ id }) => [id, label]));
  });

  test('of memory-backed volumes are told to move them off memory', () => {
    for (const { recommendation } of ofLabel('tmpfs')) expect(recommendation.fix.kind).toBe('move-volume');
  });

  test.each<[string, (findings: Findings) => Findings]>([
    ['a memory-backed volume that nobody filled', withVolume],
    ['load that is no number', (findings) => withLoad(findings, () => Number.NaN)],
    ['load that has nothing to do with usage', (findings) => withLoad(findings, (index) => 10 + (index % 3))],
  ])('are judged alike with %s', (what, change) => {
    const changed = judged.filter(({ truth }) => truth.label !== 'traffic-spike' || !what.startsWith('load that has'));
    const wrong = changed.filter(({ verdict, trace: { findings, kill, recent, now } }) => {
      return diagnose(change(findings), kill, recent, now).hypotheses[0]?.cause !== verdict?.cause;
    });

    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test.each([0.4, 0.6, 0.8, 0.85, 0.9, 0.95])('are judged alike after a rollout that changed nothing (%d)', (share) => {
    // A process that is killed beside its container's main one leaves no course that ends in the kill.
    const innocent = judged.filter(({ truth }) => truth.label !== 'bad-rollout' && truth.label !== 'child-process');
    const wrong = innocent.filter(({ verdict, trace }) => {
      const { findings, kill, recent, now } = rolledOut(trace, share);
      return diagnose(findings, kill, recent, now).hypotheses[0]?.cause !== verdict?.cause;
    });

    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test.each([
    { what: 'first half', from: 0.5, to: 1 },
    { what: 'last third', from: 0, to: 0.7 },
  ])('are not confidently wrong where the $what of each run was not seen', ({ from, to }) => {
    const partly = (run: UsageRun): UsageRun => {
      const { length } = run.samples;
      return { ...run, samples: run.samples.slice(Math.floor(from * length), Math.ceil(to * length)) };
    };
    const wrong = judged.flatMap(({ id, truth, trace: { findings, kill, recent, now } }) => {
      const [verdict] = diagnose(withRuns(findings, partly), kill, recent, now).hypotheses;
      const sure = verdict !== undefined && verdict.confidence >= 0.8 && verdict.cause !== 'inconclusive';
      return sure && told.includes(truth.label) && verdict.cause !== truth.label ? [id] : [];
    });

    expect(wrong).toEqual([]);
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
      fix.kind === 'raise-limit' && truth.true_peak_bytes && sizable.includes(truth.label)
        ? [{ id, ratio: fix.limitBytes / truth.true_peak_bytes }]
        : [],
    );
    const tooSmall = sized.filter(({ ratio }) => ratio < 1);

    expect(tooSmall.length).toBeLessThanOrEqual(Math.ceil(sized.length * 0.1));
    expect(Math.max(...sized.map(({ ratio }) => ratio))).toBeLessThan(1.75);
    expect(sized.reduce((sum, { ratio }) => sum + ratio - 1, 0) / sized.length).toBeLessThan(0.3);
  });
});
