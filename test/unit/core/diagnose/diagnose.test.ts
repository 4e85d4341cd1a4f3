import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Cause } from '../../../../src/core/diagnose/diagnosis.ts';
import type { Findings, RolloutFacts, UsageRun } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import {
  findingsOf,
  found,
  killAt,
  killedAt,
  runBefore,
  survivingRun,
  Mi,
  minute,
  nothingFound,
  samplesOf,
} from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

/** What one run of `runMs` shows, sampled so often that there are `samples` of it. */
function oneRun(usage: Usage, runMs: number, samples: number): { findings: Findings; kill: Kill; recent: Kill[] } {
  const kill = killAt(killedAt, runMs);
  const everyMs = runMs / samples;
  return { kill, recent: [kill], findings: findingsOf([runBefore(kill, usage, everyMs)], { everyMs }) };
}

function causeOf({
  findings,
  kill,
  recent,
}: {
  findings: Findings;
  kill: Kill;
  recent: readonly Kill[];
}): Cause | undefined {
  return diagnose(findings, kill, recent, killedAt + 1000).hypotheses[0]?.cause;
}

const wobble = (ageMs: number): number => 4 * Math.sin(ageMs / 7919);

/** Usage as a function of the share of the run that has passed, for a limit of 256Mi. */
const courses: readonly (readonly [string, Cause, (share: number, ageMs: number) => number])[] = [
  ['grows in a straight line from a level', 'leak', (share) => 80 + 176 * share],
  ['grows with noise', 'leak', (share, ageMs) => 90 + 160 * share + wobble(ageMs)],
  ['grows in stairs', 'leak', (share) => 80 + 16 * Math.floor(share * 11)],
  ['stays close below the limit', 'limit-too-low', (share, ageMs) => (share < 0.01 ? 100 : 236 + wobble(ageMs))],
  ['climbs towards a level', 'limit-too-low', (share) => 30 + 240 * (1 - Math.exp(-3 * share))],
  ['climbs towards a level far above the limit', 'limit-too-low', (share) => 358 - 307 * Math.exp(-1.1 * share)],
  ['climbs from nothing in one line', 'inconclusive', (share) => 4 + 250 * share],
  ['is calm at a third of the limit', 'inconclusive', (_, ageMs) => 80 + wobble(ageMs)],
];

