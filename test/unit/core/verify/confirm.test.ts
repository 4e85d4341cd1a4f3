import { expect, test } from 'vitest';
import type { Observation, SeenPod } from '../../../../src/core/verify/observation.ts';
import { confirm } from '../../../../src/core/verify/confirm.ts';
import type { ConfirmRequest } from '../../../../src/core/verify/confirm.ts';
import { aKill, aPlan, killedAt, Mi } from '../../adapters/slack/loaded.ts';

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
    ...changes,
  };
}

function ask(pods: readonly SeenPod[], changes: Partial<ConfirmRequest> & { observation?: Observation } = {}) {
  const observation = { exists: true, templateLimitBytes: 512 * Mi, rolloutDone: true, pods };
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
  ['no pod-level limit, and the life is still short', { podLimitBytes: null, startedAt: since }, late, 'waiting'],
  [
    'no pod-level limit, and the life has lasted',
    { podLimitBytes: null },
    { now: since + 3 * 3_600_000, timeoutMs: 1e9 },
    'done',
  ],
];

test.each(resizes)('a resize: %s', (_, changes, request, expected) => {
  expect(ask([seen(changes)], request).is).toBe(expected);
});

test('a resize is useless when a life that began after it was killed at the old limit', () => {
  const again = aKill({ startedAt: new Date(since + 1000).toISOString(), limitInForceBytes: 512 * Mi });

  expect(ask([seen({ podLimitBytes: null })], { recentKills: [aKill(), again] }).is).toBe('useless');
});

test('a change is in force when a life that began after it was killed at the new limit', () => {
  const again = aKill({ startedAt: new Date(since + 1000).toISOString(), limitInForceBytes: 640 * Mi });

  expect(ask([seen({ running: false })], { recentKills: [aKill(), again] }).is).toBe('done');
});

test('a resize is useless when its pods are gone', () => {
  expect(ask([seen({ uid: 'other' })])).toEqual({ is: 'useless', why: 'The pods that were resized are gone.' });
});

const rolledOut = { exists: true, templateLimitBytes: 640 * Mi, rolloutDone: true, pods: [seen()] };
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
