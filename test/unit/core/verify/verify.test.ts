import { expect, test } from 'vitest';
import type { Observation, SeenPod } from '../../../../src/core/verify/observation.ts';
import { verify } from '../../../../src/core/verify/verify.ts';
import { aPlan, killedAt, Mi } from '../../../fixtures/incidents.ts';
import { wordChange } from '../../../fixtures/manifests.ts';

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
};
const observation: Observation = {
  exists: true,
  templateLimitBytes: 640 * Mi,
  templateEnv: {},
  rolloutDone: true,
  pods: [good],
};

const table: readonly [string, Partial<Observation>, number, string][] = [
  ['no kill and the pod runs with it', {}, 0, 'held'],
  ['a kill at the new limit', {}, 1, 'failed'],
  ['a kill at the new limit, and the pod is gone', { pods: [], exists: false }, 1, 'failed'],
  ['a pod has the old limit again', { pods: [good, { ...good, specLimitBytes: 512 * Mi }] }, 0, 'vanished'],
  ['no pod runs', { pods: [{ ...good, running: false }] }, 0, 'inconclusive'],
  ['only one of two pods runs', { pods: [good, { ...good, running: false }] }, 0, 'inconclusive'],
  ['the workload is gone', { exists: false, pods: [] }, 0, 'inconclusive'],
];

test.each(table)('%s', (_, changes, killsAgainst, expected) => {
  const result = verify({
    plan: aPlan(),
    observation: { ...observation, ...changes },
    killsAgainst,
    appliedAt: killedAt,
    now: killedAt + 900_000,
  });

  expect(result.outcome).toBe(expected);
});

test('a fix that held says for how long and at what', () => {
  const { seen } = verify({
    plan: aPlan(),
    observation,
    killsAgainst: 0,
    appliedAt: killedAt,
    now: killedAt + 900_000,
  });

  expect(seen).toBe('no kill in 15m at 640Mi; its pod runs.');
});

test('a run of a CronJob that began before the change says nothing about it', () => {
  const workload = { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'shop', name: 'report', uid: 'c1' };
  const old = { ...good, specLimitBytes: 512 * Mi, startedAt: killedAt - 1000 };
  const request = { plan: aPlan({ workload }), killsAgainst: 0, appliedAt: killedAt, now: killedAt + 900_000 };

  expect(verify({ ...request, observation: { ...observation, pods: [old, good] } }).outcome).toBe('held');
  expect(verify({ ...request, observation: { ...observation, pods: [old] } }).outcome).toBe('inconclusive');
});

test('a kill after a change of flags alone is not said to be at a new limit', () => {
  const limit = { limitBytes: 640 * Mi, requestBytes: 640 * Mi };
  const env = [wordChange('JAVA_TOOL_OPTIONS', '-Xmx640m', '-Xmx384m')];
  const plan = aPlan({ env, from: limit, to: limit });

  const { seen } = verify({ plan, observation, killsAgainst: 1, appliedAt: killedAt, now: killedAt + 60_000 });

  expect(seen).toBe('killed once with the new JAVA_TOOL_OPTIONS within 1m.');
});