describe('the verdict', () => {
  test.each(
    courses.flatMap(([what, cause, usage]) =>
      [minute, 90 * minute, 3 * 24 * 60 * minute].map((runMs) => [what, runMs / 1000, cause, usage] as const),
    ),
  )('of usage that %s for %d s is %s', (_, seconds, cause, usage) => {
    const runMs = seconds * 1000;

    const verdict = causeOf(oneRun((age) => usage(age / runMs, age), runMs, 50));

    expect(verdict).toBe(cause);
  });

  test.each<[string, readonly number[]]>([
    ['early', [0.05, 0.12, 0.14, 0.2, 0.3, 0.34, 0.6, 0.9]],
    ['early and late', [0.02, 0.12, 0.15, 0.22, 0.25, 0.8, 0.85, 0.95]],
  ])('of growth in steps that come %s is not for certain that it bends', (_, steps) => {
    const usage: Usage = (age) => 60 + 24.5 * steps.filter((at) => at * 60 * minute < age).length;

    const { findings, kill, recent } = oneRun(usage, 60 * minute, 50);
    const low = diagnose(findings, kill, recent, killedAt).hypotheses.find(({ cause }) => cause === 'limit-too-low');

    expect(low?.confidence).toBeLessThan(0.7);
  });

  test('of a leak says how fast it grows, how often it is killed, and when again', () => {
    const kills = [3, 2, 1, 0].map((back) => killAt(killedAt - back * 58 * minute, 58 * minute));
    const runs = kills.map((kill) => runBefore(kill, (age) => 18 + (4.1 * age) / minute, 15_000));
    const kill = kills.at(-1) ?? killAt(killedAt, 0);

    const { hypotheses, slopeBytesPerSecond, nextKillAt } = diagnose(findingsOf(runs), kill, kills, killedAt + 1000);

    expect(hypotheses[0]).toMatchObject({ cause: 'leak', sentence: 'Leak: grows 4.1 Mi/min, killed every 58 min' });
    expect(hypotheses[0]?.confidence).toBeGreaterThan(0.9);
    expect((slopeBytesPerSecond ?? 0) / Mi).toBeCloseTo(4.1 / 60, 3);
    expect(nextKillAt).toBe(killedAt + 58 * minute);
  });

  test('of a leak looks at the present run for the next kill', () => {
    const kill = killAt(killedAt, 60 * minute);
    const usage: Usage = (age) => 76 + (3 * age) / minute;
    const current = {
      ...runBefore(kill, usage, 15_000),
      containerId: 'containerd://next',
      startedAt: killedAt,
      killedAt: null,
      samples: samplesOf(usage, killedAt, killedAt + 30 * minute, 15_000),
    };
    const findings = findingsOf([runBefore(kill, usage, 15_000), current]);

    const { nextKillAt } = diagnose(findings, kill, [kill], killedAt + 30 * minute);

    expect(Math.abs((nextKillAt ?? 0) - (killedAt + 60 * minute))).toBeLessThan(minute);
  });

  test('of kills seconds after each start is that the start needs more', () => {
    const kills = [2, 1, 0].map((back) => killAt(killedAt - back * minute, 4000));

    const { hypotheses } = diagnose(findingsOf([]), killAt(killedAt, 4000), kills, killedAt);

    expect(hypotheses[0]).toMatchObject({
      cause: 'limit-too-low',
      sentence: 'The limit of 256Mi is too low to start: killed within 4 s of each of its last 3 starts',
    });
  });

  test('of growth that is not the memory of its processes is no leak', () => {
    const kill = killAt(killedAt, 60 * minute);
    const run = runBefore(kill, (age) => 60 + (3 * age) / minute, 15_000);
    const samples = run.samples.map((sample) => ({ ...sample, rssBytes: 50 * Mi }));

    const { hypotheses } = diagnose(findingsOf([{ ...run, samples }]), kill, [kill], killedAt);

    expect(hypotheses.map(({ cause }) => cause)).toEqual(['inconclusive']);
    expect(hypotheses[0]?.sentence).toContain('files in memory');
  });

  test('of a suspect far below its limit is that it was not memory', () => {
    const { findings } = oneRun(() => 90, 60 * minute, 200);
    const kill = killAt(killedAt, 60 * minute, { reason: 'Error' });

    expect(causeOf({ findings, kill, recent: [kill] })).toBe('not-memory');
  });

  test('never doubts the kernel because of a low sample', () => {
    const { findings, kill, recent } = oneRun(() => 90, 60 * minute, 200);

    const { hypotheses } = diagnose(findings, kill, recent, killedAt);

    expect(hypotheses.map(({ cause }) => cause)).not.toContain('not-memory');
  });
});

describe('without usage history', () => {
  const unreachable = 'Prometheus at http://prometheus:9090 cannot be reached (ECONNREFUSED)';

  test('one kill is inconclusive, and the reason is said', () => {
    const kill = killAt(killedAt, 90 * minute);

    const { hypotheses, slopeBytesPerSecond, nextKillAt } = diagnose(nothingFound(unreachable), kill, [kill], killedAt);

    expect(hypotheses[0]?.cause).toBe('inconclusive');
    expect(hypotheses[0]?.sentence).toContain(unreachable);
    expect([slopeBytesPerSecond, nextKillAt]).toEqual([null, null]);
  });

  test.each([
    ['seconds after each start', [3000, 4000, 3000], 'limit-too-low'],
    ['as regularly as a clock', [58 * minute, 59 * minute, 58 * minute, 57 * minute], 'leak'],
    ['irregularly', [20 * minute, 180 * minute, 64 * minute, 300 * minute], 'inconclusive'],
  ] as const)('kills that come %s tell by their times', (_, runs, cause) => {
    const kills = runs.map((runMs, index) => killAt(killedAt - (runs.length - 1 - index) * 400 * minute, runMs));
    const kill = kills.at(-1) ?? killAt(killedAt, 0);

    expect(causeOf({ findings: nothingFound(unreachable), kill, recent: kills })).toBe(cause);
  });
});

