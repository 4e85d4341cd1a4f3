import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Cause, Hypothesis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { Findings, LogFacts, SpecFacts, UsageSample } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { findingsOf, found, killAt, killedAt, Mi, nothingFound, specOf } from '../../../fixtures/findings.ts';

/*
 * As the recorded round shows it: a volume in memory fills the limit, the first start lives until then, and each later
 * one is killed within seconds with a container row of 4Mi or none, while only the pod's own row shows the pages.
 */

const second = 1000;
const limitBytes = 64 * Mi;
const volume = { name: 'cache', mountPath: '/cache', sizeLimitBytes: null };

interface Known {
  /** Seconds from each start to its kill. */
  readonly runs: readonly number[];
  /** What the pod held of files in memory between its runs, Mi; null = its rows were not read. */
  readonly held: number | null;
  readonly volumes?: SpecFacts['memoryVolumes'];
  readonly log?: readonly string[];
  /** Rss of the pod between its runs, Mi. */
  readonly other?: number;
}

function rankedOf({ runs, held, volumes = [volume], log, other = 0 }: Known): readonly Hypothesis[] {
  const pause = 30 * second;
  const kills = runs.map((seconds, index): Kill => {
    const since = runs.slice(index + 1).reduce((sum, one) => sum + one * second + pause, 0);
    return killAt(killedAt - since, seconds * second, { limitBytes });
  });
  const samples = kills.flatMap((kill): UsageSample[] => {
    const t = Date.parse(kill.finishedAt ?? '') + 15 * second;
    const files = (held ?? 0) * Mi;
    return t < killedAt ? [{ t, workingSetBytes: files + other * Mi, cacheBytes: files, rssBytes: other * Mi }] : [];
  });
  const usage = findingsOf([]).usage;
  const last = kills.at(-1) ?? killAt(killedAt, 0);
  const lines: Findings['log'] = log ? found<LogFacts>({ lines: log }) : nothingFound('none').log;
  const findings: Findings = {
    ...nothingFound('was not asked'),
    usage: usage.found
      ? { ...usage, value: { ...usage.value, ...(held === null ? {} : { pods: [{ pod: last.pod, samples }] }) } }
      : usage,
    spec: found(specOf({ memoryVolumes: volumes })),
    log: lines,
  };
  return diagnose(findings, last, kills, killedAt + 100).hypotheses;
}

const spooled = [1, 2, 3, 4].map((mb) => `INFO spooled ${mb}.1 MB to /cache/spool.bin`);

describe('starts that are killed within seconds', () => {
  test.each<[string, Known, Cause]>([
    ['under files that outlived the restart', { runs: [85, 30, 0, 0], held: 55 }, 'tmpfs'],
    ['under files of a first run that was as short', { runs: [4, 1, 0], held: 50 }, 'tmpfs'],
    ['after a first one that got through, with a volume', { runs: [85, 0, 0], held: null }, 'tmpfs'],
    ['while the log tells of files in the volume', { runs: [5], held: null, log: spooled }, 'tmpfs'],
    ['beside a volume that holds nothing', { runs: [85, 1, 1], held: 1 }, 'limit-too-low'],
    ['beside a volume that nobody measured', { runs: [1, 1, 1], held: null }, 'limit-too-low'],
    ['beside another container that uses as much', { runs: [2, 2, 2], held: 1, other: 50 }, 'limit-too-low'],
    ['without a volume in memory', { runs: [85, 0, 0], held: 55, volumes: [] }, 'limit-too-low'],
    [
      'under more than the volume may hold',
      { runs: [2, 2, 2], held: 50, volumes: [{ ...volume, sizeLimitBytes: 8 * Mi }] },
      'inconclusive',
    ],
    ['while one line names the volume', { runs: [5], held: null, log: ['dir=/cache/x', 'ready'] }, 'limit-too-low'],
  ])('%s', (_, known, cause) => {
    expect(rankedOf(known)[0]?.cause).toBe(cause);
  });

  test('say what the pod held, and speak against a start', () => {
    const ranked = rankedOf({ runs: [85, 30, 0, 0], held: 55, log: spooled });

    expect(ranked[0]).toMatchObject({
      cause: 'tmpfs',
      confidence: 0.9,
      sentence:
        'Files in memory: the memory-backed volume cache at /cache outlived the restart; its pod still held 55Mi of the limit of 64Mi when the container was started again',
      for: [
        'While no container ran, the pod used 55Mi, 86% of the limit, all of it files.',
        'An earlier run lasted 85 s, and its last 2 starts were killed within a second.',
        'Its log says that it writes to /cache.',
      ],
    });
    expect(ranked.find(({ cause }) => cause === 'limit-too-low')?.confidence).toBeLessThan(0.5);
  });

  test('are called a start less surely while the volume was not measured', () => {
    const confidence = (known: Known): number => rankedOf(known)[0]?.confidence ?? 0;

    expect(confidence({ runs: [1, 1, 1], held: null })).toBeLessThan(0.8);
    expect(confidence({ runs: [1, 1, 1], held: 1 })).toBeGreaterThan(0.8);
    expect(confidence({ runs: [1, 1, 1], held: null, volumes: [] })).toBeGreaterThan(0.8);
  });
});

test('a slow death under files that outlived the restart is theirs too', () => {
  expect(rankedOf({ runs: [85, 30], held: 55 })[0]?.cause).toBe('tmpfs');
});
