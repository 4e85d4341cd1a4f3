import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { processNames } from '../../scripts/system.ts';
import { seedWorkspace } from '../../sandbox/slack/workspace.ts';
import { ask, click, clickablesOf, personNamed } from '../acceptance/people.ts';
import { threadAbout, threadsOf } from '../acceptance/threads.ts';
import { clusterOf } from '../acceptance/victims.ts';
import { eventually } from '../eventually.ts';
import { startSystem, type System } from '../system.ts';

/*
 * A word of its own in every place that holds text: what is configured, what a cluster says of a container that is killed,
 * what its program writes, what Alertmanager and people send. Then everything that the three processes wrote is searched
 * for every word: Redis, what went to Slack and GitHub, the logs at their most talkative, the metrics. Each may be where
 * this table says, and where it says `must` it has to be, so that an empty search does not pass.
 */

const sinks = ['redis', 'slack', 'logs', 'metrics', 'github'] as const;
type Sink = (typeof sinks)[number];

interface Place {
  /** A bare word, or one that its surroundings call a secret. */
  readonly canary: string;
  readonly must?: readonly Sink[];
  readonly may?: readonly Sink[];
}

const canaryOf = (name: string): string => `cnry${name}q7x`;
const nowhere = (name: string): Place => ({ canary: canaryOf(name) });
const shown = (name: string): Place => ({ canary: canaryOf(name), must: ['redis', 'slack'], may: ['logs', 'metrics'] });

const places = {
  // What is configured.
  'password of Redis': nowhere('redispw'),
  'bot token of Slack': nowhere('bot'),
  'app token of Slack': nowhere('app'),
  'signing secret of Slack': nowhere('signing'),
  'secret of the webhook of GitHub': nowhere('webhook'),
  'secret for Alertmanager': nowhere('alertmanager'),
  'login of Prometheus': nowhere('prometheus'),
  'login of a proxy': nowhere('proxy'),
  // What the cluster says.
  'name of the workload': shown('workload'),
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
beforeAll(async () => {
  system = await startSystem({
    redisPassword: at('password of Redis'),
    settings: {
      OOMKEEPER_MODE: 'act',
      OOMKEEPER_LOG_LEVEL: 'trace',
      OOMKEEPER_HTTP_PORT: '0',
      OOMKEEPER_ALERTMANAGER_SECRET: at('secret for Alertmanager'),
      GITHUB_WEBHOOK_SECRET: at('secret of the webhook of GitHub'),
      SLACK_SIGNING_SECRET: at('signing secret of Slack'),
      HTTPS_PROXY: `http://me:${at('login of a proxy')}@127.0.0.1:9`,
      NO_PROXY: '127.0.0.1,localhost',
    },
    only: async (_, { world }): Promise<Record<string, string>> => {
      const prometheus = new URL(world.addresses.prometheusUrl);
      prometheus.username = 'me';
      prometheus.password = at('login of Prometheus');
      return { OOMKEEPER_PROMETHEUS_URL: prometheus.href };
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
}, 60_000);
afterAll(async () => system?.stop());

const log = [
  `serving requests for ${at('line of the log')}`,
  `connecting with password=${at('password in the log')} to the shop`,
  `GET https://me:${at('login of a URL in the log')}@api.example/v1 Authorization: Bearer ${at('Authorization header in the log')}`,
].join('\n');

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
  const stop = cluster.onKill(() => {
    cluster.hold(target);
    stop();
  });
  cluster.setBehaviour(target, { container: 'app', programs: [{ points }] });
  const container = {
    name: 'app',
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
          spec: { containers: [container] },
        },
      },
    },
  ]);
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
  const { slack, github } = world;
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
  };
}

test('each word is where the table says, and nowhere else', async () => {
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

  const written = await everythingWritten(system);
  const found = Object.entries(places).map(([place, { canary, ...allowed }]: [string, Place]) => {
    const seen = sinks.filter((sink) => written[sink].includes(canary));
    const must = allowed.must ?? [];
    const wrong = seen.filter((sink) => ![...must, ...(allowed.may ?? [])].includes(sink));
    return { place, wrong, missing: must.filter((sink) => !seen.includes(sink)) };
  });

  expect(found.filter(({ wrong, missing }) => wrong.length + missing.length > 0)).toEqual([]);
  expect(written.metrics).toMatch(/^oomkeeper_/m);
  for (const secret of [world.api.adminToken, world.github.token]) {
    expect(sinks.filter((sink) => written[sink].includes(secret))).toEqual([]);
  }
});
