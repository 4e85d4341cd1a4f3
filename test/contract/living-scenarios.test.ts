import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createClock } from '../../sandbox/clock.ts';
import { startControl } from '../../sandbox/control.ts';
import { createHandClock, type HandClock } from '../../sandbox/hand-clock.ts';
import { createCluster, type Cluster } from '../../sandbox/kubernetes/cluster.ts';
import { objectOf, objectsOf } from '../../sandbox/kubernetes/json-value.ts';
import { createObjectStore } from '../../sandbox/kubernetes/memory-object-store.ts';
import type { ObjectStore } from '../../sandbox/kubernetes/object-store.ts';
import { observeOutcome } from '../../sandbox/observe-outcome.ts';
import { doStep, findButton } from '../../sandbox/play-people.ts';
import { playScenario, scenarioLengthMs } from '../../sandbox/play-scenario.ts';
import { scenarioJsonSchema, type Scenario } from '../../sandbox/scenario.ts';
import { loadScenarios, readScenario } from '../../sandbox/scenario-files.ts';
import { seededRandom } from '../../sandbox/scenario-seed.ts';
import { targetOf } from '../../sandbox/scenario-workload.ts';
import { slackHandsOver, type SlackHands } from '../../sandbox/slack-hands.ts';
import { slackRoutes } from '../../sandbox/slack/slack-routes.ts';
import { startSlack } from '../../sandbox/slack/start-slack.ts';

const directory = join(import.meta.dirname, '../../sandbox/scenarios');
const mebi = 2 ** 20;
const minimal = `
name: one
expect: { threads: 1 }
workload: { kind: Pod, name: web, namespace: shop, limit: 64Mi }
program: [{ at: 0s, bytes: 10Mi }]
`;

const nobody: SlackHands = {
  look: async () => ({ users: [], channels: [] }),
  click: async () => ({ ok: false }),
  command: async () => ({ ok: false }),
};

interface World {
  readonly clock: HandClock;
  readonly store: ObjectStore;
  readonly cluster: Cluster;
}

function createWorld(): World {
  const clock = createHandClock();
  const store = createObjectStore(clock);
  return { clock, store, cluster: createCluster({ store, clock, random: seededRandom(3) }) };
}

/** Everything of a scenario but its people, and ten minutes of what would come after. */
async function play({ clock, cluster }: World, scenario: Scenario, stopAfterKills = false): Promise<readonly string[]> {
  const alone = { ...scenario, people: [] };
  const playing = playScenario({ scenario: alone, cluster, slack: nobody, clock, stopAfterKills });
  await clock.advance(scenarioLengthMs(alone) + 600_000);
  return (await playing).problems;
}

