import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { processNames } from '../../scripts/system.ts';
import { freePort, type RunningRedis, startRedis } from '../../scripts/redis/redis.mjs';
import type { WorkloadKill } from '../../sandbox/kubernetes/cluster/cluster.ts';
import { defaultNodes } from '../../sandbox/kubernetes/cluster/nodes.ts';
import type { NewObject } from '../../sandbox/kubernetes/objects/object-store.ts';
import { startCollector, type Collector } from '../../sandbox/otlp/start-collector.ts';
import { seedWorkspace } from '../../sandbox/slack/workspace.ts';
import { ask, click, clickablesOf, personNamed } from '../acceptance/people.ts';
import { threadAbout, threadsOf } from '../acceptance/threads.ts';
import { addVictim, clusterOf } from '../acceptance/victims.ts';
import { eventually } from '../eventually.ts';
import { afterAllLong, beforeAllLong } from '../long.ts';
import { startSystem, type System } from '../system.ts';

/*
 * A word of its own in every place that holds text: what is configured, what a cluster says of a container that is killed,
 * what its program writes, what Alertmanager and people send. Then everything that the three processes wrote is searched
 * for every word: Redis, what went to Slack, GitHub, PagerDuty and Alertmanager, the logs at their most talkative, the metrics, the traces. Each may be where
 * this table says (no metric has one), and where it says `must` it has to be, so that an empty search does not pass.
 */

const sinks = ['redis', 'slack', 'logs', 'metrics', 'github', 'alarms', 'traces'] as const;
type Sink = (typeof sinks)[number];

interface Place {
  /** A bare word, or one that its surroundings call a secret. */
  readonly canary: string;
  readonly must?: readonly Sink[];
  readonly may?: readonly Sink[];
}

const canaryOf = (name: string): string => `cnry${name}q7x`;
const nowhere = (name: string): Place => ({ canary: canaryOf(name) });
const shown = (name: string): Place => ({ canary: canaryOf(name), must: ['redis', 'slack'], may: ['logs'] });
const named = (name: string): Place => ({
  canary: canaryOf(name),
  must: ['redis', 'slack', 'alarms', 'traces'],
  may: ['logs'],
});

const places = {
  // What is configured.
  'name of the cluster': { canary: canaryOf('cluster'), must: ['redis', 'slack', 'logs', 'alarms', 'traces'] },
  'password of Redis': nowhere('redispw'),
  'password of Sentinel': nowhere('sentinelpw'),
  'bot token of Slack': nowhere('bot'),
  'app token of Slack': nowhere('app'),
  'signing secret of Slack': nowhere('signing'),
  'secret of the webhook of GitHub': nowhere('webhook'),
  'secret for Alertmanager': nowhere('alertmanager'),
  'login of Prometheus': nowhere('prometheus'),
  'key of PagerDuty': nowhere('pagerduty'),
  'login of Alertmanager': nowhere('alertmanagerpw'),
  'key of the receiver of traces': nowhere('traces'),
  'login of a proxy': nowhere('proxy'),
  'namespace in the policy file': nowhere('policynamespace'),
  'label in the policy file': nowhere('policylabel'),
  'source in the policy file': nowhere('policysource'),
  'reason of a freeze that holds elsewhere': nowhere('freezereason'),
  'comment in the policy file': nowhere('policycomment'),
  'channel in the policy file that is not there': { canary: canaryOf('policychannel'), must: ['logs'] },
  // What the cluster says.
  'name of the workload': named('workload'),
  'name of the container': named('container'),
  'name of the image': shown('image'),
  'label of the pod': { canary: canaryOf('label'), must: ['redis'] },
  'annotation of the pod': nowhere('podannotation'),
  'annotation of the workload': nowhere('annotation'),
  'annotation that names its source': { canary: canaryOf('source'), must: ['github'], may: ['redis', 'slack', 'logs'] },
  'value of a variable': nowhere('value'),
  'a variable with heap flags, beside them': nowhere('flags'),
  'value of a variable that is called a password': nowhere('password'),
  'name of a Secret that a variable comes from': nowhere('secretname'),
  'name of a ConfigMap that variables come from': nowhere('configmap'),
  'word of the command': nowhere('command'),
  'secret among the arguments': nowhere('argument'),
  'termination message': { canary: canaryOf('termination'), must: ['redis'] },
  'password in the termination message': nowhere('terminationpassword'),
  'Event of the kubelet': nowhere('kubeletevent'),
  'Event of a node-problem-detector': nowhere('nodeevent'),
  'name of a process that the kernel chose': { canary: canaryOf('victim'), must: ['redis', 'slack'] },
  'line of the log': { canary: canaryOf('logline'), must: ['redis', 'slack'] },
  'password in the log': nowhere('logpassword'),
  'login of a URL in the log': nowhere('logurl'),
  'Authorization header in the log': nowhere('logheader'),
  // What others send.
  'label of an alert that nobody uses': nowhere('alertlabel'),
  'name of an alert': { canary: canaryOf('alertname'), must: ['redis', 'slack', 'logs'] },
  'text of an alert': { canary: canaryOf('summary'), must: ['redis', 'slack'] },
  'token in the text of an alert': nowhere('alerttoken'),
  'secret that Alertmanager was given wrong': nowhere('wrongsecret'),
  'unknown word of a command': { canary: canaryOf('word'), must: ['slack'] },
  'value typed into a dialog': { canary: canaryOf('typed'), may: ['slack'] },
  'reason of a pause': { canary: canaryOf('reason'), must: ['redis', 'slack'] },
} as const satisfies Readonly<Record<string, Place>>;

