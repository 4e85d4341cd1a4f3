import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import { objectOf, objectsOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import type { Target } from '../../sandbox/kubernetes/cluster/target.ts';
import { checkScenarios } from '../../sandbox/play/check-scenarios.ts';
import { playScenario } from '../../sandbox/play/play-scenario.ts';
import { membersOf, targetOf } from '../../sandbox/scenario/scenario-workload.ts';
import { clusterProblems, threadRoots } from '../../sandbox/play/threads.ts';
import { livingClusters, surroundings } from '../../sandbox/world-parts.ts';
import { startWorld, type World, type WorldOptions } from '../../sandbox/world.ts';
import { send } from './kubernetes/start-server.ts';
import { scenarioNamed, scenarios } from './living-cluster-world.ts';
import { eventually } from '../eventually.ts';

async function start(options: Partial<WorldOptions> = {}): Promise<World> {
  const log = (): void => undefined;
  const world = await startWorld({ speed: 100, seed: 1, port: 0, withPage: false, log, ...options });
  onTestFinished(world.close);
  return world;
}

function clientOf(world: World, kubeconfig?: string): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromFile(world.addresses.kubeconfig);
  else config.loadFromString(kubeconfig);
  return config;
}

/** What a pull request is made with, as a person with a token does it. */
async function openPull({ addresses }: World, path: string, edit: (text: string) => string): Promise<void> {
  const call = async (method: string, to: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${addresses.githubApiUrl}/repos/acme/deploy/${to}`, {
      method,
      headers: { authorization: `Bearer ${addresses.githubToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${to}: ${answer.status} ${await answer.text()}`);
    return objectOf(await answer.json());
  };
  const { object } = await call('GET', 'git/ref/heads/main');
  await call('POST', 'git/refs', { ref: 'refs/heads/fix', sha: objectOf(object)['sha'] });
  const { content, sha } = await call('GET', `contents/${path}?ref=fix`);
  const text = Buffer.from(String(content), 'base64').toString();
  const edited = Buffer.from(edit(text)).toString('base64');
  await call('PUT', `contents/${path}`, { message: 'Raise it', branch: 'fix', sha, content: edited });
  await call('POST', 'pulls', { title: 'Raise it', head: 'fix', base: 'main' });
}

/** Posts as a bot does; the `ts` of the message. */
async function post({ slack, addresses }: World, body: object): Promise<string> {
  const [channel = ''] = slack.store.channels().map(({ id }) => id);
  const answer = await fetch(new URL('chat.postMessage', addresses.slackApiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${addresses.botToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel, ...body }),
  });
  return String(objectOf(await answer.json())['ts']);
}

test('in a check a storm waits until the other stories have their threads', async () => {
  const world = await start({ slack: { limits: 'off' } });
  const [other, storm] = [await scenarioNamed('job-gone'), await scenarioNamed('storm-one-node')];
  const [first] = membersOf(storm).map(targetOf);
  if (first === undefined || world.cluster === null) throw new Error('no storm or no cluster');
  const pods = (target: Target) => world.cluster?.standings(target, 'app').length;
  const enough = new AbortController();
  const checking = checkScenarios(world, [storm, other], enough.signal).catch(() => 'ended');
  await eventually(() => expect(pods(targetOf(other))).toBe(1));
  await world.clock.wait(600 * world.clock.speed);
  const before = pods(first);

  const { namespace, name } = other.workload;
  const event_payload = { subject: `demo/${namespace}/Job/${name}/app`, incident: 'INC-1' };
  await post(world, { text: 'killed', metadata: { event_type: 'oomkeeper_incident', event_payload } });

  await eventually(() => expect(pods(first)).toBe(1));
  expect(before).toBe(0);
  enough.abort();
  expect(await checking).toBe('ended');
});

test('a merged pull request reaches the cluster, and the file keeps its remarks', async () => {
  const world = await start();
  const { cluster, clock, repository } = world;
  const scenario = await scenarioNamed('pr-merged-held');
  if (cluster === null || repository === null) throw new Error('no living world');

  const playing = playScenario({
    // How many kills there are before the merge is no matter here.
    scenario: {
      ...scenario,
      people: [],
      expect: { ...scenario.expect, kills: 0 },
      events: [{ at: 1000, do: 'merge' }],
    },
    cluster,
    clock,
    ...surroundings(world, clock),
  });
  const path = 'apps/storefront/basket.yaml';
  await eventually(() => expect(Object.keys(world.github.control.files('acme/deploy'))).toContain(path));
  await openPull(world, path, (text) => text.replaceAll('memory: 320Mi', 'memory: 448Mi'));

  expect((await playing).problems).toEqual([]);
  const apps = clientOf(world).makeApiClient(AppsV1Api);
  const memory = async (): Promise<unknown> => {
    const { spec, metadata } = await apps.readNamespacedDeployment({ namespace: 'storefront', name: 'basket' });
    const limits = spec?.template.spec?.containers.map(({ resources }) => resources?.limits?.['memory']);
    return [limits, metadata?.managedFields?.some(({ manager }) => manager === 'argocd-controller')];
  };
  await eventually(async () => expect(await memory()).toEqual([['448Mi'], true]));
  expect(world.github.control.files('acme/deploy')[path]).toContain('memory: 448Mi # from the load test in spring');
});

test('a merge that nobody has a pull request for is said to be missing', async () => {
  const world = await start();
  const { cluster, clock } = world;
  const scenario = await scenarioNamed('pr-merged-held');
  if (cluster === null) throw new Error('no living world');

  const { problems } = await playScenario({
    scenario: { ...scenario, people: [], expect: { ...scenario.expect, kills: 0 }, events: [{ at: 0, do: 'merge' }] },
    cluster,
    clock,
    patienceMs: 300,
    ...surroundings(world, clock),
  });

  expect(problems).toEqual(['merge: no pull request for apps/storefront/basket.yaml within 300 ms']);
});

test('Prometheus stands among the Services, where it answers', async () => {
  const world = await start();

  const { items } = await clientOf(world)
    .makeApiClient(CoreV1Api)
    .listServiceForAllNamespaces({ labelSelector: 'app.kubernetes.io/name=prometheus' });

  const [service] = items;
  const url = `http://${service?.spec?.clusterIP ?? ''}:${service?.spec?.ports?.[0]?.port ?? 0}`;
  expect([items.length, service?.metadata?.namespace, url]).toEqual([1, 'monitoring', world.addresses.prometheusUrl]);
  expect((await fetch(`${url}/api/v1/query_range?query=up&start=1&end=2&step=1`)).status).toBe(200);
});

test('a world without Prometheus has neither the Service nor the address, and still metrics-server', async () => {
  const world = await start({ prometheus: false });
  const config = clientOf(world);

  const { items } = await config.makeApiClient(CoreV1Api).listServiceForAllNamespaces();
  const groups = await fetchText(world, '/apis/metrics.k8s.io/v1beta1/pods');

  expect([items, world.addresses.prometheusUrl, world.prometheus]).toEqual([[], '', null]);
  expect(groups).toContain('PodMetricsList');
});

test('a world may lack metrics-server', async () => {
  const world = await start({ metrics: 'absent' });

  expect(await fetchText(world, '/apis/metrics.k8s.io/v1beta1/pods')).toBe('404 page not found\n');
});

test("events that cut Prometheus, Slack and the API server off end by the story's own time", async () => {
  const world = await start();
  const { cutApi, cutSlack, downPrometheus } = surroundings(world, { ...world.clock, speed: 100 });
  const { prometheusUrl, slackApiUrl, botToken } = world.addresses;
  const ask = async (namespace: string): Promise<number> =>
    (await fetch(`${prometheusUrl}/api/v1/query_range?start=1&end=2&step=1&query=up{namespace="${namespace}"}`)).status;
  const slack = async (): Promise<number> =>
    (
      await fetch(new URL('auth.test', slackApiUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${botToken}` },
      })
    ).status;
  const api = async (): Promise<boolean> =>
    send(world.api, { path: '/version' }).then(
      () => true,
      () => false,
    );

  downPrometheus?.(40_000, 'shop');
  cutSlack?.(40_000);
  cutApi?.(40_000);

  expect([await ask('shop'), await ask('data'), await slack(), await api()]).toEqual([503, 200, 503, false]);
  await eventually(async () => expect([await ask('shop'), await slack(), await api()]).toEqual([200, 200, true]));
});

test('an account of the given manifests gets just its rights', async () => {
  const manifests = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'watcher', namespace: 'oomkeeper' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'read' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'read' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'read' },
      subjects: [{ kind: 'ServiceAccount', name: 'watcher', namespace: 'oomkeeper' }],
    },
  ];
  const world = await start({ rights: manifests });
  const api = clientOf(world, world.kubeconfigOf('oomkeeper/watcher')).makeApiClient(CoreV1Api);

  const pods = await api.listPodForAllNamespaces();
  const nodes = api.listNode();

  await expect(nodes).rejects.toMatchObject({ code: 403 });
  expect(pods.kind).toBe('PodList');
  expect(() => world.kubeconfigOf('oomkeeper/nobody')).toThrow('the world has no account oomkeeper/nobody');
});

test('the control API tells the policy of all stories', async () => {
  const world = await start();

  const answer = await fetch(new URL('/scenarios/policy', world.addresses.controlUrl), {
    method: 'POST',
    body: JSON.stringify({ directory: scenarios, check: true }),
  });

  const { policy, clusters } = (await answer.json()) as { policy: string; clusters: number };
  expect(clusters).toBe(2);
  const rules = objectsOf(objectOf(parse(policy))['approvals']);
  expect(rules.map(({ namespaces }) => namespaces)).toContainEqual(['core']);
  const approver = world.slack.workspace.people.find(({ mayApprove }) => mayApprove)?.id;
  expect(rules[0]?.['who']).toEqual([approver]);
});

describe('a story in two clusters', () => {
  /** Both clusters have killed the story's workload; `tell` posts a thread as a bot would. */
  async function startTwo() {
    const world = await start({ clusters: 2, speed: 400, slack: { limits: 'off' } });
    const { clock, slack } = world;
    const scenario = await scenarioNamed('two-clusters');
    const places = livingClusters(world, scenario.workload.clusters);
    const target = targetOf(scenario);
    await Promise.all(
      places.map(async ({ cluster }) => playScenario({ scenario, cluster, clock, stopAfterKills: true })),
    );
    const tell = async (cluster: string, said: { readonly text: string; readonly pod: string }): Promise<void> => {
      const event_payload = { subject: `${cluster}/edge/Deployment/gateway/app`, incident: 'INC-1' };
      const thread_ts = await post(world, {
        text: said.text,
        metadata: { event_type: 'oomkeeper_incident', event_payload },
      });
      await post(world, { thread_ts, text: `in ${said.pod}` });
    };
    return {
      pods: places.map(({ cluster }) => cluster.kills(target)[0]?.pod ?? ''),
      kills: places.map(({ cluster }) => cluster.kills(target).length),
      tell,
      problems: () => clusterProblems(slack, threadRoots(slack), places, [target]),
    };
  }

  test('kills in each, in pods of other names', async () => {
    const { kills, pods } = await startTwo();

    expect(kills).toEqual([2, 2]);
    expect(new Set(pods).size).toBe(2);
  });

  test('is told right where each cluster has a thread that names it and its pods alone', async () => {
    const { pods, tell, problems } = await startTwo();
    const [here = '', there = ''] = pods;

    await tell('prod', { text: 'OOMKilled gateway · namespace edge · cluster prod', pod: here });
    await tell('stage', { text: 'OOMKilled gateway · namespace edge · cluster stage', pod: there });

    expect(problems()).toEqual([]);
  });

  test.each([
    ['no thread', [], 'pods of 2 clusters: not each in the thread of its own cluster alone'],
    ['both pods in one', ['prod', 'prod'], 'pods of 2 clusters: not each in the thread of its own cluster alone'],
    ['a thread without a name', ['prod', ''], 'the first message of the thread of other does not name its cluster'],
  ])('is told wrong with %s', async (_, clusters, problem) => {
    const { pods, tell, problems } = await startTwo();

    for (const [index, cluster] of clusters.entries()) {
      const text = `OOMKilled gateway · namespace edge${cluster === '' ? '' : ` · cluster ${cluster}`}`;
      await tell(cluster === '' ? 'other' : cluster, { text, pod: pods[index] ?? '' });
    }

    expect(problems()).toEqual([problem]);
  });
});

async function fetchText({ api }: World, path: string): Promise<string> {
  return (await send(api, { path })).text;
}