describe('a rollout', () => {
  const rollout: RolloutFacts = {
    revision: '7',
    startedAt: killedAt - 50 * minute,
    previousRevision: '6',
    changed: ['image shop:1 -> shop:2'],
    limit: null,
    heapFlags: null,
  };
  const grows: Usage = (age) => 80 + (4 * age) / minute;
  const kill = killAt(killedAt, 44 * minute);
  const run = runBefore(kill, grows, 15_000);

  test('is to blame when the revision before lived calmly for longer', () => {
    const before = survivingRun(() => 90, 300 * minute, 15_000);

    const { hypotheses } = diagnose(findingsOf([run], { siblings: [before], rollout }), kill, [kill], killedAt);

    expect(hypotheses[0]).toMatchObject({
      cause: 'bad-rollout',
      sentence:
        'Revision 7 (image shop:1 -> shop:2) needs more than the limit of 256Mi; the revision before needed at most 90Mi',
    });
  });

  test('that lowered the limit below what was used says so', () => {
    const before = survivingRun(() => 300, 300 * minute, 15_000, { limitBytes: 512 * Mi });
    const startKill = killAt(killedAt, 3000);

    const { hypotheses } = diagnose(
      findingsOf([], { siblings: [before], rollout: { ...rollout, startedAt: killedAt - 5000 } }),
      startKill,
      [startKill],
      killedAt,
    );

    expect(hypotheses[0]?.sentence).toBe('Revision 7 lowered the limit from 512Mi to 256Mi, but 300Mi was used before');
  });

  test.each([
    ['its pods were made', -40 * minute, '40 min'],
    ['its first sample came', -30 * 24 * 60 * minute, '44 min'],
  ])('of an old ReplicaSet counts from when %s', (_, createdAgo, words) => {
    const before = survivingRun(() => 90, 300 * minute, 15_000);
    const again = { ...rollout, startedAt: killedAt - 30 * 24 * 60 * minute };
    const first = { ...kill, podCreatedAt: new Date(killedAt + createdAgo).toISOString() };

    const { hypotheses } = diagnose(
      findingsOf([run], { siblings: [before], rollout: again }),
      first,
      [first],
      killedAt,
    );

    expect(hypotheses[0]).toMatchObject({ cause: 'bad-rollout', confidence: 0.9 });
    expect(hypotheses[0]?.for[0]).toContain(`was rolled out ${words} before its first kill`);
  });

  test('that changed the heap flag says so', () => {
    const before = survivingRun(() => 90, 300 * minute, 15_000);
    const heapFlags = { from: '-Xmx128m', to: '-Xmx1g' };

    const { hypotheses } = diagnose(
      findingsOf([run], { siblings: [before], rollout: { ...rollout, heapFlags } }),
      kill,
      [kill],
      killedAt,
    );

    expect(hypotheses[0]?.sentence).toBe(
      'Revision 7 changed the heap flag from -Xmx128m to -Xmx1g and needs more than the limit of 256Mi; the revision before needed at most 90Mi',
    );
  });

  test.each([
    [
      'took memory away',
      { limit: { fromBytes: 512 * Mi, toBytes: 256 * Mi } },
      'lowered the limit from 512Mi to 256Mi',
    ],
    ['set a limit', { limit: { fromBytes: null, toBytes: 256 * Mi } }, 'set a limit of 256Mi'],
    ['set a heap flag', { heapFlags: { from: '', to: '-Xmx1g' } }, 'set the heap flag -Xmx1g'],
  ])('that %s is to blame even where the revision before was not seen', (_, changes, words) => {
    const { hypotheses } = diagnose(
      { ...nothingFound('unreachable'), rollout: found({ ...rollout, ...changes }) },
      kill,
      [kill],
      killedAt,
    );

    expect(hypotheses[0]).toMatchObject({ cause: 'bad-rollout', sentence: expect.stringContaining(words) });
  });

  test.each([
    { what: 'no more than the revision before used', sizes: [100, 170], cause: 'inconclusive' },
    { what: 'more than the revision before used', sizes: [100, 240], cause: 'bad-rollout' },
  ])('whose few samples show $what is $cause', ({ sizes, cause }) => {
    const short = killAt(killedAt, minute);
    const few = runBefore(short, (age) => sizes[Math.floor(age / 20_000)] ?? 0, 20_000);
    const before = survivingRun((age) => (age > 290 * minute ? 200 : 170), 300 * minute, 15_000);
    const now = { ...rollout, startedAt: killedAt - minute };

    const { hypotheses } = diagnose(
      findingsOf([few], { siblings: [before], rollout: now, everyMs: 20_000 }),
      short,
      [short],
      killedAt,
    );

    expect(hypotheses[0]?.cause).toBe(cause);
  });

  test('that only raised limits or requests is never to blame, whatever is killed since', () => {
    const raise = { ...rollout, changed: ['limit of app 48Mi -> 80Mi'], onlyRaises: true };
    const before = survivingRun(() => 90, 300 * minute, 15_000);
    const startKill = killAt(killedAt, 3000);
    const cases = [
      [nothingFound('unreachable'), kill],
      [nothingFound('unreachable'), startKill],
      [findingsOf([run], { siblings: [before] }), kill],
    ] as const;

    const causes = cases.flatMap(([findings, of]) =>
      diagnose({ ...findings, rollout: found(raise) }, of, [of], killedAt).hypotheses.map(({ cause }) => cause),
    );

    expect(causes).not.toContain('bad-rollout');
  });

  test('that raised the limit and changed other things is not to blame by the order of events alone', () => {
    const limit = { fromBytes: 128 * Mi, toBytes: 256 * Mi };
    const startedAt = killedAt - 46 * minute;

    const { hypotheses } = diagnose(
      { ...nothingFound('unreachable'), rollout: found({ ...rollout, limit, startedAt }) },
      kill,
      [kill],
      killedAt,
    );

    expect(hypotheses.map(({ cause }) => cause)).not.toContain('bad-rollout');
  });

  test('that raised the limit is not to blame where nothing else speaks for it', () => {
    const limit = { fromBytes: 128 * Mi, toBytes: 256 * Mi };

    const { hypotheses } = diagnose(
      { ...nothingFound('unreachable'), rollout: found({ ...rollout, limit }) },
      kill,
      [kill],
      killedAt,
    );

    expect(hypotheses[0]?.cause).toBe('inconclusive');
  });

  test('after which each start is killed is to blame where the revision before was seen to start', () => {
    const starts = [killAt(killedAt - 40_000, 5000), killAt(killedAt, 5000)];
    const siblings = [survivingRun(() => 90, 3 * minute, 15_000, { samples: [1, 2, 3].map(sampleAt) })];
    const findings = findingsOf([], { siblings, rollout: { ...rollout, startedAt: killedAt - minute } });

    const { hypotheses } = diagnose(findings, starts[1] ?? kill, starts, killedAt);

    expect(hypotheses.slice(0, 2).map(({ cause, confidence }) => [cause, confidence])).toEqual([
      ['bad-rollout', 0.74],
      ['limit-too-low', 0.63],
    ]);
  });

  test.each([
    ['the revision before grew alike', [survivingRun(grows, 43 * minute, 15_000)], [kill]],
    [
      'the revision before was killed too',
      [],
      [killAt(killedAt - 90 * minute, 40 * minute, { revision: 'aaaaaaa' }), kill],
    ],
    [
      'a run of the revision before was killed',
      [survivingRun(() => 90, 300 * minute, 15_000, { killedAt: killedAt - 60 * minute })],
      [kill],
    ],
    ['the revision before was not seen for as long', [survivingRun(() => 90, 20 * minute, 15_000)], [kill]],
  ] as const)('is innocent when %s', (_, siblings, kills) => {
    const findings = findingsOf([run], { siblings, rollout });

    expect(causeOf({ findings, kill, recent: kills })).toBe('leak');
  });
});

