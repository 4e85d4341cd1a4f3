import { describe, expect, test } from 'vitest';

import { atSpeed, createClock } from '../../sandbox/clock.ts';
import { defaultNodes } from '../../sandbox/kubernetes/cluster/nodes.ts';
import { objectOf, objectsOf, textOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import { observeOutcome } from '../../sandbox/play/observe-outcome.ts';
import { doStep, findButton, submitValues } from '../../sandbox/play/play-people.ts';
import { playScenario } from '../../sandbox/play/play-scenario.ts';
import type { Scenario } from '../../sandbox/scenario/scenario.ts';
import { loadScenarios, readScenario } from '../../sandbox/scenario/scenario-files.ts';
import { scenarioLengthMs, settleMs, speedOf } from '../../sandbox/scenario/scenario-length.ts';
import { crossingAt } from '../../sandbox/kubernetes/kubelet/program.ts';
import { effectivePrograms, membersOf, targetOf } from '../../sandbox/scenario/scenario-workload.ts';
import { skipUnlessLongIsWanted } from '../long.ts';
import { startTestSlack, startWithApp } from './slack/slack-world.ts';
import { createWorld, mebi, scenarioNamed, scenarios, type World } from './living-cluster-world.ts';

const minimal = `
name: one
expect: { threads: 1 }
workload: { kind: Pod, name: web, namespace: shop, limit: 64Mi }
program: [{ at: 0s, bytes: 10Mi }]
`;

const ramp = '[{ at: 0s, bytes: 10Mi }, { at: 60m, bytes: 90Mi }]';

/** Everything of a scenario but its people, and ten minutes of what would come after. */
async function play({ clock, cluster }: World, scenario: Scenario, stopAfterKills = false): Promise<readonly string[]> {
  // A merge is something that people do, too.
  const alone = { ...scenario, people: [], events: scenario.events.filter((event) => event.do !== 'merge') };
  const playing = playScenario({ scenario: alone, cluster, clock, stopAfterKills });
  await clock.advance(scenarioLengthMs(alone) + 600_000);
  return (await playing).problems;
}

test('a raise that comes after the kill that was to show it is shown by the next one, and a check waits for that', async () => {
  const scenario = await scenarioNamed('leak-raised');
  const [program] = effectivePrograms(scenario);
  if (program === undefined) throw new Error('it has no program');
  const speed = speedOf(scenario, 60);
  const runMs = crossingAt(program, 128 * mebi) ?? Infinity;

  // Nobody acts: what is to be told is told without another run.
  expect(settleMs({ ...scenario, people: [] }, speed)).toBe(20_000);
  expect(settleMs(scenario, speed)).toBeGreaterThan(runMs / speed + 20_000);
});

describe.each([undefined, 1, 2, 3, 4, 5])('stories with seed %s', (seed) => {
  if (seed !== undefined && seed > 1) skipUnlessLongIsWanted();

  test('the expected number of kills comes, and no more in check mode', async () => {
    for (const scenario of await loadScenarios(scenarios, seed)) {
      const world = createWorld(defaultNodes);

      const problems = await play(world, scenario, true);

      const kills = membersOf(scenario).map((member) => world.cluster.kills(targetOf(member)).length);
      expect([scenario.name, problems]).toEqual([scenario.name, []]);
      expect([scenario.name, new Set(kills)]).toEqual([scenario.name, new Set([scenario.expect.kills])]);
      world.cluster.close();
    }
  });

  test('half more memory holds where that is expected', async () => {
    const raised = (await loadScenarios(scenarios, seed)).filter(
      ({ expect: { fix, verified } }) => fix === 'raise-limit' && verified === 'held',
    );
    expect(raised.length).toBeGreaterThan(3);
    for (const scenario of raised) {
      const world = createWorld(defaultNodes);
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

test('a pod of any story is as old as the oldest run that it tells of', async () => {
  for (const scenario of await loadScenarios(scenarios)) {
    const world = createWorld(defaultNodes);
    void playScenario({
      scenario: { ...scenario, people: [], events: [] },
      cluster: world.cluster,
      clock: world.clock,
    });
    await world.clock.advance(5_000);

    for (const { metadata, status } of world.store.list('pods')) {
      const runs = objectsOf(status?.['containerStatuses']).flatMap(({ state, lastState }) =>
        [objectOf(objectOf(state)['running']), objectOf(objectOf(lastState)['terminated'])].flatMap(
          ({ startedAt }) => textOf(startedAt) ?? [],
        ),
      );
      const first = [metadata.creationTimestamp, ...runs].toSorted()[0];
      expect([scenario.name, first]).toEqual([scenario.name, metadata.creationTimestamp]);
    }
    world.cluster.close();
  }
});

test('a story with a speed of its own lives and is measured by that', async () => {
  const world = createWorld(defaultNodes);
  const scenario = readScenario('one.yaml', minimal.replace('[{ at: 0s, bytes: 10Mi }]', ramp));
  const playing = playScenario({
    scenario,
    cluster: world.cluster,
    clock: atSpeed(world.clock, 100),
    stopAfterKills: true,
  });
  const used = (): number => (world.cluster.kubelet.usageBytes('shop', 'web', 'app') ?? 0) / mebi;

  await world.clock.advance(15_000);
  const halfway = used();
  await world.clock.advance(15_000);
  const usage = world.cluster.samples.series().find(({ labels: { __name__: name, container } }) => {
    return name === 'container_memory_working_set_bytes' && container === 'app';
  });

  expect(halfway).toBeGreaterThan(41);
  expect(halfway).toBeLessThan(45);
  expect((await playing).problems).toEqual([]);
  expect(world.cluster.kills()).toHaveLength(1);
  expect(Math.max(...(usage?.points ?? []).map(({ v }) => v ?? 0)) / mebi).toBeGreaterThan(30);
  world.cluster.close();
});

test('of several replicas no more are killed than the story tells of', async () => {
  const world = createWorld(defaultNodes);
  const text = minimal.replace('kind: Pod', 'kind: Deployment, replicas: 3').replace('[{ at: 0s, bytes: 10Mi }]', ramp);
  const scenario = readScenario('one.yaml', text.replace('threads: 1', 'threads: 1, kills: 2'));

  const problems = await play(world, scenario, true);

  expect(problems).toEqual([]);
  expect(world.cluster.kills()).toHaveLength(2);
  world.cluster.close();
});

describe('a workload with a history', () => {
  test('is hours old, was killed before, and Prometheus knows its runs', async () => {
    const world = createWorld(defaultNodes);
    const scenario = await scenarioNamed('slow-leak');
    const { namespace } = scenario.workload;
    const playing = playScenario({ scenario, cluster: world.cluster, clock: world.clock });

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
    const runs = usage.map(({ points }) => Math.max(...points.map(({ v }) => v ?? 0)) / mebi);
    expect(status).toMatchObject({ restartCount: 4, ready: true, lastState: { terminated: { reason: 'OOMKilled' } } });
    expect(now - Date.parse(pod?.metadata.creationTimestamp ?? '')).toBeGreaterThan(7 * 3_600_000);
    expect(now - Date.parse(set?.metadata.creationTimestamp ?? '')).toBeGreaterThan(7 * 3_600_000);
    expect(runs).toHaveLength(5);
    expect(Math.min(...runs)).toBeGreaterThan(250);
    expect(Math.max(...runs)).toBeLessThanOrEqual(256.1);
    await world.clock.advance(60_000);
    expect(world.cluster.kills()).toHaveLength(1);
    await playing;
    world.cluster.close();
  });
});

describe('people', () => {
  const scenario = readScenario('one.yaml', minimal);
  const button = (action: string, label: string) => ({
    type: 'button' as const,
    action_id: action,
    value: 'INC-1',
    text: { type: 'plain_text' as const, text: label },
  });
  const menu = {
    type: 'overflow' as const,
    action_id: 'more',
    options: [{ text: { type: 'plain_text' as const, text: 'Why not' }, value: 'why:INC-1' }],
  };

  /** Two threads, the second about the scenario's workload; with the time stamp of its message. */
  async function startWithThreads() {
    const slack = await startTestSlack();
    const post = async (name: string, elements: readonly ReturnType<typeof button>[]) =>
      slack.client.chat.postMessage({
        channel: slack.alerts,
        text: `OOMKilled ${name}`,
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: name }, block_id: 'a', accessory: menu },
          { type: 'actions', block_id: 'b', elements: [...elements] },
        ],
        metadata: { event_type: 'incident', event_payload: { subject: `prod/shop/Pod/${name}/main` } },
      });
    await post('other', [button('plan_apply', 'Apply now')]);
    const { ts = '' } = await post('web', [button('plan_apply', 'Apply now'), button('ack', 'Acknowledge')]);
    return { slack, at: { channel: slack.alerts, ts } };
  }

  test('say what was there instead of what they look for', async () => {
    const slack = await startTestSlack();
    const step = { at: 0, user: 'approver', do: 'click', what: 'apply' } as const;
    const submit = { ...step, do: 'submit' } as const;
    const soon = { clock: createClock(), ms: 150 };

    await expect(doStep(slack, scenario, step, soon)).rejects.toThrow(
      'approver found no button "apply" within 150 ms: no thread of this workload',
    );
    await expect(doStep(slack, scenario, submit, soon)).rejects.toThrow('submit "apply": write it as input=value');
    await expect(doStep(slack, scenario, { ...submit, what: 'limit=96Mi' }, soon)).rejects.toThrow(
      'submit "limit=96Mi" was answered with view_not_found',
    );
  });

  test.each([
    ['apply', { actionId: 'plan_apply', blockId: 'b' }],
    ['Apply the fix', { actionId: 'plan_apply', blockId: 'b' }],
    ['plan_a', { actionId: 'plan_apply', blockId: 'b' }],
    ['Acknowledge', { actionId: 'ack', blockId: 'b' }],
    ['Why not', { actionId: 'more', blockId: 'a', value: 'why:INC-1' }],
  ])('find %s in the thread of their workload', async (what, request) => {
    const { slack, at } = await startWithThreads();

    expect(findButton(slack, scenario, what)).toEqual({ request: { ...at, ...request } });
  });

  test('see which buttons were there instead', async () => {
    const { slack } = await startWithThreads();

    expect(findButton(slack, scenario, 'approve')).toEqual({ buttons: ['more', 'plan_apply', 'ack'] });
    expect(findButton(await startTestSlack(), scenario, 'approve')).toEqual({});
  });

  test('submit the modal that a click opened', async () => {
    const taken: string[] = [];
    const slack = await startWithApp((app) => {
      app.action('edit', async ({ ack, body, client }) => {
        await ack();
        const input = {
          type: 'input' as const,
          block_id: 'limit',
          label: { type: 'plain_text' as const, text: 'Limit' },
          element: { type: 'plain_text_input' as const, action_id: 'edit:value' },
        };
        const view = {
          type: 'modal' as const,
          title: { type: 'plain_text' as const, text: 'Edit value' },
          submit: { type: 'plain_text' as const, text: 'Apply' },
          blocks: [input],
        };
        if ('trigger_id' in body) await client.views.open({ trigger_id: body.trigger_id, view });
      });
      app.view(/.*/, async ({ ack, view }) => {
        const value = view.state.values['limit']?.['edit:value']?.value ?? '';
        if (value !== '192Mi') return ack({ response_action: 'errors', errors: { limit: 'No such size.' } });
        taken.push(value);
        return ack();
      });
    });
    await slack.client.chat.postMessage({
      channel: slack.alerts,
      text: 'x',
      blocks: [{ type: 'actions', elements: [button('edit', 'Edit value…')] }],
      metadata: { event_type: 'incident', event_payload: { subject: 'prod/shop/Pod/web/main' } },
    });
    const patience = { clock: createClock(), ms: 5_000 };
    const step = { at: 0, user: 'approver' } as const;
    const submit = async (what: string) => doStep(slack, scenario, { ...step, do: 'submit', what }, patience);

    await doStep(slack, scenario, { ...step, do: 'click', what: 'edit' }, patience);
    await expect(submit('limit=')).rejects.toThrow('invalid_input: Please complete this required field.');
    await expect(submit('limit=512')).rejects.toThrow('refused: No such size.');
    await submit('edit:value=192Mi');

    expect(taken).toEqual(['192Mi']);
  });

  test.each([
    ['limit=192Mi', { limit: '192Mi' }],
    ['limit = 192Mi; reason=too small = bad', { limit: '192Mi', reason: 'too small = bad' }],
    ['limit=', { limit: '' }],
    ['', {}],
    ['192Mi', null],
  ])('what a scenario says to submit, "%s", is %j', (what, values) => {
    expect(submitValues(what)).toEqual(values);
  });
});