const at = (name: keyof typeof places): string => places[name].canary;

let system: System;
let collector: Collector;
let sentinel: RunningRedis;
let folder: string;
beforeAllLong(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-canaries-'));
  await writeFile(join(folder, 'policy.yaml'), policy);
  collector = await startCollector();
  system = await startSystem({
    redisPassword: at('password of Redis'),
    settings: {
      OOMKEEPER_CLUSTER: at('name of the cluster'),
      OOMKEEPER_APPROVERS: '',
      OOMKEEPER_POLICY: join(folder, 'policy.yaml'),
      OOMKEEPER_MODE: 'act',
      OOMKEEPER_LOG_LEVEL: 'trace',
      OOMKEEPER_ALERTMANAGER_SECRET: at('secret for Alertmanager'),
      GITHUB_WEBHOOK_SECRET: at('secret of the webhook of GitHub'),
      SLACK_SIGNING_SECRET: at('signing secret of Slack'),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${at('key of the receiver of traces')}`,
      HTTPS_PROXY: `http://me:${at('login of a proxy')}@127.0.0.1:9`,
      NO_PROXY: '127.0.0.1,localhost',
    },
    only: async (name, { world, redisUrl }): Promise<Record<string, string>> => {
      const prometheus = new URL(world.addresses.prometheusUrl);
      prometheus.username = 'me';
      prometheus.password = at('login of Prometheus');
      const alertmanager = new URL(world.addresses.alertmanagerUrl);
      alertmanager.username = 'me';
      alertmanager.password = at('login of Alertmanager');
      return {
        OOMKEEPER_PROMETHEUS_URL: prometheus.href,
        OOMKEEPER_ALERTMANAGER_URL: alertmanager.href,
        // PagerDuty refuses it, and says so.
        PAGERDUTY_ROUTING_KEY: at('key of PagerDuty').padEnd(32, '0'),
        GITHUB_TOKEN: '',
        GITHUB_APP_ID: String(world.github.app.id),
        GITHUB_PRIVATE_KEY: world.github.app.privateKey,
        // One of them finds Redis as Sentinel says.
        ...(name === 'worker' ? { REDIS_URL: await throughSentinel(redisUrl) } : {}),
      };
    },
    world: {
      slack: {
        limits: 'off',
        workspace: {
          ...seedWorkspace(),
          botToken: `xoxb-${at('bot token of Slack')}`,
          appToken: `xapp-${at('app token of Slack')}`,
        },
      },
    },
  });
});
afterAllLong(async () => {
  await system?.stop();
  await sentinel?.stop();
  await rm(folder, { recursive: true, force: true });
});

