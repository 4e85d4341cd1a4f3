import { expect, test } from 'vitest';
import type { TimePromise } from '../../../../src/core/verify/check.ts';
import { effectOf } from '../../../../src/core/verify/effect.ts';
import type { UsageHistory } from '../../../../src/core/evidence/evidence.ts';
import { expectedRunMs, mostUsedSince, reachesAt } from '../../../../src/core/verify/expected-run.ts';
import type { VerifyRequest } from '../../../../src/core/verify/verify-request.ts';
import { verify } from '../../../../src/core/verify/verify.ts';
import { aKill, aPlan, aRemediation, killedAt, Mi } from '../../../fixtures/incidents.ts';

const minute = 60_000;
const hour = 60 * minute;
const promise: TimePromise = { at: killedAt + 2 * hour, by: 'growth', madeAt: killedAt, remindedAt: null, kept: null };
const pod = {
  pod: 'checkout-1',
  uid: 'p1',
  running: true,
  specLimitBytes: 640 * Mi,
  containerLimitBytes: 640 * Mi,
  podLimitBytes: 640 * Mi,
  expectedPodLimitBytes: 640 * Mi,
  resizeCondition: null,
  startedAt: killedAt - 10 * minute,
  revision: '7d9f',
  env: {},
  limitChange: null,
};

function check(afterMs: number, promised: TimePromise | null, changes: Partial<VerifyRequest> = {}) {
  return verify({
    remediation: aRemediation(promised === null ? 'verifying' : 'bought-time', {
      effect: 'mitigation',
      applied: { at: killedAt, seen: '' },
      verifyAt: killedAt,
      means: 'patch-workload',
      promise: promised,
    }),
    observation: {
      exists: true,
      templateLimitBytes: 640 * Mi,
      templateEnv: {},
      templateChange: null,
      rolloutDone: true,
      pods: [pod],
    },
    against: [],
    inTheMoment: [],
    mostBytes: null,
    growsUntil: null,
    expectedRunMs: null,
    cause: 'leak',
    leastMs: 15 * minute,
    mostMs: 7 * 24 * 60 * minute,
    now: killedAt + afterMs,
    ...changes,
  });
}

function killAfter(ms: number) {
  return { against: [aKill({ finishedAt: new Date(killedAt + ms).toISOString() })] };
}

test('at its first check it says when the next kill is expected, by the growth that is seen', () => {
  const said = check(15 * minute, null, { growsUntil: killedAt + 2 * hour, expectedRunMs: hour });

  expect(said).toMatchObject({
    outcome: 'bought-time',
    seen: 'next kill expected about 16:02 UTC. The leak is not fixed.',
    promise: { at: killedAt + 2 * hour, by: 'growth', kept: null },
    // A quarter of the time before.
    verifyAt: killedAt + 2 * hour - (105 * minute) / 4,
  });
});

test('without growth that is seen, by the runs before: what runs longest is killed first', () => {
  const said = check(15 * minute, null, { expectedRunMs: 130 * minute });

  expect(said?.promise).toMatchObject({ at: killedAt + 2 * hour, by: 'runs' });
});

test('where nothing tells when the next kill comes, it says so and looks again', () => {
  const said = check(15 * minute, null, { cause: 'bad-rollout' });

  expect(said).toMatchObject({ outcome: 'bought-time', promise: null, verifyAt: killedAt + hour });
  expect(said?.seen).toBe('no kill in 15 min; nothing tells when the next one comes. The cause is not fixed.');
});

test('it reminds once before the expected kill', () => {
  expect(check(100 * minute, promise)).toMatchObject({
    outcome: 'bought-time',
    seen: 'the next kill is expected in about 20 min, at 16:02 UTC. The leak is not fixed.',
    promise: { remindedAt: killedAt + 100 * minute },
    verifyAt: killedAt + 3 * hour,
  });
});

