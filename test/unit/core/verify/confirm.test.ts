import { expect, test } from 'vitest';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import type { Observation, SeenPod } from '../../../../src/core/verify/observation.ts';
import { confirm } from '../../../../src/core/verify/confirm.ts';
import type { ConfirmRequest } from '../../../../src/core/verify/confirm.ts';
import { aKill, aPlan, killedAt, Mi } from '../../../fixtures/incidents.ts';
import { wordChange } from '../../../fixtures/manifests.ts';

const since = killedAt + 60_000;
const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'checkout-1', uid: 'p1' };
const plan = aPlan({ pods: [pod] });

function seen(changes: Partial<SeenPod> = {}): SeenPod {
  return {
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
    ...changes,
  };
}

function ask(pods: readonly SeenPod[], changes: Partial<ConfirmRequest> & { observation?: Observation } = {}) {
  const observation = {
    exists: true,
    templateLimitBytes: 512 * Mi,
    templateEnv: {},
    templateChange: null,
    rolloutDone: true,
    pods,
  };
  return confirm({
    plan,
    means: 'resize',
    observation,
    since,
    now: since + 2000,
    timeoutMs: 300_000,
    recentKills: [aKill()],
    ...changes,
  });
}

const late = { now: since + 60_000 };
const oldPodLimit = { podLimitBytes: 512 * Mi };
const deferred = { type: 'PodResizePending', reason: 'Deferred', message: 'Node is full' };
const infeasible = { type: 'PodResizePending', reason: 'Infeasible', message: 'Node has 1Gi' };

const resizes: readonly [string, Partial<SeenPod>, Partial<ConfirmRequest>, string][] = [
  ['everything shows the new value', {}, {}, 'done'],
  ['the spec is still old', { specLimitBytes: 512 * Mi }, {}, 'waiting'],
  ['the container status is still old', { containerLimitBytes: 512 * Mi }, {}, 'waiting'],
  ['the container does not run', { running: false, startedAt: null }, {}, 'waiting'],
  ['the resize is deferred', { resizeCondition: deferred }, {}, 'waiting'],
  ['the resize is deferred for too long', { resizeCondition: deferred }, { now: since + 300_000 }, 'useless'],
  ['the resize is infeasible', { resizeCondition: infeasible }, {}, 'useless'],
  ['the pod-level limit has just not moved yet', oldPodLimit, {}, 'waiting'],
  ['the pod-level limit stays old although everything else is new', oldPodLimit, late, 'useless'],
  ['a crash-looper says all is new but its pod-level limit', { ...oldPodLimit, running: false }, late, 'useless'],
  ['no pod-level limit, and the run is still short', { podLimitBytes: null, startedAt: since }, late, 'waiting'],
  [
    'no pod-level limit, and the run has lasted',
    { podLimitBytes: null },
    { now: since + 3 * 3_600_000, timeoutMs: 1e9 },
    'done',
  ],
];

test.each(resizes)('a resize: %s', (_, changes, request, expected) => {
  expect(ask([seen(changes)], request).is).toBe(expected);
});

/** The pod of the plan is killed in a run that began a second after the write. */
const again = (limitMi: number, changes: Partial<Kill> = {}): Kill =>
  aKill({
    podUid: 'p1',
    startedAt: new Date(since + 1000).toISOString(),
    finishedAt: new Date(since + 2000).toISOString(),
    limitInForceBytes: limitMi * Mi,
    ...changes,
  });

const killedAgain: readonly [string, Partial<SeenPod>, Kill, string][] = [
  ['at the old limit: it did nothing', {}, again(512), 'useless'],
  [
    'at the old limit, in the second of the write',
    {},
    again(512, { startedAt: new Date(since).toISOString() }),
    'useless',
  ],
  ['at the new limit: it is in force', { running: false }, again(640), 'done'],
  ['at the new limit, and no pod-level limit says if it was in force', { podLimitBytes: null }, again(640), 'useless'],
  ['at the old limit, but in a pod that was not resized', {}, again(512, { podUid: 'p2' }), 'done'],
  ['at the new limit, but in a pod that was not resized', oldPodLimit, again(640, { podUid: 'p2' }), 'waiting'],
  ['in a run that began before', {}, aKill({ podUid: 'p1' }), 'done'],
];

test.each(killedAgain)('after a resize there was a kill %s', (_, changes, kill, expected) => {
  expect(ask([seen(changes)], { recentKills: [aKill(), kill] }).is).toBe(expected);
});

