import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Hypothesis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { UsageRun } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { findingsOf, killAt, killedAt, runBefore, survivingRun, minute } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const everyMs = 15_000;
const runMs = 60 * minute;
const kill = killAt(killedAt, runMs);

/** Whether the age lies in one of the bursts, each 3 min long; the last one ends in the kill. */
function inBurst(age: number): boolean {
  return [15, 35, 58].some((at) => age >= at * minute && age < (at + 3) * minute);
}

const bursty: Usage = (age) => (inBurst(age) ? 230 : 80);
const once: Usage = (age) => (age >= 59 * minute ? 200 : 80);

function withLoad(run: UsageRun, load: (age: number) => number): UsageRun {
  const from = killedAt - runMs;
  return { ...run, samples: run.samples.map((sample) => ({ ...sample, load: load(sample.t - from) })) };
}

function verdictOf(
  run: UsageRun,
  kills: readonly Kill[] = [kill],
  siblings: readonly UsageRun[] = [],
): Hypothesis | undefined {
  return diagnose(findingsOf([run], { everyMs, siblings }), kill, kills, killedAt).hypotheses[0];
}

describe('a traffic spike', () => {
  const run = runBefore(kill, bursty, everyMs);

  test('is told from bursts that fell back, with what was seen and since when', () => {
    const verdict = verdictOf(run);

    expect(verdict).toMatchObject({
      cause: 'traffic-spike',
      sentence: 'Traffic spike: usage rises from 80Mi to 230Mi or more, 3 times since 13:14:50 UTC; the limit is 256Mi',
    });
    expect(verdict?.for).toContain('2 rises fell back without a kill.');
    expect(verdict?.against).toContain('Load was not measured.');
  });

  test('is surer where load rose with usage', () => {
    const measured = withLoad(run, (age) => (inBurst(age) ? 600 : 100));

    const verdict = verdictOf(measured);

    expect(verdict?.sentence).toContain('load rose 6-fold with it');
    expect(verdict?.confidence).toBeGreaterThan((verdictOf(run)?.confidence ?? 1) + 0.05);
  });

  test('is none where load stayed as it was while usage rose', () => {
    expect(verdictOf(withLoad(run, (age) => 100 + (age % 7)))?.cause).toBe('limit-too-low');
  });

  test('that was seen once is told, but not for certain', () => {
    const verdict = verdictOf(runBefore(kill, once, everyMs));

    expect(verdict?.cause).toBe('traffic-spike');
    expect(verdict?.confidence).toBeLessThan(0.8);
    expect(verdict?.against).toContain('Such a rise was observed only once.');
  });

  test('that was seen once is surer when a sibling went through the same without a kill', () => {
    const sibling = survivingRun(bursty, runMs, everyMs, { revision: kill.revision });

    const verdict = verdictOf(runBefore(kill, once, everyMs), [kill], [sibling]);

    expect(verdict?.confidence).toBeGreaterThanOrEqual(0.8);
  });

  test('that killed several pods at once says so', () => {
    const others = ['a', 'b'].map((pod) => killAt(killedAt - 20_000, runMs, { pod, fingerprint: pod }));

    expect(verdictOf(run, [...others, kill])?.for).toContain('3 pods were killed at the same time.');
  });

  test('between two samples is only probable', () => {
    const verdict = verdictOf(runBefore(kill, (age) => 180 + 2 * Math.sin(age / 7919), everyMs));

    expect(verdict?.cause).toBe('traffic-spike');
    expect(verdict?.confidence).toBeLessThan(0.6);
    expect(verdict?.against[0]).toBe('The rise itself was not seen: samples are 15 s apart.');
  });

  test.each<[string, Usage]>([
    ['a sawtooth of garbage', (age) => 120 + 130 * ((age % (8 * minute)) / (8 * minute))],
    ['steady growth', (age) => 80 + (175 * age) / runMs],
    ['a level close below the limit', (age) => 240 + 4 * Math.sin(age / 7919)],
    ['a start that does not get through', (age) => (age < 5 * minute ? 10 : 250)],
  ])('is not what %s is called', (_, usage) => {
    expect(verdictOf(runBefore(kill, usage, everyMs))?.cause).not.toBe('traffic-spike');
  });
});

describe('packets that stand in for load', () => {
  const run = runBefore(kill, bursty, everyMs);
  const verdictBy = (load: (age: number) => number): Hypothesis | undefined => {
    const found = findingsOf([withLoad(run, load)], { everyMs });
    const { usage } = found;
    if (!usage.found) throw new Error(usage.reason);
    const loadFrom = { words: 'packets received by its pod', isProxy: true };
    const findings = { ...found, usage: { ...usage, value: { ...usage.value, loadFrom } } };
    return diagnose(findings, kill, [kill], killedAt).hypotheses[0];
  };

  test('make it surer where they rose, and say what rose', () => {
    const verdict = verdictBy((age) => (inBurst(age) ? 600 : 100));

    expect(verdict?.sentence).toContain('; packets received by its pod rose 6-fold with it');
    expect(verdict?.confidence).toBeGreaterThan((verdictOf(run)?.confidence ?? 1) + 0.05);
  });

  test('change nothing where they did not rise, since one large request is few packets', () => {
    const verdict = verdictBy((age) => 100 + (age % 7));

    expect(verdict).toMatchObject({ cause: 'traffic-spike', confidence: verdictOf(run)?.confidence });
    expect(verdict?.against).toContain(
      'Load itself was not measured, and packets received by its pod did not rise with usage.',
    );
  });
});
