import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../sandbox/clock.ts';
import { startSlack } from '../../../sandbox/slack/start-slack.ts';
import type { SlackOptions } from '../../../sandbox/slack/start-slack.ts';
import { idOf } from '../../../sandbox/slack/workspace.ts';
import { startWorld } from '../../../sandbox/world.ts';
import type { World } from '../../../sandbox/world.ts';
import { projectRoot } from '../../../scripts/project.mjs';
import { startRedis } from '../../../scripts/redis/redis.mjs';
import type { RunningRedis } from '../../../scripts/redis/redis.mjs';
import { kubeletRights, usedRights } from '../../../src/adapters/kubernetes/read/rights.ts';
import { probePrometheus } from '../../../src/adapters/prometheus/probe.ts';
import { botScopes } from '../../../src/adapters/slack/scopes.ts';
import { eventually } from '../../eventually.ts';
import { afterAllLong, beforeAllLong } from '../../long.ts';
import { startAnswering } from '../../flow/prometheus/answering-server.ts';
import { accountWith } from '../accounts.ts';
import { addVictim } from '../victims.ts';
import { readFindings } from './doctor-visit.ts';
import type { Environment } from './doctor-visit.ts';

/*
 * The real command against the pretend world and a real Redis: of a right set-up it complains of nothing, of one in which
 * one thing is wrong of exactly that, with what fixes it for Helm and for Kustomize.
 */

const appId = idOf('A', 'oomkeeper');
const appToken = (app: string): string => `xapp-1-${app}-4711-hunter2`;
const complaints: string[] = [];
const log = (message: string, fields: object): void => void complaints.push(`${message} ${JSON.stringify(fields)}`);
const manifest = join(projectRoot, 'deploy/slack/manifest.yaml');
const rights = [...usedRights, ...kubeletRights];
/** An account for all processes that lacks one right. */
const without = (account: string, lacking: string): readonly unknown[] =>
  accountWith(
    account,
    rights.filter(({ verb, resource }) => `${verb} ${resource}` !== lacking),
  );

let folder: string;
let redis: RunningRedis;
let world: World;
let right: Environment;

