import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import { startApiServer } from '../../../sandbox/kubernetes/server/api-server.ts';
import { createObjectStore } from '../../../sandbox/kubernetes/objects/memory-object-store.ts';
import { startWorld } from '../../../sandbox/world.ts';
import type { World } from '../../../sandbox/world.ts';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import type { RunningRedis } from '../../../scripts/redis/redis.mjs';
import { probePrometheus } from '../../../src/adapters/prometheus/probe.ts';
import { usedRights } from '../../../src/adapters/kubernetes/read/rights.ts';
import { startAnswering } from '../../flow/prometheus/answering-server.ts';
import { accountWith } from '../accounts.ts';
import { notWell, runDoctor, visit as visitWith } from './doctor-visit.ts';
import type { Environment, Finding } from './doctor-visit.ts';
import { addVictim } from '../victims.ts';
import { eventually } from '../../eventually.ts';

/* `oomkeeper doctor` against the pretend world: what it says when all is well, and of each thing that is not. */

const complaints: string[] = [];
const log = (message: string, fields: object): void => void complaints.push(`${message} ${JSON.stringify(fields)}`);
const policy = `
approvals:
  - who: [U024BE7LH]
sources:
  - namespace: shop
    workload: Deployment/checkout
    source: shop/infra//apps/checkout.yaml@main
`;
let folder: string;
let redis: RunningRedis;
let world: World;
let well: Environment;

/** Accounts `PREFIX-watcher` and `PREFIX-worker` with those of the rights that are theirs. */
function accounts(prefix: string, rights: typeof usedRights, namespace: string | null = null): readonly unknown[] {
  return ['watcher', 'worker'].flatMap((name) =>
    accountWith(
      `${prefix}-${name}`,
      rights.filter(({ process }) => process === name),
      namespace,
    ),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-doctor-'));
  redis = await startRedis({ own: true, appendonly: true, dir: join(folder, 'redis'), log: () => undefined });
  world = await startWorld({
    speed: 20,
    seed: 1,
    port: 0,
    withPage: false,
    slack: { limits: 'off' },
    rights: [
      ...accounts(
        'some',
        usedRights.filter(({ verb, resource }) => ![`watch events`, 'get pods/log'].includes(`${verb} ${resource}`)),
      ),
      ...accounts(
        'shop',
        usedRights.filter(({ namespaced }) => namespaced),
        'shop',
      ),
    ],
    log,
  });
  addVictim(world, { name: 'checkout', kills: 100, program: [{ at: 0, bytes: 20 * 2 ** 20 }] });
  const { addresses } = world;
  well = {
    OOMKEEPER_CLUSTER: 'test',
    KUBECONFIG: addresses.kubeconfig,
    REDIS_URL: redis.url,
    SLACK_API_URL: addresses.slackApiUrl,
    SLACK_BOT_TOKEN: addresses.botToken,
    SLACK_APP_TOKEN: addresses.appToken,
    OOMKEEPER_PROMETHEUS_URL: addresses.prometheusUrl,
    GITHUB_API_URL: addresses.githubApiUrl,
    GITHUB_TOKEN: addresses.githubToken,
    GITHUB_WEBHOOK_SECRET: addresses.githubWebhookSecret,
    PAGERDUTY_ROUTING_KEY: addresses.pagerdutyRoutingKey,
    PAGERDUTY_API_URL: addresses.pagerdutyApiUrl,
    OOMKEEPER_ALERTMANAGER_URL: addresses.alertmanagerUrl,
  };
  await eventually(async () => {
    const probed = await probePrometheus(addresses.prometheusUrl, { deadlineMs: 60_000 });
    if (probed.is !== 'usable') throw new Error(probed.text);
  });
});
afterAll(async () => {
  await world.close();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], changes: Environment = {}) => runDoctor(args, { ...well, ...changes });
const visit = (args: readonly string[], changes: Environment = {}) => visitWith(args, { ...well, ...changes });

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