describe('scenario files', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scenarios-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('the published schema says what the loader reads', () => {
    const published: unknown = JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8'));

    expect(published).toEqual(scenarioJsonSchema());
  });

  test('durations and sizes become ms and bytes, and what is left out gets its default', () => {
    const scenario = readScenario(
      'one.yaml',
      `${minimal}people: [{ at: 1h30m, user: approver, do: click, what: apply }]`,
    );

    expect(scenario.workload).toMatchObject({ limit: 64 * mebi, container: 'app', replicas: 1, runtime: 'plain' });
    expect(scenario.program).toEqual([{ at: 0, bytes: 10 * mebi, revision: 1 }]);
    expect(scenario.people[0]?.at).toBe(5_400_000);
    expect(scenario.expect).toEqual({ verdict: null, threads: 1, kills: 0, fix: null, verified: null });
  });

  test.each([
    ['a bad size', minimal.replace('10Mi', '10Megs'), 'one.yaml: program.0.bytes: "10Megs" is no quantity'],
    ['a bad duration', minimal.replace('0s', 'soon'), 'one.yaml: program.0.at:'],
    ['an unknown key', `${minimal}programme: []`, 'one.yaml: (file): Unrecognized key: "programme"'],
    ['nobody', `${minimal}people: [{ at: 1s, user: '', do: click, what: x }]`, 'people.0.user'],
    ['an unknown verb', `${minimal}people: [{ at: 1s, user: other, do: shout, what: x }]`, 'people.0.do'],
    ['an unknown event', `${minimal}events: [{ at: 1s, do: explode }]`, 'events.0.do'],
    ['no YAML', 'name: [', 'one.yaml: '],
  ])('%s is refused with the file and the place', (_, text, message) => {
    expect(() => readScenario('one.yaml', text)).toThrow(message);
  });

  test('what people write and mean is understood', () => {
    const text = `
name: one
expect: { threads: 0, verdict: null }
workload: { kind: Pod, name: web, namespace: shop, limit: null, runtime: jvm, probe: null, env: [{ name: A, value: b }] }
program: [{ at: 0s, bytes: 10Mi }]
people: null
`;

    const { workload, people, expect: expected } = readScenario('one.yaml', text);

    expect(workload).toMatchObject({ runtime: 'java', env: { A: 'b' } });
    expect(workload.limit).toBeUndefined();
    expect(people).toEqual([]);
    expect(expected.verdict).toBeNull();
  });

  test('two scenarios of one name and an empty folder are refused', async () => {
    await expect(loadScenarios(folder)).rejects.toThrow('no scenario');
    await writeFile(join(folder, 'a.yaml'), minimal);
    await writeFile(join(folder, 'b.yaml'), minimal);

    await expect(loadScenarios(folder)).rejects.toThrow('two scenarios are called "one"');
  });

  test('a seed changes names, sizes, times and order, and the same seed changes them the same way', async () => {
    const [written, first, again, other] = await Promise.all([
      loadScenarios(directory),
      loadScenarios(directory, 1),
      loadScenarios(directory, 1),
      loadScenarios(directory, 2),
    ]);

    const namesOf = (scenarios: readonly Scenario[]): string[] => scenarios.map(({ name }) => name);
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect(namesOf(first)).not.toEqual(namesOf(written));
    expect(namesOf(first).toSorted()).toEqual(namesOf(written).toSorted());
    expect(new Set(first.map(({ workload }) => workload.name)).size).toBe(written.length);
  });
});

describe.each([undefined, 1, 2, 3, 4, 5])('stories with seed %s', (seed) => {
  test('the expected number of kills comes, and no more in check mode', async () => {
    for (const scenario of await loadScenarios(directory, seed)) {
      const world = createWorld();

      const problems = await play(world, scenario, true);

      const kills = world.cluster.kills(targetOf(scenario)).length;
      expect([scenario.name, problems]).toEqual([scenario.name, []]);
      expect([scenario.name, kills]).toEqual([scenario.name, scenario.expect.kills]);
      world.cluster.close();
    }
  });

  test('half more memory holds where that is expected', async () => {
    for (const scenario of (await loadScenarios(directory, seed)).filter(({ people }) => people.length > 0)) {
      const world = createWorld();
      const target = targetOf(scenario);
      await play(world, scenario);
      const before = observeOutcome(world.cluster, scenario);

      const memory = String(Math.round((scenario.workload.limit ?? 0) * 1.5));
      const resource = { Deployment: 'deployments', StatefulSet: 'statefulsets' }[target.kind] ?? '';
      world.store.write(resource, target.namespace, target.name, (draft) => {
        const podSpec = objectOf(objectOf(draft.spec?.['template'])['spec']);
        for (const each of objectsOf(podSpec['containers']))
          each['resources'] = { limits: { memory }, requests: { memory } };
      });
      await world.clock.advance(3_600_000);

      expect([scenario.name, before.verified]).toEqual([scenario.name, null]);
      expect(observeOutcome(world.cluster, scenario)).toMatchObject({
        verified: 'held',
        limitsInForce: [Number(memory)],
      });
      world.cluster.close();
    }
  });
});