test('one pod that was killed at the new limit proves nothing for the others', () => {
  const other = { ...pod, name: 'checkout-2', uid: 'p2' };
  const two = [seen({ running: false }), seen({ uid: 'p2', specLimitBytes: 512 * Mi })];
  const request = { plan: aPlan({ pods: [pod, other] }), recentKills: [again(640)] };

  expect(ask(two, request).is).toBe('waiting');
});

test('a pod-level limit that cannot be compared proves nothing', () => {
  expect(ask([seen({ expectedPodLimitBytes: null, startedAt: since })]).is).toBe('waiting');
});

test('a new template is in force when a pod was killed at its limit', () => {
  const observation = {
    exists: true,
    templateLimitBytes: 640 * Mi,
    templateEnv: {},
    templateChange: null,
    rolloutDone: true,
    pods: [seen({ running: false })],
  };

  expect(ask([], { means: 'patch-workload', observation, recentKills: [again(640)] }).is).toBe('done');
});

test('a resize is useless when its pods are gone', () => {
  expect(ask([seen({ uid: 'other' })])).toEqual({ is: 'useless', why: 'The pods that were resized are gone.' });
});

const rolledOut = {
  exists: true,
  templateLimitBytes: 640 * Mi,
  templateEnv: {},
  templateChange: null,
  rolloutDone: true,
  pods: [seen()],
};
const patches: readonly [string, Observation, string][] = [
  ['the new pods run', rolledOut, 'done'],
  ['the template is old', { ...rolledOut, templateLimitBytes: 512 * Mi }, 'waiting'],
  ['the rollout goes on', { ...rolledOut, rolloutDone: false }, 'waiting'],
  ['an old pod is left', { ...rolledOut, pods: [seen(), seen({ specLimitBytes: 512 * Mi })] }, 'waiting'],
  ['a new pod does not run', { ...rolledOut, pods: [seen({ running: false })] }, 'waiting'],
  ['no pod exists', { ...rolledOut, pods: [] }, 'waiting'],
  ['the workload is gone', { ...rolledOut, exists: false }, 'useless'],
];

test.each(patches)('a template patch: %s', (_, observation, expected) => {
  expect(ask([], { means: 'patch-workload', observation }).is).toBe(expected);
});

test('a CronJob is changed when its template is: no run has to be there, and one that goes on keeps what it began with', () => {
  const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'shop', name: 'report', uid: 'c1' };
  const env = [wordChange('NODE_OPTIONS', null, '--max-old-space-size=384')];
  const request = { means: 'patch-workload', plan: aPlan({ workload: cronJob, env }) } as const;
  const flagged = { ...rolledOut, templateEnv: { NODE_OPTIONS: '--max-old-space-size=384' } };
  const running = { ...flagged, pods: [seen({ specLimitBytes: 512 * Mi })] };
  const old = { ...flagged, templateLimitBytes: 512 * Mi };

  const found = [{ ...flagged, pods: [] }, running, old, rolledOut].map((observation) =>
    ask([], { ...request, observation }),
  );

  expect(found.map(({ is }) => is)).toEqual(['done', 'done', 'waiting', 'waiting']);
  expect(found[0]).toMatchObject({ seen: expect.stringContaining('the next run will use it') });
  expect(found[3]).toMatchObject({ why: expect.stringContaining('NODE_OPTIONS') });
});

test('a new template with a flag is in force when its pods have the flag', () => {
  const env = [wordChange('NODE_OPTIONS', null, '--max-old-space-size=384')];
  const request = { means: 'patch-workload', plan: aPlan({ env }) } as const;
  const templateEnv = { NODE_OPTIONS: '--max-old-space-size=384' };

  const found = [{}, templateEnv].map((podEnv) =>
    ask([], { ...request, observation: { ...rolledOut, templateEnv, pods: [seen({ env: podEnv })] } }),
  );

  expect(found.map(({ is }) => is)).toEqual(['waiting', 'done']);
});

test('a kill at the limit of a merged pull request proves nothing while the template has the old one', () => {
  const bumped = { ...rolledOut, templateLimitBytes: 512 * Mi };
  const request = { means: 'pull-request', recentKills: [again(640)] } as const;

  expect(ask([], { ...request, observation: bumped }).is).toBe('waiting');
  expect(ask([], { ...request, observation: { ...rolledOut, rolloutDone: false } }).is).toBe('done');
});