describe('when all is well', () => {
  test('it says so of every area, looks at every right and changes nothing', async () => {
    const before = world.api.requestLog().length;
    const posted = world.slack.messageLog().length;

    const { code, findings } = await visit([], {
      OOMKEEPER_MODE: 'act',
      OOMKEEPER_POLICY: await fileWith('p', policy.replace('shop/infra', 'acme/deploy')),
    });

    const { requests, rights } = requestsSince(before);
    expect(notWell(findings)).toEqual([]);
    expect(code).toBe(0);
    expect(rights).toBe(usedRights.length);
    expect(
      requests.filter(({ method, path }) => method !== 'GET' && !path.includes('selfsubjectaccessreviews')),
    ).toEqual([]);
    expect(world.slack.messageLog()).toHaveLength(posted);
  });

  test('people see it in a few lines, one for all rights of a process', async () => {
    const { code, out } = await run([], { OOMKEEPER_APPROVERS: 'U024BE7LH' });

    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}✓ ok {7}rights of the watcher: 6 of 6 are there\.$/m);
    expect(out).toMatch(/^ {2}· skipped {2}rights of the worker to act: 5 of them: /m);
    expect(out.split('\n').length).toBeLessThan(45);
    expect(out.endsWith('\n\nAll is well.\n')).toBe(true);
  });

  test('only what is named is looked at', async () => {
    const areas = async (...args: string[]) => new Set((await visit(args)).findings.map(({ area }) => area));

    expect(await areas('redis', 'forge')).toEqual(new Set(['redis', 'forge']));
    expect(await areas('--process', 'bot')).toEqual(new Set(['configuration', 'redis', 'slack', 'receivers']));
  });
});

function requestsSince(before: number) {
  const requests = world.api.requestLog().slice(before);
  return { requests, rights: requests.filter(({ path }) => path.includes('selfsubjectaccessreviews')).length };
}

describe('configuration', () => {
  test('what a process cannot start without is a problem, unless others are named that run here', async () => {
    const nothing = await runDoctor(['configuration'], { REDIS_URL: redis.url });
    const all = await visit(['configuration'], { SLACK_APP_TOKEN: '' });
    const worker = await visit(['configuration', '--process', 'worker'], { SLACK_APP_TOKEN: '' });

    expect(nothing.code).toBe(1);
    for (const name of ['OOMKEEPER_CLUSTER', 'SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'])
      expect(nothing.out).toContain(`${name} is missing`);
    expect(all.of('variables of the watcher')?.state).toBe('ok');
    expect(all.of('variables of the bot')).toMatchObject({
      state: 'problem',
      text: expect.stringContaining('SLACK_APP_TOKEN is missing'),
      mend: expect.stringContaining('--process watcher'),
    });
    expect(worker.code).toBe(0);
  });

  test.each<[string, Environment, Finding['state'], RegExp]>([
    ['nobody may approve while nothing is changed', {}, 'ok', /Nobody may approve/],
    [
      'nobody may approve what could be changed',
      { OOMKEEPER_MODE: 'act' },
      'problem',
      /OOMKEEPER_MODE is act, but nobody may approve/,
    ],
    ['somebody may', { OOMKEEPER_APPROVERS: 'U024BE7LH' }, 'ok', /1 rule says who may approve/],
    ['a policy file that is not there', { OOMKEEPER_POLICY: '/nowhere/p.yaml' }, 'problem', /cannot be read/],
  ])('%s', async (_, changes, state, text) => {
    expect((await visit(['configuration'], changes)).of('policy')).toMatchObject({
      state,
      text: expect.stringMatching(text),
    });
  });

  test.each([
    ['has no rules', 'routes: [{channel: payments}]', /the policy file has no "approvals"/],
    [
      'has rules for another cluster',
      'approvals: [{who: [U024BE7LH], clusters: [prod-*]}]',
      /in test: no rule of the policy file/,
    ],
  ])(
    'mode act with a policy file that %s is a problem of the worker, and of no other process',
    async (_, text, words) => {
      const changes = { OOMKEEPER_MODE: 'act', OOMKEEPER_POLICY: await fileWith('policy.yaml', text) };

      const worker = await visit(['configuration', '--process', 'worker'], changes);
      const bot = await visit(['configuration', '--process', 'bot'], changes);

      expect(worker.of('policy')).toMatchObject({
        state: 'problem',
        text: expect.stringMatching(words),
        helm: 'helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values --set-file policy=policy.yaml',
      });
      expect(bot.of('policy')).toMatchObject({
        state: 'ok',
        text: expect.stringContaining("is the worker's business"),
      });
    },
  );

  test('a policy file that mentions owners, and does not say who they are, is a warning', async () => {
    const file = await fileWith('policy.yaml', 'notify: [{levels: [{who: [owner]}]}]');

    expect((await visit(['configuration'], { OOMKEEPER_POLICY: file })).of('policy')).toMatchObject({
      state: 'warning',
      mend: 'Name them in owners.names of the policy file.',
    });
  });

  test('a variable that cannot be read ends it at once, with every problem and exit code 2', async () => {
    const { code, out, err } = await run([], { OOMKEEPER_MODE: 'maybe', SLACK_BOT_TOKEN: 'hunter2-is-no-token' });

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/2 problems:\n- OOMKEEPER_MODE .*\n- SLACK_BOT_TOKEN /);
  });
});

