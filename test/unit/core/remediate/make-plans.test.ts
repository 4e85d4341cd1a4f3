import { describe, expect, test } from 'vitest';
import type { Fix, Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import { makePlans } from '../../../../src/core/remediate/make-plans.ts';
import type { PlanInputs, Revision } from '../../../../src/core/remediate/plan-inputs.ts';
import { planSchema } from '../../../../src/core/remediate/plan.ts';
import type { Plan } from '../../../../src/core/remediate/plan.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { aKill, anExplanation, killedAt, Mi } from '../../../fixtures/incidents.ts';
import type { EnvChange } from '../../../../src/core/recommend/env-change.ts';
import { wordChange } from '../../../fixtures/manifests.ts';

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

function templateOf(image: string) {
  return { metadata: { labels: { app: 'checkout' } }, spec: { containers: [{ name: 'app', image }] } };
}

function revision(number: string, hash: string): Revision {
  const replicaSet = { name: `checkout-${hash}`, uid: `r${number}` };
  return { number, hash, memory, replicaSet, template: templateOf(`shop/checkout:${number}`) };
}

const inputs: PlanInputs = {
  exists: true,
  workload: deployment,
  variables: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx512m -Djavax.net.ssl.keyStorePassword=hunter2' }],
  pods: [pod],
  qosClass: 'Burstable',
  equalMakesGuaranteed: false,
  fields: [{ uid: 'd1', resources: {} }],
  canResize: true,
  revisions: [],
  template: templateOf('shop/checkout:4'),
  sourceText: null,
  room: { nodeAllocatableBytes: null, nodeFreeBytes: null, quota: null, limitRange: null },
};

function plan(
  changes: Partial<PlanInputs> = {},
  kill: Kill = aKill(),
  spent: readonly string[] = [],
  recommendation: Recommendation = anExplanation().recommendation,
): Plan | { readonly noPlan: string } {
  const { plans, noPlan } = makePlans({
    recommendation,
    trigger: kill,
    inputs: { ...inputs, ...changes },
    now: killedAt,
    spent: new Set(spent),
    source: null,
  });
  return plans[0] ?? { noPlan: noPlan ?? '' };
}

test('a raise of the limit of a whole pod is no change of a container, and the reason says where it is made', () => {
  const fix: Fix = {
    kind: 'raise-limit',
    limitBytes: 640 * Mi,
    requestBytes: 640 * Mi,
    holds: 0.8,
    why: '',
    whose: 'pod',
  };

  expect(plan({}, aKill(), [], { fix, mitigation: null })).toEqual({
    noPlan:
      "Oomkeeper changes limits of containers, and here the pod's own is meant: set spec.resources.limits.memory of the pod template to 640Mi where it is made.",
  });
});

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
  [
    'many pods: a rollout does it sooner',
    { pods: Array.from({ length: 101 }, (_, n) => ({ ...pod, uid: `p${n}` })) },
    {},
    ['patch-workload'],
  ],
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

test.each<[string, Fix, RegExp]>([
  [
    'a request alone is for the manifest',
    { kind: 'adjust-requests', requestBytes: 320 * Mi, why: 'It asks for 64Mi.' },
    /where the workload is deployed/,
  ],
  // What the fix says already is not said again as the reason.
  ['nothing would help', { kind: 'none', why: 'It was not killed for memory.' }, /^$/],
])('no plan, and one reason for it, where %s', (_, fix, why) => {
  const made = plan({}, aKill(), [], { fix, mitigation: null });

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
  const made = plan({ qosClass: 'Guaranteed', equalMakesGuaranteed: true }, aKill(), [], {
    fix: less,
    mitigation: null,
  });

  expect('to' in made && made.to).toEqual({ limitBytes: 640 * Mi, requestBytes: 640 * Mi });
});

test('the same state gives the same plan, another state another, and so does an id that is spent', () => {
  const id = (made: ReturnType<typeof plan>) => ('id' in made ? made.id : '');
  const [first, second] = [id(plan()), id(plan({}, aKill(), [id(plan())]))];

  expect(id(plan())).toBe(id(plan()));
  expect(id(plan({ fields: [{ uid: 'd1', resources: { changed: true } }] }))).not.toBe(id(plan()));
  expect(second).not.toBe(first);
  expect(id(plan({}, aKill(), [first, second]))).not.toMatch(`${first}|${second}`);
  expect(id(plan({}, aKill(), ['PLAN-OTHER1']))).toBe(first);
});

test('a mitigation becomes a plan that says so', () => {
  const { recommendation } = anExplanation();
  const raise = { kind: 'raise-limit', limitBytes: 640 * Mi, requestBytes: 640 * Mi, buysMs: 60_000, why: '' } as const;
  const leak = {
    ...recommendation,
    fix: { kind: 'fix-leak', why: 'No number ends a leak.' },
    mitigation: raise,
  } as const;

  const made = plan({}, aKill(), [], leak);

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

describe('alternatives', () => {
  const back: Recommendation = {
    fix: { kind: 'roll-back', toRevision: '3', why: 'It lived.' },
    mitigation: { kind: 'raise-limit', limitBytes: 640 * Mi, requestBytes: 640 * Mi, buysMs: null, why: '' },
  };
  const revisions = [revision('3', '8aa1'), revision('4', '7d9f')];
  const source = { owner: 'acme', repo: 'deploy', path: 'apps/shop.yaml', branch: 'main' };
  const made = (recommendation: Recommendation, changes: Partial<PlanInputs> = {}, from: typeof source | null = null) =>
    makePlans({
      recommendation,
      trigger: aKill(),
      inputs: { ...inputs, revisions, ...changes },
      now: killedAt,
      spent: new Set(),
      source: from,
    });

  test('a roll back stands before the raise that it makes needless', () => {
    const { plans, noPlan } = made(back);

    expect(plans.map(({ means, purpose }) => [means[0], purpose])).toEqual([
      ['roll-back', 'fix'],
      ['resize', 'mitigation'],
    ]);
    expect(plans[0]?.rollBack).toMatchObject({
      toRevision: '3',
      hash: '8aa1',
      template: { replicaSet: { name: 'checkout-8aa1', uid: 'r3' }, changes: 1 },
    });
    expect(noPlan).toBeNull();
  });

  test('without the earlier revision the raise is left', () => {
    expect(made(back, { revisions: [] }).plans.map(({ means }) => means[0])).toEqual(['resize']);
  });

  test('another rollout of the same template makes another plan', () => {
    const [before] = revisions;
    const later = made(back, { revisions: [...(before ? [before] : []), revision('6', '7d9f')] });

    expect(later.plans[0]?.fieldsHash).not.toBe(made(back).plans[0]?.fieldsHash);
  });

  test('what was killed and is rolled out no more is not rolled back', () => {
    const undone = made(back, { revisions: [...revisions, revision('5', 'c0de')] });

    expect(undone.plans.map(({ means }) => means[0])).toEqual(['resize']);
  });

  test('a workload with a source gets a pull request beside the change in the cluster', () => {
    const { plans, noPullRequest } = made(anExplanation().recommendation, {}, source);

    expect(plans.map(({ means }) => means)).toEqual([['resize', 'patch-workload'], ['pull-request']]);
    expect(plans[1]).toMatchObject({ source, to: plans[0]?.to, pods: [] });
    expect(noPullRequest).toBeNull();
  });

  test('what only buys time is no pull request', () => {
    const leak: Recommendation = { ...back, fix: { kind: 'fix-leak', why: 'A raise only moves it.' } };

    expect(made(leak, {}, source).plans.map(({ means }) => means[0])).toEqual(['resize']);
  });

  test('limit and heap flag are one plan, which a resize cannot carry out', () => {
    const env = [wordChange('JAVA_TOOL_OPTIONS', '-Xmx512m', '-Xmx384m')];
    const { plans } = made({
      fix: {
        kind: 'set-heap',
        limitBytes: 640 * Mi,
        requestBytes: 640 * Mi,
        env,
        heapBytes: 384 * Mi,
        holds: 0.8,
        why: '',
      },
      mitigation: null,
    });

    expect(plans.map(({ means, kind }) => [means, kind])).toEqual([[['patch-workload'], 'set-heap']]);
    expect(plans[0]?.diff).toContain('-      value: -Xmx512m\n+      value: -Xmx384m');
    expect(plans[0]?.undo).toContain('put -Xmx512m back into JAVA_TOOL_OPTIONS');
  });

  test('a flag alone may change where the limit is right', () => {
    const env = [wordChange('NODE_OPTIONS', null, '--max-old-space-size=384')];
    const { plans } = made({
      fix: {
        kind: 'set-heap',
        limitBytes: 512 * Mi,
        requestBytes: 512 * Mi,
        env,
        heapBytes: 384 * Mi,
        holds: 0.8,
        why: '',
      },
      mitigation: null,
    });

    expect(plans[0]).toMatchObject({ env, to: { limitBytes: 512 * Mi } });
    expect(plans[0]?.expectedEffect).toMatch(/^Changes NODE_OPTIONS: --max-old-space-size=384 in the template of /);
    expect(plans[0]?.undo).toMatch(/remove NODE_OPTIONS\.$/);
    expect(plans[0]?.undo).not.toContain('limit');
  });

  const heapFix = (limitMi: number, env: readonly EnvChange[]): Recommendation => ({
    fix: {
      kind: 'set-heap',
      limitBytes: limitMi * Mi,
      requestBytes: limitMi * Mi,
      env: [...env],
      heapBytes: 384 * Mi,
      holds: 0.8,
      why: '',
    },
    mitigation: null,
  });

  test('a limit that is raised for a heap has to have room too', () => {
    const env = [wordChange('JAVA_TOOL_OPTIONS', '-Xmx512m', '-Xmx576m')];
    const room = { ...inputs.room, quota: { name: 'team', leftBytes: 64 * Mi } };

    const { plans, noPlan } = made(heapFix(640, env), { room });

    expect([plans, noPlan]).toEqual([[], expect.stringContaining('ResourceQuota team has only 64Mi left')]);
    expect(made(heapFix(512, env), { room }).plans).toHaveLength(1);
  });

  test('a limit that is made for a heap and is in force already is no plan', () => {
    const { plans, noPlan } = made(heapFix(512, []));

    expect([plans, noPlan]).toEqual([[], 'The limit is 512Mi by now; nothing higher is proposed yet.']);
  });

  const refused: readonly [string, Partial<PlanInputs['room']>, RegExp][] = [
    [
      'a LimitRange',
      { limitRange: { name: 'small', minBytes: null, maxBytes: 600 * Mi } },
      /LimitRange small .* 600Mi/,
    ],
    ['a quota', { quota: { name: 'team', leftBytes: 64 * Mi } }, /ResourceQuota team has only 64Mi/],
    ['a small node', { nodeAllocatableBytes: 600 * Mi }, /node has only 600Mi/],
  ];

  test('a quota has to have room for each of its pods', () => {
    const room = { ...inputs.room, quota: { name: 'team', leftBytes: 200 * Mi } };
    const two = made(anExplanation().recommendation, { room, pods: [pod, { ...pod, name: 'checkout-2', uid: 'p2' }] });

    expect(made(anExplanation().recommendation, { room }).plans).toHaveLength(1);
    expect(two.noPlan).toBe('640Mi is needed, in 2 pods 256Mi more, but the ResourceQuota team has only 200Mi left.');
  });

  test.each(refused)('%s that refuses the size is told before anybody approves it', (_, changes, why) => {
    const { plans, noPlan } = made(anExplanation().recommendation, { room: { ...inputs.room, ...changes } });

    expect(plans).toEqual([]);
    expect(noPlan).toMatch(why);
  });

  test('a source that cannot be used is told, and the change in the cluster stays', () => {
    const { plans, noPullRequest } = makePlans({
      recommendation: anExplanation().recommendation,
      trigger: aKill(),
      inputs,
      now: killedAt,
      spent: new Set(),
      source: { problem: 'The annotation is wrong.' },
    });

    expect(plans).toHaveLength(1);
    expect(noPullRequest).toBe('The annotation is wrong.');
  });
});

test('what else stands in a variable is nowhere told: it may be a secret', () => {
  const env = [wordChange('JAVA_TOOL_OPTIONS', '-Xmx512m', '-Xmx384m', true)];
  const size = { limitBytes: 640 * Mi, requestBytes: 640 * Mi };
  const { plans } = makePlans({
    recommendation: {
      fix: { kind: 'set-heap', ...size, env, heapBytes: 384 * Mi, holds: 0.8, why: '' },
      mitigation: null,
    },
    trigger: aKill(),
    inputs,
    now: killedAt,
    spent: new Set(),
    source: null,
  });

  expect(plans[0]?.env).toEqual(env);
  expect(plans[0]?.diff).toContain('-      value: … -Xmx512m\n+      value: … -Xmx384m');
  expect(JSON.stringify(plans)).not.toContain('hunter2');
});
