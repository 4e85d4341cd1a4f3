import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';

import { createClock } from '../../sandbox/clock.ts';
import { defaultNodes } from '../../sandbox/kubernetes/cluster/nodes.ts';
import { objectOf, objectsOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import { peakOf } from '../../sandbox/kubernetes/kubelet/program.ts';
import { heapProgram, largestHeap, withinHeap } from '../../sandbox/kubernetes/kubelet/runtime-heap.ts';
import { observeOutcome } from '../../sandbox/play/observe-outcome.ts';
import { playScenario } from '../../sandbox/play/play-scenario.ts';
import { demoTimes } from '../../sandbox/play/demo-times.ts';
import type { Scenario } from '../../sandbox/scenario/scenario.ts';
import { loadScenarios, readScenario } from '../../sandbox/scenario/scenario-files.ts';
import { scenarioLengthMs } from '../../sandbox/scenario/scenario-length.ts';
import { arrange, policyFile, rightsOf } from '../../sandbox/scenario/scenario-policy.ts';
import { seededRandom } from '../../sandbox/scenario/scenario-seed.ts';
import {
  behaviourOf,
  effectivePrograms,
  manifestOf,
  manifestTextOf,
  membersOf,
  targetOf,
} from '../../sandbox/scenario/scenario-workload.ts';
import { startSlack } from '../../sandbox/slack/start-slack.ts';
import { stormAbout, stormProblems } from '../../sandbox/play/storms.ts';
import { threadRoots } from '../../sandbox/play/threads.ts';
import { createWorld, mebi, scenarioNamed, scenarios, type World } from './living-cluster-world.ts';

/** The scenario without its people, to its end and a minute more. */
async function play({ clock, cluster }: World, scenario: Scenario): Promise<void> {
  const alone = { ...scenario, people: [] };
  const playing = playScenario({ scenario: alone, cluster, clock, stopAfterKills: true });
  await clock.advance(scenarioLengthMs(alone) + 60_000);
  expect((await playing).problems).toEqual([]);
}

function templateOf({ store }: World, scenario: Scenario, resource = 'deployments') {
  const { namespace, name } = scenario.workload;
  return {
    change: (by: (container: Record<string, unknown>) => void) =>
      store.write(resource, namespace, name, (draft) => {
        objectsOf(objectOf(objectOf(draft.spec?.['template'])['spec'])['containers']).forEach(by);
      }),
  };
}

describe('the heap of a runtime', () => {
  const java = (flags: string): Record<string, string> => ({ JAVA_TOOL_OPTIONS: flags });
  const node = (flags: string): Record<string, string> => ({ NODE_OPTIONS: flags });

  test.each([
    ['java', {}, 1024, 256],
    ['java', {}, 200, 100],
    ['java', {}, 300, 124.8],
    ['java', java('-Xmx600m'), 512, 600],
    ['java', java('-Xmx1g -XX:MaxRAMPercentage=50'), 512, 1024],
    ['java', java('-Xmx100m -Xmx200m'), 512, 200],
    // Recorded: one service lived at 224Mi, was killed at 272Mi, and lived at 336Mi.
    ['java', java('-XX:MaxRAMPercentage=75'), 224, 112],
    ['java', java('-XX:MaxRAMPercentage=75'), 272, 204],
    ['java', java('-XX:MaxRAMPercentage=75'), 336, 252],
    ['java', { JDK_JAVA_OPTIONS: '-Xmx64m' }, 512, 64],
    ['java', { JAVA_OPTS: '-Xmx64m' }, 512, 128],
    ['node', {}, 512, 256],
    ['node', {}, 8192, 2048],
    ['node', node('--max-old-space-size=300'), 256, 300],
    ['node', node('--max-old-space-size=300 --max-old-space-size-percentage=75'), 400, 300],
    ['go', { GOMEMLIMIT: '64MiB' }, 128, Infinity],
    ['plain', {}, 128, Infinity],
  ] as const)('of %s with %o under %d Mi is %d Mi', (runtime, env, limit, heap) => {
    expect(largestHeap(runtime, env, limit * mebi) / mebi).toBeCloseTo(heap, 1);
  });

  test.each([
    ['go', {}, 100],
    ['go', { GOGC: '50' }, 75],
    ['go', { GOMEMLIMIT: '80MiB' }, 80],
    ['go', { GOMEMLIMIT: '30MiB' }, 50],
    // Hexadecimal: 48%; and 117% is ignored.
    ['dotnet', { DOTNET_GCHeapHardLimitPercent: '30' }, 48],
    ['dotnet', { DOTNET_GCHeapHardLimitPercent: '75' }, 50],
  ] as const)('%s with %j uses %i Mi of 50 that are live or asked for', (runtime, env, heap) => {
    const of = { runtime, env, limitBytes: 100 * mebi, besideHeapBytes: 0, heapIsLive: false };

    expect(peakOf(heapProgram(of, { points: [{ at: 0, bytes: 50 * mebi }] })) / mebi).toBe(heap);
  });

  test('that is full of what is live makes its runtime give up', () => {
    const env = { NODE_OPTIONS: '--max-old-space-size=40' };
    const of = { runtime: 'node' as const, env, limitBytes: 100 * mebi, besideHeapBytes: 0, heapIsLive: true };
    const points = [
      { at: 0, bytes: 0 },
      { at: 100, bytes: 80 * mebi },
    ];

    const { givesUp } = heapProgram(of, { points });

    expect(givesUp).toMatchObject({ at: 51, exitCode: 134 });
    expect(givesUp?.words).toContain('heap out of memory');
  });

  test('bounds what the application asks for, with a corner where it is full', () => {
    const wanted = {
      points: [
        { at: 0, bytes: 100 },
        { at: 100, bytes: 300 },
        { at: 200, bytes: 150 },
      ],
    };

    expect(withinHeap(wanted, 200, 50)).toEqual({
      points: [
        { at: 0, bytes: 150 },
        { at: 50, bytes: 250 },
        { at: 100, bytes: 250 },
        { at: 166 + 2 / 3, bytes: 250 },
        { at: 200, bytes: 200 },
      ],
    });
    expect(peakOf(withinHeap(wanted, Infinity, 50))).toBe(350);
  });

  test('a flag above the limit is a kill whatever the limit below it; flag and limit together hold', async () => {
    const scenario = await scenarioNamed('jvm-heap-flag');
    const world = createWorld(defaultNodes);
    await play(world, scenario);
    const killed = observeOutcome(world.cluster, scenario);

    const template = templateOf(world, scenario);
    template.change((container) => {
      container['resources'] = { limits: { memory: '600Mi' }, requests: { memory: '600Mi' } };
    });
    await world.clock.advance(3 * 3_600_000);
    const onlyLimit = observeOutcome(world.cluster, scenario);
    template.change((container) => {
      container['env'] = [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx420m -XX:+UseG1GC' }];
    });
    await world.clock.advance(3 * 3_600_000);

    expect(killed).toMatchObject({ verified: null, kills: 1 });
    expect(onlyLimit.verified).toBe('failed');
    expect(observeOutcome(world.cluster, scenario)).toMatchObject({
      verified: 'held',
      limitsInForce: [600 * mebi],
    });
  });
});

describe('a bad rollout', () => {
  test('has an old run before it, and a roll back is what holds', async () => {
    const scenario = await scenarioNamed('bad-rollout-rolled-back');
    const world = createWorld(defaultNodes);
    const before = world.clock.now();
    await play(world, scenario);
    const samples = world.cluster.samples
      .series()
      .filter(
        ({ labels }) => labels['__name__'] === 'container_memory_working_set_bytes' && labels['container'] === 'app',
      );
    const oldest = Math.min(...samples.flatMap(({ points }) => points.map(({ t }) => t)));
    const outcome = observeOutcome(world.cluster, scenario);

    templateOf(world, scenario).change((container) => {
      container['image'] = String(container['image']).replace(/\d+$/, (digits) => String(Number(digits) - 1));
    });
    await world.clock.advance(3_600_000);

    expect(before - oldest).toBeGreaterThan(2.9 * 3_600_000);
    expect(outcome).toMatchObject({ verified: null, kills: 1 });
    expect(observeOutcome(world.cluster, scenario)).toMatchObject({ verified: 'held', kills: 1 });
    const [current] = world.store.list('deployments').map(({ metadata }) => metadata.annotations);
    expect(current).toEqual({ 'deployment.kubernetes.io/revision': '3' });
  });

  test('may change the environment, and so the heap', () => {
    const scenario = readScenario(
      'env.yaml',
      `
name: env
expect: { threads: 1 }
workload: { kind: Deployment, name: web, namespace: shop, limit: 512Mi, runtime: java, env: { JAVA_TOOL_OPTIONS: -Xmx200m }, heap: { beside: 50Mi } }
program: [{ at: 0s, bytes: 10Mi }, { at: 1m, bytes: 900Mi }]
events: [{ at: 10s, do: rollout, env: { JAVA_TOOL_OPTIONS: -Xmx600m } }]
`,
    );
    const both = {
      ...scenario,
      program: [...scenario.program, ...scenario.program.map((each) => ({ ...each, revision: 2 }))],
    };

    expect(effectivePrograms(both).map((program) => peakOf(program) / mebi)).toEqual([250, 650]);
  });
});

test('many workloads alike get names of their own and one node', async () => {
  const scenario = await scenarioNamed('storm-one-node');
  const world = createWorld(defaultNodes);
  await play(world, scenario);

  const members = membersOf(scenario);
  const nodes = new Set(world.store.list('pods').map(({ spec }) => spec?.['nodeName']));

  expect(members.map(({ workload }) => workload.name).slice(0, 2)).toEqual(['tile-1', 'tile-2']);
  expect(members.map((member) => world.cluster.kills(targetOf(member)).length)).toEqual(members.map(() => 1));
  expect([...nodes]).toEqual(['pool-b-1']);
  const times = world.cluster.kills().map(({ at }) => at);
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1000);
});

describe('who measures a workload', () => {
  test.each([
    ['all', true, true],
    ['prometheus', true, false],
    ['metrics-server', false, true],
    ['none', false, false],
  ] as const)('%s', async (metrics, prometheus, metricsServer) => {
    const world = createWorld(defaultNodes);
    const scenario: Scenario = { ...(await scenarioNamed('slow-leak')), metrics };
    world.cluster.setBehaviour(targetOf(scenario), behaviourOf(scenario));
    world.cluster.apply([manifestOf(scenario)]);
    await world.clock.advance(35_000);

    const scraped = world.cluster.samples.series().some(({ labels }) => labels['namespace'] === 'accounts');

    expect([scraped, world.cluster.usage.pods().length > 0]).toEqual([prometheus, metricsServer]);
  });
});

describe('a manifest in the repository', () => {
  test('is what the cluster runs, in two documents and with remarks', async () => {
    const scenario = await scenarioNamed('pr-merged-held');
    const text = manifestTextOf(scenario);
    const [service, deployment] = text.split('\n---\n').map((document): unknown => parse(document));

    expect(service).toMatchObject({ kind: 'Service', metadata: { name: 'basket' } });
    expect(deployment).toMatchObject(manifestOf(scenario));
    expect(text).toMatch(/memory: 320Mi # from the load test/);
    expect(manifestOf(scenario).metadata.annotations).toEqual({
      'oomkeeper.dev/source': 'acme/deploy//apps/storefront/basket.yaml@main',
    });
  });

  test('that is carried over changes the template, books it on the controller and leaves the rest alone', async () => {
    const scenario = await scenarioNamed('pr-merged-held');
    const world = createWorld(defaultNodes);
    world.cluster.apply([manifestOf(scenario)]);
    await world.clock.advance(10_000);
    const before = world.store.get('deployments', 'storefront', 'basket');

    const larger = { ...scenario.workload, limit: 512 * mebi, request: 512 * mebi };
    world.cluster.sync(manifestOf({ ...scenario, workload: larger }), 'argocd-controller');
    await world.clock.advance(60_000);

    const after = world.store.get('deployments', 'storefront', 'basket');
    const resources = objectsOf(objectOf(objectOf(after?.spec?.['template'])['spec'])['containers']).map(
      (each) => each['resources'],
    );
    expect(resources).toEqual([{ limits: { memory: '512Mi' }, requests: { cpu: '50m', memory: '512Mi' } }]);
    expect(after?.metadata.generation).toBe((before?.metadata.generation ?? 0) + 1);
    expect(JSON.stringify(after?.metadata.managedFields)).toContain('"manager":"argocd-controller"');
    expect(world.cluster.standings(targetOf(scenario), 'app')).toMatchObject([{ limitInForceBytes: 512 * mebi }]);
  });
});

describe('the one policy file of all stories', () => {
  const workspace = {
    people: [
      { id: 'U1', name: 'amira', mayApprove: true },
      { id: 'U2', name: 'sam', mayApprove: false },
      { id: 'U3', name: 'lena', mayApprove: false },
    ],
    groups: [{ id: 'S1', handle: 'oncall' }],
  };

  test('gives each story its own rules in its own namespace, and everybody else the approver', async () => {
    const arranged = arrange(await loadScenarios(scenarios));

    const { approvals } = parse(policyFile(arranged, workspace, () => 30)) as { approvals: Record<string, unknown>[] };

    const [usual, ...own] = approvals;
    expect(usual?.['who']).toEqual(['U1']);
    expect(usual?.['namespaces']).toContain('shop');
    expect(usual?.['namespaces']).not.toContain('core');
    expect(own).toContainEqual({
      who: ['U1', 'U3'],
      namespaces: ['core'],
      secondPerson: true,
      upTo: '3x',
      expires: '60000ms',
    });
    expect(own).toContainEqual({ who: ['U1'], namespaces: ['logistics'], expires: '3000ms' });
  });

  test('keeps a story with rules apart from one that is played beside it in the same namespace', async () => {
    const story = await scenarioNamed('two-person');
    const neighbour = { ...(await scenarioNamed('crash-loop')), workload: { ...story.workload, name: 'other' } };

    const [first, second] = arrange([story, neighbour]);

    expect(first?.workload.namespace).toBe('core-1');
    expect(second?.workload.namespace).toBe('core');
  });

  test('names groups, ids and people', async () => {
    const story = await scenarioNamed('two-person');
    const policy = { owners: {}, approvals: [{ who: ['oncall', 'sam', 'U777', 'other'] }] };

    const { approvals } = parse(policyFile([{ ...story, policy }], workspace, () => 1)) as { approvals: unknown[] };

    expect(approvals).toEqual([{ who: ['S1', 'U2', 'U777', 'U2'], namespaces: ['core'] }]);
  });

  test('says beside each name where that person may approve', async () => {
    const arranged = arrange(await loadScenarios(scenarios));

    const rights = rightsOf(arranged, workspace);

    expect([...rights]).toEqual([
      ['U1', 'may approve'],
      ['U2', 'may not approve'],
      ['U3', 'may approve in core'],
    ]);
  });

  test('sends what is about money to a channel of its own, if it is asked to', async () => {
    const arranged = arrange(await loadScenarios(scenarios));

    const text = policyFile(arranged, workspace, () => 1, { payments: ['billing'] });

    expect(parse(text)).toMatchObject({ routes: [{ namespaces: ['billing'], channel: 'payments' }] });
  });
});

describe('the order of the demo', () => {
  const speed = 2;

  async function rootTimes(seed?: number) {
    const times = demoTimes(await loadScenarios(scenarios, seed), speed);
    return times
      .filter(({ scenario: { expect: wanted } }) => wanted.threads > 0)
      .map(({ scenario, at, rootAt }) => ({ scenario, begun: at, at: rootAt / 1_000 }));
  }

  test('a newcomer sees a leak, then a limit that is too low, then a pull request', async () => {
    const first = (await rootTimes()).slice(0, 3).map(({ scenario }) => scenario);

    expect(first.map(({ expect: { verdict } }) => verdict)).toEqual(['leak', 'limit-too-low', 'limit-too-low']);
    expect(first[2]?.workload.source).toBe(true);
    expect((await rootTimes())[0]?.at).toBeLessThanOrEqual(20);
  });

  test.each([undefined, 1, 2, 3])(
    'at most five threads in two minutes, then one each half a minute (seed %s)',
    async (seed) => {
      const times = await rootTimes(seed);

      expect(times.filter(({ at }) => at < 125)).toHaveLength(5);
      const later = times.slice(5);
      for (const [index, { at, begun }] of later.entries()) {
        const gap = at - (times[index + 4]?.at ?? 0);
        const before = times[index + 4]?.scenario.expect;
        const roots = (before?.threads ?? 1) + (before?.node?.threads ?? 0);
        expect(gap / roots).toBeGreaterThanOrEqual(20);
        // What begins at once and still takes longer cannot be earlier.
        expect(begun === 0 || gap / roots <= 40).toBe(true);
      }
    },
  );

  test.each([undefined, 1, 2])(
    'a storm comes after five minutes, and everything is played once (seed %s)',
    async (seed) => {
      const all = await loadScenarios(scenarios, seed);

      const times = await rootTimes(seed);

      expect(times.filter(({ scenario, at }) => scenario.expect.storm !== undefined && at <= 300)).toEqual([]);
      const beginnings = demoTimes(all, speed);
      expect(beginnings).toHaveLength(all.length);
      expect(beginnings.filter(({ at }) => at < 0)).toEqual([]);
    },
  );
});

describe('a storm in the pretend Slack', () => {
  const targets = ['tile-1', 'tile-2', 'tile-3'].map((name) => ({ namespace: 'tiles', kind: 'Deployment', name }));

  async function startPosting() {
    const slack = await startSlack({
      clock: createClock(),
      random: seededRandom(1),
      log: { error: vi.fn<() => void>() },
      limits: 'off',
    });
    onTestFinished(slack.close);
    const [channel = ''] = slack.store.channels().map(({ id }) => id);
    const post = async (body: object): Promise<string> => {
      const answer = await fetch(new URL('chat.postMessage', slack.apiUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ channel, text: 'x', ...body }),
      });
      const { ok, ts, error } = (await answer.json()) as { ok: boolean; ts: string; error?: string };
      if (!ok) throw new Error(error);
      return ts;
    };
    const list = async (root: string, names: readonly string[]): Promise<void> => {
      const rows = names.map((name) => [{ type: 'raw_text', text: `${name} (app)` }]);
      await post({
        thread_ts: root,
        blocks: [{ type: 'table', rows }],
        metadata: { event_type: 'oomkeeper_storm_page', event_payload: { storm: 'STORM-1', page: '0' } },
      });
    };
    const storm = async (): Promise<string> =>
      post({ metadata: { event_type: 'oomkeeper_storm', event_payload: { storm: 'STORM-1' } } });
    const own = async (name: string): Promise<string> =>
      post({
        metadata: {
          event_type: 'oomkeeper_incident',
          event_payload: { subject: `demo/tiles/Deployment/${name}/app`, incident: 'INC-1' },
        },
      });
    const look = () => {
      const roots = threadRoots(slack).filter(({ subject }) => subject.includes('/tiles/'));
      const seen = stormAbout(slack, roots, targets);
      return [seen.storms.length, stormProblems(seen, targets.length)];
    };
    return { storm, list, own, look };
  }

  test('is right when each workload is told of once, by a line or by a root of its own', async () => {
    const { storm, list, own, look } = await startPosting();

    await own('tile-2');
    await list(await storm(), ['tile-1', 'tile-3']);

    expect(look()).toEqual([1, []]);
  });

  test('is wrong when somebody is missing or told of twice', async () => {
    const { storm, list, own, look } = await startPosting();

    await own('tile-1');
    await list(await storm(), ['tile-1', 'tile-3']);

    expect(look()).toEqual([1, ['storm: nobody was told of 1: tile-2', 'storm: told of twice: tile-1']]);
  });

  test('of other workloads is none of ours', async () => {
    const { storm, list, look } = await startPosting();

    await list(await storm(), ['checkout']);

    expect(look()).toEqual([0, ['storm: nobody was told of 3: tile-1, tile-2, tile-3']]);
  });
});