function sampleAt(minutes: number): UsageRun['samples'][number] {
  return { t: killedAt - (5 - minutes) * minute, workingSetBytes: 90 * Mi };
}

describe('a run that was not seen from its start', () => {
  const kill = killAt(killedAt, 60 * minute);
  /** As one is that is looked at from 60% of its limit on. */
  const seenLate = (usage: Usage): UsageRun => {
    const run = runBefore(kill, usage, 30_000);
    return { ...run, samples: run.samples.filter(({ workingSetBytes }) => workingSetBytes > 0.6 * 256 * Mi) };
  };

  test.each<[string, Usage, string]>([
    ['a leak is told, but not for certain', (age) => 80 + (2.9 * age) / minute, 'leak'],
    ['a line from nothing stays open', (age) => (4.2 * age) / minute, 'inconclusive'],
    ['growth that began late is told too', (age) => Math.max(90, (8 * age) / minute - 230), 'leak'],
  ])('%s', (_, usage, cause) => {
    const [verdict] = diagnose(findingsOf([seenLate(usage)]), kill, [kill], killedAt).hypotheses;

    expect(verdict?.cause).toBe(cause);
    expect(verdict?.confidence).toBeLessThan(0.8);
  });
});

describe('bad evidence', () => {
  const steady: Usage = (age) => 80 + (3 * age) / minute;
  const kill = killAt(killedAt, 58 * minute);
  const clean = runBefore(kill, steady, 15_000);
  const samples = clean.samples;
  const stale = Array.from({ length: 20 }, (_, index) => ({ t: killedAt + index * 15_000, workingSetBytes: 250 * Mi }));

  test.each([
    ['values that are no numbers', [...samples, { t: killedAt - 1, workingSetBytes: Number.NaN }]],
    ['samples that linger after the kill', [...samples, ...stale]],
    ['every sample twice', samples.flatMap((sample) => [sample, sample])],
    ['samples out of order', samples.toReversed()],
    ['a gap of a third of the run', samples.filter((_, index) => index < 70 || index > 140)],
    ['a last row of a cgroup that is already empty', [...samples, { t: killedAt - 1, workingSetBytes: 4096 }]],
  ])('with %s the verdict is the same', (_, changed) => {
    const verdict = causeOf({ findings: findingsOf([{ ...clean, samples: changed }]), kill, recent: [kill] });

    expect(verdict).toBe('leak');
  });

  test.each([0, null])('a limit of %s is no limit', (limitBytes) => {
    const without = killAt(killedAt, 58 * minute, { limitBytes: null, limitInForceBytes: limitBytes });
    const run = { ...runBefore(without, () => 80, 15_000), limitBytes };

    const { hypotheses } = diagnose(findingsOf([run]), without, [without], killedAt);

    expect(hypotheses[0]?.sentence).toContain('no limit of its own');
  });

  test('one sample in a long run does not make it a start', () => {
    const findings = findingsOf([{ ...clean, samples: samples.slice(-1) }]);

    expect(causeOf({ findings, kill, recent: [kill] })).toBe('inconclusive');
  });

  test('the same facts give the same ranking, ties included', () => {
    const findings = findingsOf([clean]);

    const once = diagnose(findings, kill, [kill], killedAt);

    expect(diagnose(findings, kill, [kill], killedAt)).toEqual(once);
    expect(once.hypotheses.map(({ confidence }) => confidence)).toEqual(
      once.hypotheses.map(({ confidence }) => confidence).toSorted((a, b) => b - a),
    );
  });
});