describe('cluster', () => {
  const as = async (account: string): Promise<Environment> => ({
    KUBECONFIG: await fileWith(account, world.kubeconfigOf(`oomkeeper/${account}`)),
  });

  test('rights that are missing are named verb by verb, with what they are for and how to grant them', async () => {
    const watcher = await visit(['cluster', '--process', 'watcher'], await as('some-watcher'));
    const worker = await visit(['cluster', '--process', 'worker'], {
      ...(await as('some-worker')),
      OOMKEEPER_MODE: 'act',
    });

    expect(notWell(watcher.findings)).toEqual([
      {
        area: 'cluster',
        what: 'watcher may watch events',
        state: 'problem',
        text: 'Not allowed; needed to explain exits that are no kills.',
        mend: 'Grant "watch" on "events" of the core API group ("") to the watcher: deploy/kubernetes has the roles.',
        helm: 'helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values',
        kustomize: 'kubectl apply -k .',
      },
    ]);
    expect(notWell(worker.findings)).toMatchObject([{ what: 'worker may get pods/log', state: 'warning' }]);
    expect(worker.of('worker may patch pods/resize')?.state).toBe('ok');
  });

  test.each(['watcher', 'worker'] as const)('the %s with no right at all: each is named', async (process) => {
    const other = process === 'watcher' ? 'worker' : 'watcher';
    const { findings } = await visit(['cluster', '--process', process], {
      ...(await as(`shop-${other}`)),
      OOMKEEPER_NAMESPACES: 'data',
      OOMKEEPER_MODE: 'act',
    });

    const own = usedRights.filter((one) => one.process === process);
    const refused = findings.filter(({ what }) => what.startsWith(`${process} may `));
    expect(refused).toHaveLength(own.length);
    expect(refused.filter(({ state }) => state === 'ok')).toEqual([]);
  });

  test('in one namespace the rights there are enough, except for what is looked for in all', async () => {
    const { findings } = await visit(['cluster', '--process', 'worker'], {
      ...(await as('shop-worker')),
      OOMKEEPER_NAMESPACES: 'shop',
      OOMKEEPER_MODE: 'act',
    });
    const elsewhere = await visit(['cluster', '--process', 'worker'], {
      ...(await as('shop-worker')),
      OOMKEEPER_NAMESPACES: 'shop,data',
    });

    expect(notWell(findings).map(({ what }) => what)).toEqual([
      'worker may get nodes',
      'worker may list namespaces',
      'worker may list services',
    ]);
    expect(elsewhere.of('worker may get pods')).toMatchObject({
      state: 'problem',
      text: 'Not allowed in data; needed to look at what was killed.',
    });
  });

  test.each(['absent', 'unavailable'] as const)('metrics.k8s.io that is %s is a warning', async (state) => {
    world.api.setMetrics(state);

    const { of } = await visit(['cluster']);
    world.api.setMetrics('served');

    expect(of('metrics.k8s.io')).toMatchObject({ state: 'warning', mend: expect.stringContaining('metrics-server') });
  });

  test('an old cluster without pods/resize is a warning', async () => {
    const resources = { kind: 'APIResourceList', groupVersion: 'v1', resources: [{ name: 'pods' }] };
    const old = await startAnswering({
      status: 200,
      body: JSON.stringify({ gitVersion: 'v1.30.1', ...resources, status: { allowed: true } }),
    });
    const kubeconfig = await fileWith(
      'old',
      `apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{ name: a, context: { cluster: a, user: a } }]\n` +
        `clusters: [{ name: a, cluster: { server: '${old.url}', insecure-skip-tls-verify: true } }]\nusers: [{ name: a, user: {} }]\n`,
    );

    const { of } = await visit(['cluster'], { KUBECONFIG: kubeconfig });
    await old.close();

    expect(of('API server')?.text).toContain('v1.30.1');
    expect(of('in-place resize')).toMatchObject({ state: 'warning', mend: expect.stringContaining('1.33') });
  });

  test('a clock that is off is told', async () => {
    const clock = createClock(1);
    const api = await startApiServer({
      store: createObjectStore(clock),
      clock: { ...clock, now: () => clock.now() + 3_600_000 },
      kubelet: { logs: () => ({ status: 204, body: '' }) },
      log,
    });

    const { of } = await visit(['cluster'], { KUBECONFIG: await fileWith('late', api.kubeconfig) });
    await api.close();

    expect(of('clock')).toMatchObject({ state: 'problem', text: expect.stringMatching(/3(?:59\d|60\d) s ahead/) });
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    ['an account that it does not know', () => fileWith('unknown', world.api.kubeconfigFor('hunter2-token')), /401/],
    ['no file', async () => join(folder, 'nowhere'), /no kubeconfig at/],
    ['no YAML', () => fileWith('broken', '[{'), /cannot be read/],
  ])('%s is one problem, and the rights are not guessed at', async (_, kubeconfig, text) => {
    const { findings } = await visit(['cluster'], { KUBECONFIG: await kubeconfig() });

    expect(findings).toMatchObject([{ what: 'API server', state: 'problem', text: expect.stringMatching(text) }]);
  });
});

