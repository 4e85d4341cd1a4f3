import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock, setWrong } from './clock.ts';
import { startControl } from './control.ts';
import { startApiServer } from './kubernetes/api-server.ts';
import { createCluster } from './kubernetes/cluster.ts';
import type { NodeSpec } from './kubernetes/kubelet-scheduler.ts';
import { kubernetesRoutes } from './kubernetes/kubernetes-routes.ts';
import { createObjectStore } from './kubernetes/memory-object-store.ts';
import { openRecording } from './kubernetes/recording.ts';
import { createDeployRepository } from './deploy-repository.ts';
import { buildGithubPage } from './github/build-github-page.ts';
import { githubRoutes } from './github/github-routes.ts';
import { startGithub } from './github/start-github.ts';
import type { MetricsState } from './kubernetes/metrics-source.ts';
import { readServiceAccounts } from './kubernetes/service-accounts.ts';
import { prometheusService } from './prometheus/prometheus-service.ts';
import { startPrometheus } from './prometheus/start-prometheus.ts';
import { seededRandom } from './scenario-seed.ts';
import { deployRepository } from './scenario-workload.ts';
import { buildPage } from './slack/build-page.ts';
import { slackRoutes } from './slack/slack-routes.ts';
import { startSlack } from './slack/start-slack.ts';
import type { SlackOptions } from './slack/start-slack.ts';
import type { WorldParts } from './world-parts.ts';
import { worldRoutes } from './world-routes.ts';

export interface WorldOptions {
  readonly speed: number;
  readonly seed: number;
  /** A folder with a recorded watch stream that takes the place of the living cluster. */
  readonly recording?: string;
  /** First port that is tried for the page and the control API; 0 = a free one. */
  readonly port: number;
  readonly withPage: boolean;
  /** How many changes of objects a watch can resume behind; 20 000 unless told. A real server keeps five minutes of them. */
  readonly historyLimit?: number;
  /** So many ms the clocks of the living cluster, of its nodes and its API server, are ahead of all others. Default 0. */
  readonly clusterAheadMs?: number;
  /** What the living cluster consists of; three nodes of different size unless told. */
  readonly nodes?: readonly NodeSpec[];
  /** False: the cluster has no Prometheus, and nobody finds one. Default true. */
  readonly prometheus?: boolean;
  /** Whether metrics-server is there. Default `served` in a living cluster. */
  readonly metrics?: MetricsState;
  /** Parsed manifests of ServiceAccounts, Roles and bindings: each account gets a kubeconfig with just their rights. */
  readonly rights?: readonly unknown[];
  readonly slack?: Pick<SlackOptions, 'workspace' | 'limits' | 'refreshEveryMs' | 'delivery' | 'fileProcessingMs'>;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Where everything is: what a start prints as its one line. */
export interface Addresses {
  /** Path of a kubeconfig file. */
  readonly kubeconfig: string;
  readonly slackApiUrl: string;
  readonly controlUrl: string;
  readonly pageUrl: string;
  readonly prometheusUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly githubApiUrl: string;
  readonly githubToken: string;
  readonly githubWebhookSecret: string;
}

export interface World extends WorldParts {
  readonly addresses: Addresses;
  /** Kubeconfig text of one of the accounts of `rights`, `NAMESPACE/NAME`. Throws for any other. */
  readonly kubeconfigOf: (account: string) => string;
  readonly close: () => Promise<void>;
}

const readme = '# deploy\n\nWhat runs in the cluster, one file for each workload.\n';

/**
 * The pretend world: a cluster with its API server and its Prometheus, a GitHub with what it is deployed from, and a
 * Slack with a page; all on 127.0.0.1.
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { speed, seed, log } = options;
  const clock = createClock(speed);
  const random = seededRandom(seed);
  const recording = options.recording === undefined ? null : await openRecording(options.recording, clock);
  const clusterClock = setWrong(clock, options.clusterAheadMs ?? 0);
  const store =
    recording?.store ??
    createObjectStore(clusterClock, options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit });
  const cluster = recording
    ? null
    : createCluster({ store, clock: clusterClock, random, ...(options.nodes && { nodes: options.nodes }) });
  const slack = await startSlack({
    clock,
    random,
    log: { error: (fields, message) => log(message, { ...fields }) },
    ...options.slack,
  });
  const accounts = readServiceAccounts(options.rights ?? []);
  const tokens = Object.fromEntries(accounts.map((account) => [randomUUID(), account]));
  const api = await startApiServer({
    store,
    clock: recording?.clock ?? clusterClock,
    kubelet: cluster?.kubelet ?? { logs: () => ({ status: 204, contentType: 'text/plain', body: '' }) },
    log,
    random,
    tokens,
    ...(recording ? { encode: recording.encode } : {}),
    ...(cluster ? { metrics: cluster.usage } : {}),
  });
  if (options.metrics !== undefined) api.setMetrics(options.metrics);
  const prometheus =
    options.prometheus === false
      ? null
      : await startPrometheus({
          clock,
          source: cluster?.samples ?? { series: () => [] },
          log: (line) => log(line, {}),
        });
  if (cluster && prometheus) cluster.apply([prometheusService(prometheus.url)]);
  const page: { url?: string } = {};
  const github = await startGithub({
    clock,
    log: { error: (fields, message) => log(message, { ...fields }) },
    repositories: [{ owner: deployRepository.owner, repo: deployRepository.repo, files: { 'README.md': readme } }],
    pageUrl: () => page.url,
  });
  const repository = cluster && createDeployRepository({ github, cluster, log });
  const running = { clock, slack, api, github, prometheus, cluster, repository, recording };
  const control = await startControl({
    routes: [...slackRoutes(slack), ...kubernetesRoutes(api), ...githubRoutes(github), ...worldRoutes(running)],
    files: options.withPage ? new Map([...(await buildPage()), ...(await buildGithubPage())]) : new Map(),
    port: options.port,
  });
  // Pull requests are linked below the part of the address that only the page reads.
  if (options.withPage) page.url = `${control.url}/github/#`;
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-sandbox-'));
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  await writeFile(kubeconfig, api.kubeconfig, { mode: 0o600 });
  return {
    ...running,
    kubeconfigOf: (account) => {
      const found = Object.entries(tokens).find(([, { namespace, name }]) => `${namespace}/${name}` === account);
      if (found === undefined) throw new Error(`the world has no account ${account}`);
      return api.kubeconfigFor(found[0]);
    },
    addresses: {
      kubeconfig,
      slackApiUrl: slack.apiUrl,
      controlUrl: control.url,
      pageUrl: `${control.url}/`,
      prometheusUrl: prometheus?.url ?? '',
      botToken: slack.botToken,
      appToken: slack.appToken,
      githubApiUrl: github.apiUrl,
      githubToken: github.token,
      githubWebhookSecret: github.webhookSecret,
    },
    close: async () => {
      repository?.close();
      cluster?.close();
      await Promise.all([control.close(), prometheus?.close(), github.close(), slack.close(), api.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