beforeAllLong(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-broken-'));
  redis = await startRedis({ own: true, appendonly: true, dir: join(folder, 'redis'), log: () => undefined });
  world = await startWorld({
    speed: 20,
    seed: 1,
    port: 0,
    withPage: false,
    slack: { limits: 'off', workspace: { appToken: appToken(appId) } },
    rights: [
      ...without('no-kubelets', 'get nodes/metrics'),
      ...without('no-events', 'watch events'),
      ...without('no-resize', 'patch pods/resize'),
    ],
    log,
  });
  addVictim(world, { name: 'checkout', kills: 100, program: [{ at: 0, bytes: 20 * 2 ** 20 }] });
  const { addresses } = world;
  right = {
    OOMKEEPER_CLUSTER: 'test',
    OOMKEEPER_MODE: 'act',
    OOMKEEPER_APPROVERS: 'U024BE7LH',
    OOMKEEPER_KUBELET_METRICS: 'on',
    KUBECONFIG: addresses.kubeconfig,
    REDIS_URL: redis.url,
    SLACK_API_URL: addresses.slackApiUrl,
    SLACK_BOT_TOKEN: addresses.botToken,
    SLACK_APP_TOKEN: appToken(appId),
    OOMKEEPER_PROMETHEUS_URL: addresses.prometheusUrl,
    GITHUB_API_URL: addresses.githubApiUrl,
    GITHUB_TOKEN: addresses.githubToken,
    GITHUB_WEBHOOK_SECRET: addresses.githubWebhookSecret,
  };
  await eventually(async () => {
    const probed = await probePrometheus(addresses.prometheusUrl, { deadlineMs: 60_000 });
    if (probed.is !== 'usable') throw new Error(probed.text);
  });
});
afterAllLong(async () => {
  await world.close();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

async function fileWith(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

/** `oomkeeper doctor`, as a process of its own. */
async function doctor(environment: Environment, appManifest = manifest) {
  const args = ['doctor', '--json', '--app-manifest', appManifest];
  const child = spawn(process.execPath, [join(projectRoot, 'src/bin/oomkeeper.ts'), ...args], {
    cwd: projectRoot,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  expect(out + err).not.toContain('hunter2');
  return { code: Number(code), findings: readFindings(out) };
}

test('of a right set-up it complains of nothing, and everything that it can see is seen', async () => {
  const { code, findings } = await doctor(right);

  expect(findings.filter(({ state }) => state === 'warning' || state === 'problem')).toEqual([]);
  expect(findings.filter(({ state }) => state === 'skipped').map(({ what }) => what)).toEqual([
    'repositories',
    'PagerDuty',
    'Alertmanager',
  ]);
  expect(code).toBe(0);
});

interface Broken {
  /** What is changed in the right set-up. */
  readonly change: () => Promise<{ readonly environment?: Environment; readonly manifest?: string }>;
  readonly what: string;
  readonly state: 'problem' | 'warning';
  readonly text: RegExp;
  readonly mend: RegExp;
  /** What Helm is given behind the usual beginning; null where the chart has nothing to do with it. */
  readonly helm: string | null;
  readonly kustomize: string | null;
}

const literal = (variable: string): string => `set in literals: ${variable}; kubectl apply -k .`;
const byHand = { helm: null, kustomize: null };
const ownRedis = {
  helm: ' --set redis.enabled=true --set redis.existingSecret= --set redis.external.watcherUrl= --set redis.external.workerUrl= --set redis.external.botUrl=',
  kustomize: 'add to resources: deploy/kubernetes/redis; kubectl apply -k .',
};

const broken: Readonly<Record<string, Broken>> = {
  'mode act, and nobody may approve': {
    change: async () => ({ environment: { OOMKEEPER_APPROVERS: '' } }),
    what: 'policy',
    state: 'problem',
    text: /OOMKEEPER_MODE is act, but nobody may approve/,
    mend: /Set OOMKEEPER_APPROVERS/,
    helm: " --set 'approvers={U024BE7LH}'",
    kustomize: literal('OOMKEEPER_APPROVERS=U024BE7LH'),
  },
  'a Redis that evicts': {
    change: () => withRedis({ appendonly: true }, (client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru')),
    what: 'policy and persistence',
    state: 'problem',
    text: /maxmemory-policy of .* is allkeys-lru/,
    mend: /config set maxmemory-policy noeviction/,
    ...ownRedis,
  },
  'a Redis that writes nothing to disk': {
    change: () => withRedis({ appendonly: false }, async () => undefined),
    what: 'policy and persistence',
    state: 'warning',
    text: /writes nothing to disk, neither an append-only file nor snapshots/,
    mend: /config set appendonly yes/,
    ...ownRedis,
  },
  'a bot token that lacks a scope': {
    change: () => withSlack({ scopes: Object.keys(botScopes).filter((one) => one !== 'files:write') }),
    what: 'scopes',
    state: 'problem',
    text: /lacks files:write \(to show charts and logs\)/,
    mend: /OAuth & Permissions/,
    ...byHand,
  },
  'a channel without the bot': {
    change: () => withSlack({ channels: [{ name: 'oom-alerts', botIsMember: false }] }),
    what: 'channel',
    state: 'problem',
    text: /not in #oom-alerts/,
    mend: /\/invite @oomkeeper/,
    ...byHand,
  },
  'an app token of another app': {
    change: () => withSlack({ appToken: appToken('A0OTHERAPP') }, { SLACK_APP_TOKEN: appToken('A0OTHERAPP') }),
    what: 'same app',
    state: 'problem',
    text: /SLACK_APP_TOKEN of A0OTHERAPP: clicks and commands never arrive/,
    mend: /both tokens to those of one app/,
    helm: " --set-string 'slack.botToken=xoxb-…' --set-string 'slack.appToken=xapp-…'",
    kustomize: 'set in bot.env: SLACK_BOT_TOKEN=xoxb-…; set in bot.env: SLACK_APP_TOKEN=xapp-…; kubectl apply -k .',
  },
  'a Slack app without interactivity': {
    change: async () => ({
      manifest: await fileWith(
        'manifest.yaml',
        (await readFile(manifest, 'utf8')).replace('is_enabled: true', 'is_enabled: false'),
      ),
    }),
    what: 'interactivity',
    state: 'problem',
    text: /no button and no dialog works/,
    mend: /Interactivity & Shortcuts/,
    ...byHand,
  },
  'kubelet metrics that are on, and no right to read them': {
    change: () => as('no-kubelets'),
    what: 'worker may get nodes/metrics',
    state: 'warning',
    text: /to count OOM kills at each kubelet/,
    mend: /components\/kubelet-metrics/,
    helm: ' --set kubeletMetrics=true',
    kustomize: 'add to components: deploy/kubernetes/components/kubelet-metrics; kubectl apply -k .',
  },
  'a watcher that may not watch Events': {
    change: () => as('no-events'),
    what: 'watcher may watch events',
    state: 'problem',
    text: /to explain exits that are no kills/,
    mend: /Grant "watch" on "events"/,
    helm: '',
    kustomize: 'kubectl apply -k .',
  },
  'mode act without the right to act': {
    change: () => as('no-resize'),
    what: 'worker may patch pods/resize',
    state: 'problem',
    text: /to resize in place/,
    mend: /components\/act/,
    helm: ' --set mode=act',
    kustomize: 'add to components: deploy/kubernetes/components/act; kubectl apply -k .',
  },
  'a Prometheus without cAdvisor': {
    change: () => withPrometheus([]),
    what: 'Prometheus',
    state: 'problem',
    text: /has no container_memory_working_set_bytes/,
    mend: /Set OOMKEEPER_PROMETHEUS_URL/,
    helm: " --set-string 'prometheusUrl=http://prometheus.monitoring:9090'",
    kustomize: literal('OOMKEEPER_PROMETHEUS_URL=http://prometheus.monitoring:9090'),
  },
  'a clock that is an hour off': {
    change: () => withPrometheus([{ metric: {}, values: [[1, '1000']] }], new Date(Date.now() - 3_600_000)),
    what: 'clock of Prometheus',
    state: 'problem',
    text: /Prometheus is 3\d{3} s behind this machine's/,
    mend: /by NTP/,
    ...byHand,
  },
  'merges that nobody reports': {
    change: async () => ({ environment: { GITHUB_WEBHOOK_SECRET: '' } }),
    what: 'webhook',
    state: 'warning',
    text: /GITHUB_WEBHOOK_SECRET is not set/,
    mend: /\/github\/webhook/,
    helm: " --set http.enabled=true --set-string 'github.webhookSecret=a-long-random-text'",
    kustomize: 'set in bot.env: GITHUB_WEBHOOK_SECRET=a-long-random-text; kubectl apply -k .',
  },
};

test.each(Object.entries(broken))('%s: just that is named, with what fixes it', async (_, setup) => {
  const { environment = {}, manifest: file } = await setup.change();

  const { code, findings } = await doctor({ ...right, ...environment }, file);

  const { what, state, kustomize } = setup;
  expect(findings.filter((one) => one.state === 'warning' || one.state === 'problem')).toEqual([
    {
      area: expect.any(String),
      what,
      state,
      text: expect.stringMatching(setup.text),
      mend: expect.stringMatching(setup.mend),
      helm:
        setup.helm === null ? null : `helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values${setup.helm}`,
      kustomize,
    },
  ]);
  expect(code).toBe(state === 'problem' ? 1 : 0);
});

test('nothing was asked that the pretend world does not cover', () => {
  expect(complaints).toEqual([]);
});

async function as(account: string) {
  return { environment: { KUBECONFIG: await fileWith(account, world.kubeconfigOf(`oomkeeper/${account}`)) } };
}

async function withRedis(options: { readonly appendonly: boolean }, change: (client: Redis) => Promise<unknown>) {
  const dir = await mkdtemp(join(folder, 'redis-'));
  const other = await startRedis({ own: true, ...options, dir, log: () => undefined });
  onTestFinished(() => other.stop());
  const client = new Redis(other.url);
  await change(client);
  client.disconnect();
  return { environment: { REDIS_URL: other.url } };
}

async function withPrometheus(result: readonly unknown[], date?: Date) {
  const body = JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  const server = await startAnswering({ status: 200, body, ...(date ? { date } : {}) });
  onTestFinished(server.close);
  return { environment: { OOMKEEPER_PROMETHEUS_URL: server.url } };
}

async function withSlack(workspace: SlackOptions['workspace'], environment: Environment = {}) {
  const slack = await startSlack({
    clock: createClock(1),
    limits: 'off',
    log: { error: (fields: object, message: string) => log(message, fields) },
    workspace: { appToken: appToken(appId), ...workspace },
  });
  onTestFinished(slack.close);
  return { environment: { SLACK_API_URL: slack.apiUrl, ...environment } };
}
