import { expect, test } from 'vitest';
import type { Remediation } from '../../../../src/core/incident/incident.ts';
import type { Watch } from '../../../../src/core/verify/check.ts';
import type { Observation, SeenPod } from '../../../../src/core/verify/observation.ts';
import type { VerifyRequest } from '../../../../src/core/verify/verify-request.ts';
import { verify } from '../../../../src/core/verify/verify.ts';
import { aKill, aPlan, aRemediation, killedAt, Mi } from '../../../fixtures/incidents.ts';
import { wordChange } from '../../../fixtures/manifests.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const good: SeenPod = {
  pod: 'checkout-1',
  uid: 'p1',
  running: true,
  specLimitBytes: 640 * Mi,
  containerLimitBytes: 640 * Mi,
  podLimitBytes: 640 * Mi,
  expectedPodLimitBytes: 640 * Mi,
  resizeCondition: null,
  startedAt: killedAt,
  revision: '7d9f',
  env: {},
  limitChange: null,
};
const observation: Observation = {
  exists: true,
  templateLimitBytes: 640 * Mi,
  templateEnv: {},
  templateChange: null,
  rolloutDone: true,
  pods: [good],
};
const byRuns: Watch = {
  by: 'runs',
  forMs: 160 * minute,
  why: 'it used to be killed every 80 min',
  peakBytes: null,
  shortenedToMs: null,
};
const byPeak: Watch = {
  ...byRuns,
  by: 'peak',
  forMs: 15 * minute,
  peakBytes: 500 * Mi,
  why: 'its kills came with load',
};
const byTime: Watch = { ...byRuns, by: 'time', forMs: day, why: 'how long it usually ran before is not known' };

/** After so long, with what is not usual. */
function check(
  afterMs: number,
  changes: Partial<VerifyRequest> & { readonly of?: Partial<Remediation>; readonly seen?: Partial<Observation> } = {},
) {
  const { of = {}, seen = {}, ...others } = changes;
  const applied = { at: killedAt, seen: '' };
  return verify({
    remediation: aRemediation('verifying', {
      applied,
      verifyAt: killedAt,
      watch: byRuns,
      means: 'patch-workload',
      ...of,
    }),
    observation: { ...observation, ...seen },
    against: [],
    inTheMoment: [],
    mostBytes: null,
    growsUntil: null,
    expectedRunMs: null,
    cause: 'limit-too-low',
    leastMs: 15 * minute,
    mostMs: 7 * 24 * 60 * minute,
    now: killedAt + afterMs,
    ...others,
  });
}

const whole = 160 * minute;
const table: readonly [string, number, Parameters<typeof check>[1], string][] = [
  ['no kill, and twice the usual run is over', whole, {}, 'held'],
  ['no kill, but it used to live longer than this', 15 * minute, {}, 'watching'],
  ['a kill at the new limit', minute, { against: [aKill()] }, 'failed'],
  [
    'a kill at the new limit, and the pod is gone',
    minute,
    { against: [aKill()], seen: { pods: [], exists: false } },
    'failed',
  ],
  [
    'a kill, and the cluster cannot be read',
    minute,
    { against: [aKill()], observation: { unseen: 'No route.' } },
    'failed',
  ],
  [
    'a pod has the old limit again',
    whole,
    { seen: { pods: [good, { ...good, specLimitBytes: 512 * Mi }] } },
    'vanished',
  ],
  ['no pod runs at an early check', hour, { seen: { pods: [{ ...good, running: false }] } }, 'watching'],
  ['no pod runs at the end', whole, { seen: { pods: [{ ...good, running: false }] } }, 'inconclusive'],
  [
    'only one of two pods runs at the end',
    whole,
    { seen: { pods: [good, { ...good, running: false }] } },
    'inconclusive',
  ],
  ['no pod runs at a check after it held', day, { of: { state: 'held' }, seen: { pods: [] } }, 'held'],
  ['the workload is gone', hour, { seen: { exists: false, pods: [] } }, 'inconclusive'],
  ['with load, it used as much as before', hour, { of: { watch: byPeak }, mostBytes: 520 * Mi }, 'held'],
  ['with load, it did not use as much since', hour, { of: { watch: byPeak }, mostBytes: 300 * Mi }, 'held-so-far'],
  ['with load, and nothing was measured yet', hour, { of: { watch: byPeak } }, 'watching'],
  ['with load, and nothing was measured for a day', day, { of: { watch: byPeak } }, 'not-measured'],
  ['nothing is known and nothing measured for a day', day, { of: { watch: byTime } }, 'not-measured'],
  ['nothing is known, but it was measured', day, { of: { watch: byTime }, mostBytes: 300 * Mi }, 'held-so-far'],
  ['nothing is known, but it was measured for a week', 7 * day, { of: { watch: byTime }, mostBytes: 300 * Mi }, 'held'],
  [
    'it used far less than it may, all day',
    day,
    { of: { plan: aPlan({ to: twice() }) }, seen: at(1024), mostBytes: 540 * Mi },
    'overshot',
  ],
  [
    'it used far less than it may, but only for hours',
    whole,
    { of: { plan: aPlan({ to: twice() }) }, seen: at(1024), mostBytes: 540 * Mi },
    'held',
  ],
];

