import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Cause, Hypothesis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import {
  findingsOf,
  found,
  killAt,
  killedAt,
  minute,
  Mi,
  nothingFound,
  runBefore,
} from '../../../fixtures/findings.ts';

const second = 1000;
const hour = 60 * minute;
const pause = 10 * second;

/** Kills after runs of these lengths (ms), the last one at `killedAt`; each at its own limit if limits (Mi) are given. */
function killsAfter(runs: readonly number[], limits: readonly number[] = []): Kill[] {
  return runs.map((runMs, index) => {
    const since = runs.slice(index + 1).reduce((sum, one) => sum + one + pause, 0);
    return killAt(killedAt - since, runMs, { limitBytes: (limits[index] ?? limits.at(-1) ?? 256) * Mi });
  });
}

function hypothesesOf(kills: readonly Kill[], findings: Findings): readonly Hypothesis[] {
  return diagnose(findings, kills.at(-1) ?? killAt(killedAt, 0), kills, killedAt + 100).hypotheses;
}

const noPrometheus = nothingFound('no Prometheus answers');
/** Prometheus answers, and no scrape fell into any run. */
const noSamples = findingsOf([]);

describe('without a sample the run times decide', () => {
  const phenomena: readonly (readonly [string, readonly number[], Cause])[] = [
    ['one start of 2 s', [2], 'limit-too-low'],
    ['starts of 1 to 5 s', [1, 5, 3, 2], 'limit-too-low'],
    ['starts of 20 s', [20, 21, 19], 'limit-too-low'],
    ['one run of 20 s', [20], 'inconclusive'],
    ['runs of 55 s', [55, 55, 55, 55, 55], 'inconclusive'],
    ['one run of 4 min', [240], 'inconclusive'],
    ['runs of 4 min', [246, 246, 240, 251], 'inconclusive'],
    ['runs of 9 min', [540, 545, 530], 'inconclusive'],
    ['one run of 4 h', [4 * 3600], 'inconclusive'],
    ['runs of 4 h', [14_400, 14_500, 14_300], 'leak'],
    ['irregular runs', [30, 900, 14_000, 60, 4000], 'inconclusive'],
    ['starts of 2 s after irregular runs', [900, 14_000, 2, 2], 'limit-too-low'],
  ];

  test.each(
    phenomena.flatMap(([what, runs, cause]) => [
      [what, 'without Prometheus', runs, cause, noPrometheus] as const,
      [what, 'between two scrapes', runs, cause, noSamples] as const,
    ]),
  )('%s, %s', (_, __, runs, cause, findings) => {
    const [verdict] = hypothesesOf(killsAfter(runs.map((one) => one * second)), findings);

    expect(verdict?.cause).toBe(cause);
  });

  test('a slow start is less sure than a quick one, and each is surer with every repetition', () => {
    const confidence = (runMs: number, times: number): number =>
      hypothesesOf(killsAfter(Array.from({ length: times }, () => runMs)), noSamples).find(
        ({ cause }) => cause === 'limit-too-low',
      )?.confidence ?? 0;

    const [quick, slow] = [3 * second, 20 * second].map((runMs) => [2, 3].map((times) => confidence(runMs, times)));

    expect(quick?.[0]).toBeLessThan(quick?.[1] ?? 0);
    expect(slow?.[0]).toBeLessThan(slow?.[1] ?? 0);
    expect(slow?.[1]).toBeLessThan(quick?.[0] ?? 0);
  });

  test('minutes leave it open and say what would settle it', () => {
    const [verdict] = hypothesesOf(killsAfter([246, 246, 240].map((one) => one * second)), noPrometheus);

    expect(verdict?.sentence).toBe(
      'Not clear yet: it was killed about 4 min after each of its last 3 starts, and there is no usage history (no Prometheus answers)',
    );
    expect(verdict?.for.at(-1)).toBe(
      'What would tell: a run at a higher limit. If it is killed again, only later in proportion to the limit, it leaks; if it is not, the limit was too low.',
    );
  });
});

describe('a sentence counts the runs that it is about', () => {
  test.each<[string, readonly number[], readonly number[], string]>([
    [
      'the first run lasted longer',
      [24, 0],
      [64],
      'The limit of 64Mi is too low to start: killed within a second of its start',
    ],
    [
      'only the last starts were quick',
      [600, 3, 4],
      [64],
      'The limit of 64Mi is too low to start: killed within 4 s of each of its last 2 starts',
    ],
    [
      'the limit was raised in between',
      [2, 2, 2, 2, 2, 4, 3],
      [64, 64, 64, 64, 64, 104, 104],
      'The limit of 104Mi is too low to start: killed within 4 s of each of its last 2 starts',
    ],
    [
      'it takes its time',
      [21, 20, 19],
      [64],
      'The limit of 64Mi is probably too low to start: killed about 21 s after each of its last 3 starts',
    ],
  ])('%s', (_, runs, limits, sentence) => {
    const kills = killsAfter(
      runs.map((one) => one * second),
      limits,
    );

    const low = hypothesesOf(kills, noSamples).find(({ cause }) => cause === 'limit-too-low');

    expect(low?.sentence).toBe(sentence);
  });

  test('an earlier run that got through its start speaks against a start', () => {
    const alone = hypothesesOf(killsAfter([2, 2].map((one) => one * second)), noSamples)[0];
    const later = hypothesesOf(killsAfter([600, 2, 2].map((one) => one * second)), noSamples)[0];

    expect(later?.confidence).toBeLessThan(alone?.confidence ?? 0);
    expect(later?.against).toContain('An earlier run lasted 10 min under the same limit, so its start fits in it.');
  });
});

