import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Cause, Diagnosis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import {
  findingsOf,
  found,
  killAt,
  killedAt,
  Mi,
  minute,
  nothingFound,
  runBefore,
} from '../../../fixtures/findings.ts';

const second = 1000;
const hour = 60 * minute;

/** Kills after runs of so many seconds, each at its own limit (Mi), the last one at `killedAt`. */
function killsAfter(runs: readonly (readonly [seconds: number, limit: number])[]): Kill[] {
  return runs.map(([seconds, limit], index) => {
    const since = runs.slice(index + 1).reduce((sum, [later]) => sum + later * second + 10 * second, 0);
    return killAt(killedAt - since, seconds * second, { limitBytes: limit * Mi });
  });
}

const nothing = nothingFound('no Prometheus answers');

function diagnosisOf(kills: readonly Kill[], findings: Findings = nothing, now = killedAt + 100): Diagnosis {
  return diagnose(findings, kills.at(-1) ?? killAt(killedAt, 0), kills, now);
}

/** The container runs again since just after the last kill, under a limit (Mi), as its pod says. */
function running(limit: number): Findings {
  const value = { restartCount: 3, ends: [], running: { startedAt: killedAt + 10 * second, limitBytes: limit * Mi } };
  return { ...nothing, restarts: found(value) };
}

describe('a changed limit', () => {
  test.each<[string, readonly (readonly [number, number])[], Cause]>([
    [
      'run times grow with it',
      [
        [240, 128],
        [246, 128],
        [440, 192],
        [435, 192],
      ],
      'leak',
    ],
    [
      'run times grow as much as it, from nothing',
      [
        [240, 128],
        [360, 192],
      ],
      'leak',
    ],
    [
      'run times fall with it',
      [
        [440, 192],
        [435, 192],
        [240, 128],
      ],
      'leak',
    ],
    [
      'starts die as fast',
      [
        [2, 64],
        [2, 64],
        [3, 104],
        [3, 104],
      ],
      'limit-too-low',
    ],
    [
      'runs of minutes die as fast',
      [
        [240, 128],
        [241, 128],
        [245, 192],
        [240, 192],
      ],
      'limit-too-low',
    ],
    [
      'run times grow far more than it',
      [
        [240, 128],
        [3600, 160],
      ],
      'inconclusive',
    ],
    [
      'run times grow less than it',
      [
        [240, 128],
        [300, 256],
      ],
      'inconclusive',
    ],
    [
      'run times have nothing in common',
      [
        [240, 128],
        [700, 128],
        [90, 192],
        [500, 192],
      ],
      'inconclusive',
    ],
    [
      'it was changed by too little',
      [
        [240, 128],
        [255, 134],
      ],
      'inconclusive',
    ],
  ])('after which %s', (_, runs, cause) => {
    expect(diagnosisOf(killsAfter(runs)).hypotheses[0]?.cause).toBe(cause);
  });

  test('shows how fast a leak grows, without a sample', () => {
    const kills = killsAfter([
      [240, 128],
      [240, 128],
      [400, 192],
      [400, 192],
    ]);

    const diagnosis = diagnosisOf(kills);

    expect(diagnosis.hypotheses[0]).toMatchObject({
      cause: 'leak',
      sentence: 'Leak: killed after 4 min at 128Mi and after 7 min at 192Mi, as steady growth of 24 Mi/min would',
    });
    expect(diagnosis.slopeBytesPerSecond).toBeCloseTo((64 * Mi) / 160, 0);
    expect(recommend(diagnosis, nothing, kills.at(-1) ?? killAt(killedAt, 0), kills).fix.kind).toBe('fix-leak');
  });

  test('is said beside starts that die as fast', () => {
    const [verdict] = diagnosisOf(
      killsAfter([
        [2, 64],
        [2, 64],
        [3, 104],
        [3, 104],
      ]),
    ).hypotheses;

    expect(verdict?.sentence).toBe(
      'The limit of 104Mi is too low to start: killed within 3 s of each of its last 2 starts',
    );
    expect(verdict?.for).toContain('It was killed as fast at 104Mi as at 64Mi.');
  });

  test('does not make a leak of peaks that were seen', () => {
    const kills = killsAfter([
      [2400, 128],
      [2400, 128],
      [4000, 192],
      [4000, 192],
    ]);
    const runs = kills.map((kill) =>
      runBefore(kill, (age) => (age % (5 * minute) < 30 * second ? 120 : 40), 15 * second),
    );

    expect(diagnosisOf(kills, findingsOf(runs)).hypotheses.map(({ cause }) => cause)).not.toContain('leak');
  });
});

describe('a run that goes on under a higher limit', () => {
  const kills = killsAfter([
    [240, 128],
    [246, 128],
  ]);

  test('and has outlived any leak shows that the limit was too low', () => {
    const [verdict] = diagnosisOf(kills, running(192), killedAt + 3 * hour).hypotheses;

    expect(verdict).toMatchObject({
      cause: 'limit-too-low',
      sentence:
        'The limit of 128Mi was too low: it was killed about 4 min after each start and has been running for 3 h at 192Mi',
    });
    expect(verdict?.confidence).toBeGreaterThan(0.8);
  });

  test.each<[string, number, number]>([
    ['is no longer than a leak would take', 192, 8 * minute],
    ['has just begun', 192, 20 * second],
    ['has the same limit', 128, 3 * hour],
  ])('shows nothing while it %s', (_, limit, after) => {
    expect(diagnosisOf(kills, running(limit), killedAt + after).hypotheses[0]?.cause).toBe('inconclusive');
  });
});