const approvers = seedWorkspace().people.flatMap(({ id, mayApprove }) => (mayApprove ? [id] : []));
const policy = `# ${at('comment in the policy file')}
approvals:
  - who: [${approvers.join(', ')}]
freezes:
  - namespaces: [${at('namespace in the policy file')}]
    from: 2026-01-01T00:00:00Z
    until: 2999-01-01T00:00:00Z
    reason: ${at('reason of a freeze that holds elsewhere')}
sources:
  - { namespace: other, workload: Deployment/other, source: acme/deploy//${at('source in the policy file')}.yaml@main }
routes:
  - namespaces: [${at('namespace in the policy file')}]
    labels: { team: ${at('label in the policy file')} }
    channel: ${at('channel in the policy file that is not there')}
readers:
  - namespaces: [${at('namespace in the policy file')}]
    names: false
`;

/** Starts a sentinel that wants a login, and answers with the URL of several hosts that leads through it to Redis. */
async function throughSentinel(redisUrl: string): Promise<string> {
  const { username, password, port } = new URL(redisUrl);
  sentinel = await startRedis({
    own: true,
    log: () => undefined,
    sentinel: [
      `sentinel monitor main 127.0.0.1 ${port} 1`,
      `sentinel auth-user main ${username}`,
      `sentinel auth-pass main ${password}`,
    ],
  });
  const client = new Redis(sentinel.url);
  await client.acl('SETUSER', 'oomkeeper', 'on', `>${at('password of Sentinel')}`, '~*', '&*', '+@all');
  await client.acl('SETUSER', 'default', 'off');
  client.disconnect();
  const hosts = `127.0.0.1:${await freePort()},127.0.0.1:${new URL(sentinel.url).port}`;
  const login = `sentinel-user=oomkeeper&sentinel-password=${at('password of Sentinel')}`;
  return `redis+sentinel://${username}:${password}@${hosts}/main?${login}`;
}

const log = [
  `serving requests for ${at('line of the log')}`,
  `connecting with password=${at('password in the log')} to the shop`,
  `GET https://me:${at('login of a URL in the log')}@api.example/v1 Authorization: Bearer ${at('Authorization header in the log')}`,
].join('\n');

const nodeName = defaultNodes[0]?.name ?? '';

/** A workload with a word in everything that one writes into a manifest; its container is killed once. */
function addSeeded({ world }: System): void {
  const cluster = clusterOf(world);
  const name = at('name of the workload');
  const target = { namespace: 'shop', kind: 'Deployment', name };
  const points = [
    { at: 0, bytes: 20 * 2 ** 20 },
    { at: 1_000, bytes: 90 * 2 ** 20 },
  ];
  vi.spyOn(cluster.kubelet, 'logs').mockReturnValue({ status: 200, body: `${log}\n` });
  const stop = cluster.onKill((kill) => {
    cluster.hold(target);
    stop();
    cluster.apply(eventsOf(kill));
  });
  const lastWords = `gave up on ${at('termination message')}, password=${at('password in the termination message')}`;
  cluster.setBehaviour(target, {
    container: at('name of the container'),
    programs: [{ points, lastWords }],
    detector: 'cgroup',
  });
  const container = {
    name: at('name of the container'),
    image: `registry.example/${at('name of the image')}:1.4.2`,
    command: ['java', at('word of the command')],
    args: ['-jar', 'shop.jar', `--api-key=${at('secret among the arguments')}`],
    env: [
      { name: 'GREETING', value: at('value of a variable') },
      { name: 'DB_PASSWORD', value: at('value of a variable that is called a password') },
      { name: 'JAVA_TOOL_OPTIONS', value: `-Xmx48m -Dstore=${at('a variable with heap flags, beside them')}` },
      {
        name: 'TOKEN',
        valueFrom: { secretKeyRef: { name: at('name of a Secret that a variable comes from'), key: 'k' } },
      },
    ],
    envFrom: [{ configMapRef: { name: at('name of a ConfigMap that variables come from') } }],
    resources: { limits: { memory: '64Mi' }, requests: { cpu: '50m', memory: '64Mi' } },
  };
  const annotations = {
    note: at('annotation of the workload'),
    'oomkeeper.dev/source': `acme/deploy//${at('annotation that names its source')}.yaml@main`,
  };
  cluster.apply([
    {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name, namespace: 'shop', annotations },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: {
            labels: { app: name, tier: at('label of the pod') },
            annotations: { note: at('annotation of the pod') },
          },
          spec: { nodeName, containers: [container] },
        },
      },
    },
  ]);
}