test('what is not decided is checked again sooner where there is no time for hours, and what held is not', () => {
  const of = { watch: byPeak };
  const nextOf = (mostBytes: number, mostMs: number): number =>
    (check(15 * minute, { of, mostBytes, mostMs })?.verifyAt ?? 0) - killedAt;

  expect(nextOf(300 * Mi, 6_000)).toBe(15 * minute + 6_000);
  expect(nextOf(300 * Mi, 7 * day)).toBe(60 * minute);
  expect(nextOf(510 * Mi, 6_000)).toBe(60 * minute);
});

test.each(table)('%s', (_, afterMs, changes, expected) => {
  expect(check(afterMs, changes)?.outcome).toBe(expected);
});

test('before its time a look has something to say only where the change failed or is gone', () => {
  const of = { verifyAt: killedAt + hour };

  expect(check(minute, { of })).toBeNull();
  expect(check(minute, { of, seen: { pods: [] } })).toBeNull();
  expect(check(minute, { of, against: [aKill()] })?.outcome).toBe('failed');
  expect(check(minute, { of, seen: { pods: [{ ...good, specLimitBytes: 512 * Mi }] } })?.outcome).toBe('vanished');
});

const words: readonly [string, number, Parameters<typeof check>[1], string][] = [
  ['held', whole, {}, 'no kill in 3 h at 640Mi; its pod runs. It used to be killed every 80 min.'],
  [
    'watched',
    15 * minute,
    {},
    'no kill in 15 min at 640Mi; its pod runs. It is watched until about 16:42 UTC: it used to be killed every 80 min.',
  ],
  [
    'shortened for a demo',
    minute,
    { of: { watch: { ...byRuns, shortenedToMs: minute } } },
    'no kill in 60 s at 640Mi; its pod runs. It used to be killed every 80 min (demo: checked after 1 min instead of 3 h).',
  ],
  [
    'held by a peak',
    hour,
    { of: { watch: byPeak }, mostBytes: 520 * Mi },
    'no kill in 60 min at 640Mi; its pod runs. It has used 520Mi since, as much as when it was killed.',
  ],
  [
    'held so far',
    hour,
    { of: { watch: byPeak }, mostBytes: 300 * Mi },
    'no kill in 60 min at 640Mi; its pod runs. It used at most 300Mi since, and it was killed at 512Mi.',
  ],
  ['not measured', day, { of: { watch: byTime } }, 'no kill for 24 h at 640Mi; usage is not measured.'],
  [
    'overshot',
    day,
    { of: { plan: aPlan({ to: twice() }) }, seen: at(1024), mostBytes: 540 * Mi },
    'no kill in 24 h at 1Gi; its pod runs. It used at most 540Mi, so the limit could be 384Mi smaller.',
  ],
  ['killed again', 20 * minute, { against: [aKill()] }, 'killed once at the new limit of 640Mi within 20 min.'],
  [
    'a kill in the moment of the change',
    whole,
    { inTheMoment: [aKill()] },
    'no kill in 3 h at 640Mi; its pod runs. It used to be killed every 80 min. 1 kill at 14:02:11 UTC fell into the moment of the change and counts neither for nor against it.',
  ],
];