test('kills inside of a container that goes on are no runs', () => {
  const child = killAt(killedAt - 2 * second, hour, { kind: 'child-process', fingerprint: 'child' });
  const kills = [child, ...killsAfter([hour])];

  const [verdict] = hypothesesOf(kills, noSamples);

  expect(verdict?.sentence).toContain('it was killed 60 min after its start');
});

test('a start that dies in the same seconds as pods that had run for long is not blamed', () => {
  const starts = killsAfter([2 * second, 2 * second]);
  const others = [30 * minute, 40 * minute].map((runMs, index) =>
    killAt(killedAt - 5 * second, runMs, { pod: `checkout-bbbbbbb-2222${index}`, fingerprint: `other-${index}` }),
  );
  const kills = [...others, ...starts];

  const ranked = diagnose(noSamples, starts[1] ?? killAt(killedAt, 0), kills, killedAt + 100).hypotheses;

  expect(ranked[0]).toMatchObject({
    cause: 'traffic-spike',
    sentence:
      'Probably a spike: pods of it that had run for 2 s and 40 min were killed within seconds of each other at 256Mi',
  });
  expect(ranked.find(({ cause }) => cause === 'limit-too-low')?.against).toContain(
    'Another pod that had run for 40 min was killed within the same seconds.',
  );
});

describe('a few samples at scrapes of 15 s', () => {
  const leaks = (ageMs: number): number => 60 + (3.6 * ageMs) / second;

  test.each([0, 1, 2, 3, 5])('and %d of them in runs of 55 s are no start', (count) => {
    const kills = killsAfter([55, 55, 55].map((one) => one * second));
    const runs = kills.map((kill) => {
      const run = runBefore(kill, leaks, 10 * second);
      return { ...run, samples: run.samples.slice(0, count) };
    });

    const low = hypothesesOf(kills, findingsOf(runs)).find(({ cause }) => cause === 'limit-too-low');

    expect(low?.confidence ?? 0).toBeLessThan(0.5);
  });

  test.each([0, 1, 2])('and %d of them in starts of 20 s leave it a slow start', (count) => {
    const kills = killsAfter([20, 20, 20].map((one) => one * second));
    const runs = kills.map((kill) => {
      const run = runBefore(kill, () => 90, 5 * second);
      return { ...run, samples: run.samples.slice(0, count) };
    });

    const [verdict] = hypothesesOf(kills, findingsOf(runs));

    expect(verdict).toMatchObject({ cause: 'limit-too-low', confidence: 0.66 });
  });

  test('say how few they were, and what the last one showed', () => {
    const [kill = killAt(killedAt, 0)] = killsAfter([55 * second]);
    const run = runBefore(kill, leaks, 15 * second);

    const [verdict] = hypothesesOf([kill], findingsOf([run]));

    expect(verdict?.sentence).toBe(
      'Not clear yet: it was killed 55 s after its start, and only 3 samples of that run were taken, 15 s apart; the last one was 186Mi, 73% of the limit',
    );
  });
});

describe('runs of 4 min that begin low, at scrapes of 15 s', () => {
  /** Sampled at other ages in each run. */
  const verdictOf = (usage: (ageMs: number) => number): Hypothesis | undefined => {
    const kills = killsAfter([245, 245, 245].map((one) => one * second));
    const runs = kills.map((kill, index) => runBefore(kill, (age) => usage(age), (14.2 + index / 2) * second));
    return hypothesesOf(kills, findingsOf(runs))[0];
  };

  test('are a leak where all of them show a level from which it grows, but not for certain', () => {
    const verdict = verdictOf((age) => 46 + (0.86 * age) / second);

    expect(verdict?.cause).toBe('leak');
    expect(verdict?.confidence).toBeLessThan(0.8);
  });

  test('stay open where they climb from nothing', () => {
    expect(verdictOf((age) => 2 + (1.04 * age) / second)?.cause).toBe('inconclusive');
  });
});

test('flat usage is never called growing files in memory', () => {
  const kill = killAt(killedAt, hour);
  const run = runBefore(kill, (age) => 150 + age / hour, 15 * second);
  const samples = run.samples.map((sample) => ({ ...sample, rssBytes: 90 * Mi }));

  const all = hypothesesOf([kill], { ...findingsOf([{ ...run, samples }]), log: found({ lines: [] }) });

  expect(all.map(({ sentence }) => sentence).join('\n')).not.toContain('what grows');
});

test.each([
  {
    what: 'lie on a line to the limit, as those of a leak',
    usage: (age: number) => 77 + (179 * age) / 28_000,
    cause: 'inconclusive',
  },
  { what: 'show no growth', usage: () => 170, cause: 'limit-too-low' },
])('slow starts whose few samples $what are $cause', ({ usage, cause }) => {
  const kills = killsAfter([28 * second, 28 * second]);
  const runs = kills.map((kill) => runBefore(kill, usage, 12 * second));

  expect(hypothesesOf(kills, findingsOf(runs, { everyMs: 12 * second }))[0]?.cause).toBe(cause);
});