describe('a workload with a history', () => {
  test('is hours old, was killed before, and Prometheus knows its lives', async () => {
    const world = createWorld();
    const [scenario] = (await loadScenarios(directory)).filter(({ name }) => name === 'slow-leak');
    if (scenario === undefined) throw new Error('no slow-leak');
    const { namespace } = scenario.workload;
    const playing = playScenario({ scenario, cluster: world.cluster, slack: nobody, clock: world.clock });

    await world.clock.advance(20_000);

    const now = world.clock.now();
    const [pod] = world.store.list('pods', namespace);
    const [set] = world.store.list('replicasets', namespace);
    const [status] = objectsOf(pod?.status?.['containerStatuses']);
    const usage = world.cluster.samples
      .series()
      .filter(
        ({ labels }) => labels['__name__'] === 'container_memory_working_set_bytes' && labels['container'] === 'app',
      );
    const lives = usage.map(({ points }) => Math.max(...points.map(({ v }) => v ?? 0)) / mebi);
    expect(status).toMatchObject({ restartCount: 4, ready: true, lastState: { terminated: { reason: 'OOMKilled' } } });
    expect(now - Date.parse(pod?.metadata.creationTimestamp ?? '')).toBeGreaterThan(7 * 3_600_000);
    expect(now - Date.parse(set?.metadata.creationTimestamp ?? '')).toBeGreaterThan(7 * 3_600_000);
    expect(lives).toHaveLength(5);
    expect(Math.min(...lives)).toBeGreaterThan(250);
    expect(Math.max(...lives)).toBeLessThanOrEqual(256.1);
    await world.clock.advance(60_000);
    expect(world.cluster.kills()).toHaveLength(1);
    await playing;
    world.cluster.close();
  });
});

describe('people', () => {
  test('act through the control API, and whoever finds nothing to click says what was there', async () => {
    const slack = await startSlack({ clock: createClock(), random: seededRandom(1), log: { error: () => undefined } });
    const control = await startControl({ routes: slackRoutes(slack), files: new Map(), port: 0 });
    const hands = slackHandsOver(control.url);
    const step = { at: 0, user: 'approver', do: 'click', what: 'apply' } as const;

    const view = await hands.look();
    const clicking = doStep(hands, scenario, step, 150);

    expect(view.users.some(({ mayApprove }) => mayApprove === true)).toBe(true);
    expect(view.channels.map(({ name }) => name)).toContain('oom-alerts');
    await expect(clicking).rejects.toThrow(
      'approver found no button "apply" within 150 ms: no thread of this workload',
    );
    await expect(doStep(hands, scenario, { ...step, do: 'submit' }, 150)).rejects.toThrow('no modals');
    await control.close();
    await slack.close();
  });

  const scenario = readScenario('one.yaml', minimal);
  const button = (action: string, label: string): Record<string, unknown> => ({
    type: 'button',
    action_id: action,
    value: 'INC-1',
    text: { type: 'plain_text', text: label },
  });
  const menu = { type: 'overflow', action_id: 'more', options: [{ text: { text: 'Why not' }, value: 'why:INC-1' }] };
  const view = {
    users: [],
    channels: [
      {
        id: 'C1',
        name: 'oom-alerts',
        messages: [
          {
            ts: '1.0',
            text: 'OOMKilled other · prod/shop',
            blocks: [{ type: 'actions', block_id: 'a', elements: [button('plan_apply', 'Apply now')] }],
            deleted: false,
            replies: [],
          },
          {
            ts: '2.0',
            text: 'OOMKilled web · prod/shop',
            blocks: [
              { type: 'section', accessory: menu },
              {
                type: 'actions',
                block_id: 'b',
                elements: [button('plan_apply', 'Apply now'), button('ack', 'Acknowledge')],
              },
            ],
            deleted: false,
            replies: [],
          },
        ],
      },
    ],
  };

  test.each([
    ['apply', { channel: 'C1', ts: '2.0', action_id: 'plan_apply', block_id: 'b' }],
    ['plan_a', { channel: 'C1', ts: '2.0', action_id: 'plan_apply', block_id: 'b' }],
    ['Acknowledge', { channel: 'C1', ts: '2.0', action_id: 'ack', block_id: 'b' }],
    ['Why not', { channel: 'C1', ts: '2.0', action_id: 'more', value: 'why:INC-1' }],
  ])('find %s in the thread of their workload', (what, request) => {
    expect(findButton(view, scenario, what)).toEqual({ request });
  });

  test('see which buttons were there instead', () => {
    expect(findButton(view, scenario, 'approve')).toEqual({ buttons: ['more', 'plan_apply', 'ack'] });
    expect(findButton({ users: [], channels: [] }, scenario, 'approve')).toEqual({});
  });
});