test.each(words)('what is said: %s', (_, afterMs, changes, expected) => {
  expect(check(afterMs, changes)?.seen).toBe(expected);
});

const later = { by: 'kubectl-edit', at: killedAt + 10 * minute };
const old = { ...good, specLimitBytes: 512 * Mi };
const target = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'checkout-1', uid: 'p1' };
const ofPods = { means: 'resize', plan: aPlan({ pods: [target] }) } as const;
const lost = '1 of 1 pods have 512Mi instead of 640Mi.';
const gone: readonly [string, Partial<Remediation>, Partial<Observation>, string][] = [
  [
    'the template was edited',
    {},
    { pods: [old], templateChange: later },
    `${lost} It was changed by kubectl-edit at 14:12:11 UTC.`,
  ],
  [
    'the pod was edited',
    {},
    { pods: [{ ...old, limitChange: { ...later, by: 'vpa' } }] },
    `${lost} It was changed by vpa at 14:12:11 UTC.`,
  ],
  ['nobody knows', {}, { pods: [old], templateChange: { ...later, at: killedAt - hour } }, lost],
  [
    'a rollout replaced pods that had been resized',
    ofPods,
    { pods: [{ ...old, uid: 'p2' }], templateLimitBytes: 512 * Mi, templateChange: later },
    `${lost} A rollout replaced its pods (template changed by kubectl-edit at 14:12:11 UTC). Only the running pods had been resized, and the template still has 512Mi.`,
  ],
  [
    'a pod was added beside one that was resized',
    ofPods,
    { pods: [good, { ...old, uid: 'p2' }], templateLimitBytes: 512 * Mi },
    '1 of 2 pods have 512Mi instead of 640Mi. New pods were added. Only the running pods had been resized, and the template still has 512Mi.',
  ],
  ['we wrote last', {}, { pods: [old], templateChange: { ...later, by: 'oomkeeper' } }, lost],
  [
    'pods that had been resized were replaced one by one',
    ofPods,
    { pods: [{ ...old, uid: 'p2' }], templateLimitBytes: 512 * Mi },
    `${lost} Its pods were replaced. Only the running pods had been resized, and the template still has 512Mi.`,
  ],
];

test.each(gone)('who undid it: %s', (_, of, seen, expected) => {
  expect(check(hour, { of, seen })).toMatchObject({ outcome: 'vanished', seen: expected, verifyAt: null });
});

test('checks come after 15 min, 1 h, 24 h and 7 d, and at the end of the watch', () => {
  const times = [15 * minute, hour, whole, day, 7 * day];

  expect(times.map((afterMs) => (check(afterMs)?.verifyAt ?? killedAt) - killedAt)).toEqual([...times.slice(1), 0]);
});

test('a run of a CronJob that began before the change says nothing about it', () => {
  const workload = { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'shop', name: 'report', uid: 'c1' };
  const before = { ...old, startedAt: killedAt - 1000 };
  const of = { plan: aPlan({ workload }) };

  expect(check(whole, { of, seen: { pods: [before, good] } })?.outcome).toBe('held');
  expect(check(whole, { of, seen: { pods: [before] } })?.outcome).toBe('inconclusive');
});

test('a kill after a change of flags alone is not said to be at a new limit', () => {
  const limit = { limitBytes: 640 * Mi, requestBytes: 640 * Mi };
  const env = [wordChange('JAVA_TOOL_OPTIONS', '-Xmx640m', '-Xmx384m')];
  const of = { plan: aPlan({ env, from: limit, to: limit }) };

  expect(check(minute, { of, against: [aKill()] })?.seen).toBe(
    'killed once with the new JAVA_TOOL_OPTIONS within 60 s.',
  );
});

function twice(): Remediation['plan']['to'] {
  return { limitBytes: 1024 * Mi, requestBytes: 1024 * Mi };
}

function at(mi: number): Partial<Observation> {
  return { pods: [{ ...good, specLimitBytes: mi * Mi }] };
}