const kept: readonly [string, number, Partial<VerifyRequest>, object][] = [
  [
    'about then',
    110 * minute,
    killAfter(110 * minute),
    {
      outcome: 'bought-time',
      seen: 'killed again at 15:52:11 UTC, 110 min after the change; expected about 16:02 UTC.',
      promise: { kept: 'as-expected' },
    },
  ],
  [
    'far too early',
    20 * minute,
    killAfter(20 * minute),
    {
      outcome: 'failed',
      seen: 'killed again at 14:22:11 UTC, 20 min after the change, which is early; expected about 16:02 UTC.',
      promise: { kept: 'earlier' },
    },
  ],
  [
    'not at all',
    3 * hour,
    {},
    {
      outcome: 'bought-time',
      seen: 'the kill that was expected about 16:02 UTC did not come; its pod runs. The leak is not fixed.',
      promise: { kept: 'did-not-come' },
    },
  ],
];

test.each(kept)('it says afterwards whether that was right: the kill came %s', (_, after, changes, expected) => {
  expect(check(after, promise, changes)).toMatchObject({ ...expected, verifyAt: null });
});

test('where it grows more slowly than it did, the kill is expected later, and that is what counts', () => {
  expect(check(3 * hour, promise, { growsUntil: killedAt + 4 * hour })).toMatchObject({
    outcome: 'bought-time',
    seen: 'the kill that was expected about 16:02 UTC has not come yet; as it grows now, it comes about 18:02 UTC. The leak is not fixed.',
    promise: { at: killedAt + 4 * hour, kept: null },
    verifyAt: killedAt + 6 * hour,
  });
});

test.each([
  ['a plan that buys time', aPlan({ purpose: 'mitigation' }), 'bad-rollout', 'mitigation'],
  ['a larger limit for a leak, whatever it was called', aPlan(), 'leak', 'mitigation'],
  ['a roll back of what leaks', aPlan({ rollBack: { toRevision: '3', hash: 'a', template: null } }), 'leak', 'fix'],
  ['a larger limit for one that is too low', aPlan(), 'limit-too-low', 'fix'],
] as const)('what a change can do at best: %s', (_, plan, cause, expected) => {
  expect(effectOf(plan, cause)).toBe(expected);
});

test.each([
  ['at the measured rate', 60, (128 * Mi) / (20 * 60), 80],
  ['by what leaks do, where no rate was measured', 60, null, 86.25],
  ['a rate that no leak of such runs can have is not believed', 60, (128 * Mi) / (600 * 60), 97.5],
  ['not where no run is known', null, 1, null],
])('how long a run takes under the new limit: %s', (_, usual, slope, expected) => {
  const ms = expectedRunMs(aPlan(), usual === null ? null : usual * minute, slope);

  expect(ms === null ? null : Math.round((ms / minute) * 100) / 100).toBe(expected);
});

function history(...points: readonly [seconds: number, mi: number][]): UsageHistory {
  const samples = points.map(([seconds, mi]) => ({ t: killedAt + seconds * 1000, workingSetBytes: mi * Mi }));
  const run = { pod: 'p', containerId: null, revision: null, startedAt: killedAt, killedAt: null, limitBytes: null };
  return { runs: [], siblings: [{ ...run, samples }], resolutionMs: null };
}

const times = [0, 10, 20, 30, 40, 50, 60, 70, 80];
const line = times.map((seconds): [number, number] => [seconds, 100 + seconds]);
const flat = times.map((seconds): [number, number] => [seconds, 300 + (seconds % 20)]);

test.each<[string, UsageHistory, number | null]>([
  ['along the line that it is on', history(...line), 540],
  ['not where it does not grow', history(...flat), null],
  ['not by a handful of samples', history([0, 100], [10, 110], [20, 120]), null],
])('when a running container reaches its limit: %s', (_, usage, seconds) => {
  expect(reachesAt(usage, 640 * Mi, killedAt)).toBe(seconds === null ? null : killedAt + seconds * 1000);
});

test('the most that was used since the change counts the peaks of whole hours since then', () => {
  const peaks = [
    { from: killedAt - 1, to: killedAt + hour, bytes: 900 * Mi },
    { from: killedAt, to: killedAt + hour, bytes: 500 * Mi },
  ];

  expect(mostUsedSince({ ...history([-5, 800], [5, 300]), peaks }, killedAt)).toBe(500 * Mi);
  expect(mostUsedSince(history([-5, 800]), killedAt)).toBeNull();
});