/** What a kubelet and a node-problem-detector write of the kill, each with a word more than they need. */
function eventsOf({ namespace, pod, podUid, containerId, at: killedAt }: WorkloadKill): readonly NewObject[] {
  const time = `${new Date(killedAt).toISOString().slice(0, 19)}Z`;
  const event = (name: string, involvedObject: object, reason: string, message: string): NewObject => ({
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name, namespace },
    involvedObject,
    reason,
    message,
    type: 'Warning',
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  });
  const task = `oom_memcg=/kubepods/burstable/pod${podUid},task_memcg=/kubepods/burstable/pod${podUid}/${containerId}`;
  const kernel = [
    `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${containerId},${task},task=java,pid=4242,uid=0`,
    `Memory cgroup out of memory: Killed process 4242 (java) total-vm:99kB, anon-rss:98kB, file-rss:0kB`,
    at('Event of a node-problem-detector'),
  ];
  return [
    event('kernel', { kind: 'Node', name: nodeName, uid: nodeName }, 'OOMKilling', kernel.join('\n')),
    event(
      'kubelet',
      { kind: 'Pod', namespace, name: pod, uid: podUid },
      'Unhealthy',
      `Liveness probe failed: ${at('Event of the kubelet')}`,
    ),
  ];
}

async function alert({ said }: System, secret: string): Promise<number> {
  const port = await eventually(async () => {
    const found = /"port":(\d+),"paths":\["\/github\/webhook"/.exec(await said())?.[1];
    if (found === undefined) throw new Error('the bot does not say where it hears');
    return found;
  });
  const labels = {
    alertname: at('name of an alert'),
    namespace: 'shop',
    deployment: at('name of the workload'),
    owner: at('label of an alert that nobody uses'),
  };
  const summary = `${at('text of an alert')} {"token": "${at('token in the text of an alert')}"}`;
  const one = {
    status: 'firing',
    labels,
    annotations: { summary },
    startsAt: '2026-11-30T12:00:00Z',
    fingerprint: 'a1',
  };
  const response = await fetch(`http://127.0.0.1:${port}/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify({ version: '4', alerts: [one] }),
  });
  return response.status;
}

/** Every value that Redis holds, of whatever type. */
async function everythingIn(redisUrl: string): Promise<string> {
  const redis = new Redis(redisUrl);
  const readers: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    string: async (key) => redis.get(key),
    hash: async (key) => redis.hgetall(key),
    list: async (key) => redis.lrange(key, 0, -1),
    set: async (key) => redis.smembers(key),
    zset: async (key) => redis.zrange(key, '0', '-1'),
    stream: async (key) => redis.xrange(key, '-', '+'),
  };
  try {
    const keys = await redis.keys('*');
    const values = await Promise.all(keys.map(async (key) => readers[await redis.type(key)]?.(key)));
    return JSON.stringify([keys, values]);
  } finally {
    await redis.quit();
  }
}

async function everythingWritten({ world, redisUrl, said, process }: System): Promise<Readonly<Record<Sink, string>>> {
  const metrics = processNames.map(async (name) => (await fetch(`${process(name).opsUrl}/metrics`)).text());
  const { slack, github, alertmanager, pagerduty } = world;
  const files = slack.store
    .channels()
    .flatMap(({ id }) =>
      slack.store.timeline(id).flatMap(({ ts }) => slack.store.replies(id, ts).flatMap((one) => [...one.files])),
    );
  return {
    redis: await everythingIn(redisUrl),
    // What people and Slack sent to us is theirs.
    slack: [
      ...slack.requestLog().filter(({ kind }) => ['api', 'response-url', 'upload'].includes(kind)),
      ...slack.store.ephemerals(),
      ...slack.store.channels().flatMap(({ id }) => slack.store.timeline(id)),
    ]
      .map((one) => JSON.stringify(one))
      .concat(files.map((file) => Buffer.from(slack.control.file(file)?.bytes ?? []).toString()))
      .join('\n'),
    logs: await said(),
    metrics: (await Promise.all(metrics)).join('\n'),
    github: JSON.stringify(github.requestLog()),
    alarms: JSON.stringify([alertmanager.all(), pagerduty.events()]),
    traces: JSON.stringify(collector.spans()),
  };
}

test('each word is where the table says, and nowhere else', { timeout: 240_000 }, async () => {
  const { world } = system;
  const [sam, amira] = [personNamed(world, 'sam'), personNamed(world, 'amira')];
  const name = at('name of the workload');
  addSeeded(system);
  await eventually(() => expect(threadAbout(world, name).verdict).not.toBe(''));
  const { incident } = threadAbout(world, name);

  expect(await alert(system, at('secret that Alertmanager was given wrong'))).toBe(401);
  expect(await alert(system, at('secret for Alertmanager'))).toBe(200);
  for (const command of [
    `why ${incident}`,
    `show ${incident}`,
    'list',
    'top',
    'status',
    at('unknown word of a command'),
  ])
    await ask(world, sam, `/oom ${command}`);
  await ask(world, amira, `/oom pause ${at('reason of a pause')}`);
  await ask(world, amira, '/oom status');
  const thread = threadAbout(world, name);
  await click(world, thread, { user: amira, actionId: 'edit' });
  const dialog = (): string => JSON.stringify(world.slack.control.state()['modals']);
  await eventually(() => expect(dialog()).toMatch(/would mean/));
  const refused = await world.slack.control.viewSubmit({
    user: amira,
    values: { limit: at('value typed into a dialog') },
  });
  expect(refused).toMatchObject({ ok: true, became: { action: 'errors' } });
  const logs = clickablesOf(thread.root).find(({ label }) => label === 'Logs');
  await click(world, thread, {
    user: sam,
    actionId: 'menu',
    ...(logs?.value === undefined ? {} : { value: logs.value }),
  });
  await eventually(() =>
    expect(
      world.slack.store.replies(thread.channel, thread.ts).flatMap(({ files }) => [...files]).length,
    ).toBeGreaterThan(0),
  );
  await eventually(() => expect(JSON.stringify(threadsOf(world))).toContain(at('text of an alert')));

  const process = at('name of a process that the kernel chose');
  const cluster = clusterOf(world);
  const forks = addVictim(world, { name: 'forks', kills: 1 });
  const programs = [{ points: [{ at: 0, bytes: 20 * 2 ** 20 }] }];
  cluster.setBehaviour(forks, { container: 'app', programs, detector: 'cgroup' });
  await eventually(() => {
    cluster.killChild(forks, 'app', { process });
    expect(cluster.kills(forks)).not.toEqual([]);
  });
  await eventually(() => expect(JSON.stringify(threadsOf(world))).toContain(process));

  await eventually(() => expect(JSON.stringify(collector.spans())).toContain(name));
  const alarms = (): string => JSON.stringify([world.alertmanager.all(), world.pagerduty.events()]);
  await eventually(() => expect(alarms()).toContain(name));
  await eventually(() =>
    expect(JSON.stringify(world.github.requestLog())).toContain(at('annotation that names its source')),
  );

  const written = await everythingWritten(system);
  const found = Object.entries(places).map(([place, { canary, ...allowed }]: [string, Place]) => {
    const seen = sinks.filter((sink) => written[sink].includes(canary));
    const must = allowed.must ?? [];
    const wrong = seen.filter((sink) => ![...must, ...(allowed.may ?? [])].includes(sink));
    return { place, wrong, missing: must.filter((sink) => !seen.includes(sink)) };
  });

  expect(found.filter(({ wrong, missing }) => wrong.length + missing.length > 0)).toEqual([]);
  // Of what others chose metrics have nothing, but they tell of this kill.
  expect(written.metrics).toMatch(/^oomkeeper_kills_seen_total\{kind="container".*\} 1$/m);
  const key = world.github.app.privateKey.split('\n').filter((line) => line.length > 8 && !line.startsWith('-'));
  expect(key.length).toBeGreaterThan(10);
  expect(written.github).toContain('/access_tokens');
  for (const secret of [world.api.adminToken, world.github.token, ...key]) {
    expect(sinks.filter((sink) => written[sink].includes(secret))).toEqual([]);
  }
});
