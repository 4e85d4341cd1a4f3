import { expect, test } from 'vitest';
import { makePlan } from '../../../../src/core/remediate/make-plan.ts';
import type { PlanInputs } from '../../../../src/core/remediate/plan-inputs.ts';
import { planSchema } from '../../../../src/core/remediate/plan.ts';
import type { Plan } from '../../../../src/core/remediate/plan.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { aKill, anExplanation, killedAt, Mi } from '../../adapters/slack/loaded.ts';

const memory = { limitBytes: 512 * Mi, requestBytes: 256 * Mi };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'checkout',
  uid: 'd1',
  memory,
  patchable: true,
  owner: 'helm',
};
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  namespace: 'shop',
  name: 'checkout-1',
  uid: 'p1',
  memory,
  running: true,
  owner: 'kubelet',
};
const inputs: PlanInputs = {
  exists: true,
  workload: deployment,
  pods: [pod],
  qosClass: 'Burstable',
  equalMakesGuaranteed: false,
  fields: [{ uid: 'd1', resources: {} }],
  canResize: true,
};

function plan(
  changes: Partial<PlanInputs> = {},
  kill: Kill = aKill(),
  attempt = 0,
): Plan | { readonly noPlan: string } {
  const { recommendation } = anExplanation();
  return makePlan({ recommendation, kill, inputs: { ...inputs, ...changes }, now: killedAt, attempt });
}

const nightly = { ...aKill().subject, workload: { kind: 'CronJob', name: 'nightly' } };

const ways: readonly [string, Partial<PlanInputs>, Partial<Kill>, readonly string[]][] = [
  ['running pods are resized, the template is the alternative', {}, {}, ['resize', 'patch-workload']],
  [
    'a crash-looping pod too: it is looked at afterwards',
    { pods: [{ ...pod, running: false }] },
    {},
    ['resize', 'patch-workload'],
  ],
  ['a server without pods/resize', { canResize: false }, {}, ['patch-workload']],
  ['no pod is there', { pods: [] }, {}, ['patch-workload']],
  ['BestEffort cannot get memory by resize', { qosClass: 'BestEffort' }, {}, ['patch-workload']],
  ['an init container', {}, { containerType: 'init' }, ['patch-workload']],
  ['a sidecar', {}, { containerType: 'sidecar' }, ['resize', 'patch-workload']],
  ['a bare pod', { workload: null }, {}, ['resize']],
  ['pods of a Job', { workload: { ...deployment, kind: 'Job', patchable: false } }, {}, ['resize']],
  ['a CronJob: its next run has to begin with it', {}, { subject: nightly }, ['patch-workload']],
];

test.each(ways)('%s', (_, changes, kill, expected) => {
  const made = plan(changes, aKill(kill));

  expect('means' in made && made.means).toEqual(expected);
});

const none: readonly [string, Partial<PlanInputs>, RegExp][] = [
  ['the workload is gone', { exists: false, workload: null, pods: [] }, /does not exist any more/],
  [
    'the limit was raised meanwhile',
    { pods: [{ ...pod, memory: { limitBytes: 1024 * Mi, requestBytes: null } }] },
    /is 1Gi by now/,
  ],
  [
    'there is no limit',
    { pods: [{ ...pod, memory: { limitBytes: null, requestBytes: null } }] },
    /no memory limit of its own/,
  ],
  ['a bare pod is gone but its name is not', { workload: null, pods: [] }, /no memory limit|No pod of it/],
];

test.each(none)('no plan when %s', (_, changes, why) => {
  const made = plan(changes);

  expect('noPlan' in made && made.noPlan).toMatch(why);
});

test('a plan is valid, and says what it changes', () => {
  const made = planSchema.parse(plan());

  expect(made).toMatchObject({ from: memory, to: { limitBytes: 640 * Mi, requestBytes: 640 * Mi }, owner: 'helm' });
  expect(made.diff).toContain('-      memory: 512Mi\n+      memory: 640Mi');
});

test('the request stays where raising it would change the QoS class', () => {
  const made = plan({ equalMakesGuaranteed: true });

  expect('to' in made && made.to).toEqual({ limitBytes: 640 * Mi, requestBytes: 256 * Mi });
});

test('a Guaranteed pod keeps request = limit whatever is recommended', () => {
  const { recommendation } = anExplanation();
  const less = {
    ...recommendation.fix,
    kind: 'raise-limit',
    limitBytes: 640 * Mi,
    requestBytes: 512 * Mi,
    holds: 1,
  } as const;
  const made = makePlan({
    recommendation: { fix: less, mitigation: null },
    kill: aKill(),
    inputs: { ...inputs, qosClass: 'Guaranteed', equalMakesGuaranteed: true },
    now: killedAt,
    attempt: 0,
  });

  expect('to' in made && made.to).toEqual({ limitBytes: 640 * Mi, requestBytes: 640 * Mi });
});

test('the same state gives the same plan, another state or attempt another', () => {
  const id = (made: ReturnType<typeof plan>) => ('id' in made ? made.id : null);

  expect(id(plan())).toBe(id(plan()));
  expect(id(plan({ fields: [{ uid: 'd1', resources: { changed: true } }] }))).not.toBe(id(plan()));
  expect(id(plan({}, aKill(), 1))).not.toBe(id(plan()));
});

test('a mitigation becomes a plan that says so', () => {
  const { recommendation } = anExplanation();
  const raise = { kind: 'raise-limit', limitBytes: 640 * Mi, requestBytes: 640 * Mi, buysMs: 60_000, why: '' } as const;
  const leak = {
    ...recommendation,
    fix: { kind: 'fix-leak', why: 'No number ends a leak.' },
    mitigation: raise,
  } as const;

  const made = makePlan({ recommendation: leak, kill: aKill(), inputs, now: killedAt, attempt: 0 });

  expect('purpose' in made && made.purpose).toBe('mitigation');
});

const cronJob = { ...deployment, apiVersion: 'batch/v1', kind: 'CronJob' };
const job = { ...deployment, apiVersion: 'batch/v1', kind: 'Job', patchable: false };

test.each([
  ['a Deployment', {}, /; the next rollout undoes it\. .* and a rollout replaces the pods\.$/],
  ['a CronJob without a pod', { workload: cronJob, pods: [] }, /^Changes the template .*; its next run uses it\.$/],
  ['a CronJob', { workload: cronJob }, /; a new pod has the old limit again\. .* and its next run uses it\.$/],
  ['a Job', { workload: job }, /, without a restart; a new pod has the old limit again\.$/],
] satisfies [string, Partial<PlanInputs>, RegExp][])(
  'what a plan for %s does is said truly',
  (_, changes, expected) => {
    expect(plan(changes)).toMatchObject({ expectedEffect: expect.stringMatching(expected) });
  },
);