describe('usage', () => {
  const lying = (body: string, status = 200) => startAnswering({ status, body, type: 'application/json' });
  const empty = JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [] } });
  const noNumber = JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result: [{ metric: {}, values: [[1, 'NaN']] }] },
  });

  test.each([
    ['has no usage of containers', empty, 200, /no container_memory_working_set_bytes/],
    ['has NaN', noNumber, 200, /no container_memory_working_set_bytes/],
    ['is a page', '<html>', 200, /\w/],
    ['asks for a password', '', 401, /401/],
    ['fails', '', 500, /500/],
  ])('a server that %s is a problem', async (_, body, status, text) => {
    const server = await lying(body, status);

    const { of } = await visit(['usage'], { OOMKEEPER_PROMETHEUS_URL: server.url.replace('//', '//me:hunter2@') });
    await server.close();

    expect(of('Prometheus')).toMatchObject({ state: 'problem', text: expect.stringMatching(text) });
  });

  test.each<[string, Environment, Finding['state'], RegExp]>([
    ['one that is configured', {}, 'ok', /answers and has the memory usage of containers/],
    ['one that is found', { OOMKEEPER_PROMETHEUS_URL: '' }, 'ok', /found as Service monitoring\//],
    ['none that is wanted', { OOMKEEPER_PROMETHEUS_URL: 'off' }, 'skipped', /turned off/],
    [
      'one that is away',
      { OOMKEEPER_PROMETHEUS_URL: 'http://127.0.0.1:1' },
      'problem',
      /127\.0\.0\.1:1 cannot be used/,
    ],
    [
      'a cluster that cannot be searched',
      { OOMKEEPER_PROMETHEUS_URL: '', KUBECONFIG: '/nowhere' },
      'problem',
      /kubeconfig/,
    ],
  ])('%s', async (_, changes, state, text) => {
    expect((await visit(['usage'], changes)).of('Prometheus')).toMatchObject({
      state,
      text: expect.stringMatching(text),
    });
  });

  test('whoever may not list Services hears that', async () => {
    const kubeconfig = await fileWith('no-services', world.kubeconfigOf('oomkeeper/shop-worker'));

    const { of } = await visit(['usage'], { OOMKEEPER_PROMETHEUS_URL: '', KUBECONFIG: kubeconfig });

    expect(of('Prometheus')).toMatchObject({
      state: 'warning',
      text: expect.stringContaining('may not list Services'),
    });
  });
});

test('nothing in this file was asked that the pretend world does not cover', () => {
  expect(complaints).toEqual([]);
});
