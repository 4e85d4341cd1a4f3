import { startAlertmanager } from './alertmanager/start-alertmanager.ts';
import { awaitProcess } from './await-process.ts';
import { createClock } from './clock.ts';
import { startControl } from './control.ts';
import { buildGithubPage } from './github/build-github-page.ts';
import { githubRoutes } from './github/github-routes.ts';
import { startGithub } from './github/start-github.ts';
import { openRecording } from './kubernetes/cluster/recording.ts';
import { startPagerduty } from './pagerduty/start-pagerduty.ts';
import { seededRandom } from './scenario/scenario-seed.ts';
import { deployRepository } from './scenario/scenario-workload.ts';
import { buildPage } from './slack/build-page.ts';
import { slackRoutes } from './slack/slack-routes.ts';
import { startSlack } from './slack/start-slack.ts';
import type { SlackOptions } from './slack/start-slack.ts';
import { startCluster, type ClusterOptions } from './start-cluster.ts';
import type { WorldParts } from './world-parts.ts';
import { worldRoutes } from './world-routes.ts';

export interface WorldOptions extends ClusterOptions {
  readonly speed: number;
  readonly seed: number;
  /** A folder with a recorded watch stream that takes the place of the living cluster. */
  readonly recording?: string;
  /** First port that is tried for the page and the control API; 0 = a free one. */
  readonly port: number;
  readonly withPage: boolean;
  /** 2: another living cluster beside the first, with the same Slack and the same GitHub. Default 1. */
  readonly clusters?: 1 | 2;
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
  readonly pagerdutyApiUrl: string;
  readonly pagerdutyRoutingKey: string;
  readonly alertmanagerUrl: string;
  /** The second cluster, where there are two. */
  readonly second?: { readonly kubeconfig: string; readonly prometheusUrl: string };
}

export interface World extends WorldParts {
  readonly addresses: Addresses;
  /** Kubeconfig text of one of the accounts of `rights`, `NAMESPACE/NAME`. Throws for any other. */
  readonly kubeconfigOf: (account: string) => string;
  /** Sets the clocks of the living cluster, as `clusterAheadMs` says at the start. */
  readonly setClusterAhead: (ms: number) => void;
  /** Pretended time stands still while this process is late, until it is gone. `opsUrl`: where it answers /healthz. */
  readonly awaitProcess: (opsUrl: string) => void;
  readonly close: () => Promise<void>;
}

const readme = '# deploy\n\nWhat runs in the cluster, one file for each workload.\n';

/**
 * The pretend world: a cluster (or two) with its API server and its Prometheus, a GitHub with what it is deployed from,
 * a Slack with a page, and a PagerDuty and an Alertmanager that are told of incidents; all on 127.0.0.1.
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { speed, seed, log } = options;
  const clock = createClock(speed);
  const random = seededRandom(seed);
  const recording = options.recording === undefined ? null : await openRecording(options.recording, clock);
  const slack = await startSlack({
    clock,
    random,
    log: { error: (fields, message) => log(message, { ...fields }) },
    ...options.slack,
  });
  const page: { url?: string } = {};
  const github = await startGithub({
    clock,
    log: { error: (fields, message) => log(message, { ...fields }) },
    repositories: [{ owner: deployRepository.owner, repo: deployRepository.repo, files: { 'README.md': readme } }],
    pageUrl: () => page.url,
  });
  const uncovered = (line: string): void => log(line, {});
  const pagerduty = await startPagerduty({ clock, log: uncovered });
  const alertmanager = await startAlertmanager({ clock, log: uncovered });
  const first = await startCluster({ clock, random, log, github, recording }, options);
  const second =
    options.clusters === 2
      ? await startCluster({ clock, random: seededRandom(seed + 1), log, github, recording: null }, options)
      : null;
  const { api, cluster, prometheus, repository } = first;
  const awaited: (() => void)[] = [];
  const alarms = { pagerduty, alertmanager };
  const running = { clock, slack, api, github, prometheus, cluster, repository, recording, second, ...alarms };
  const waitFor = (opsUrl: string): void => {
    awaited.push(awaitProcess(clock, opsUrl));
  };
  const control = await startControl({
    routes: [...slackRoutes(slack), ...githubRoutes(github), ...worldRoutes({ ...running, awaitProcess: waitFor })],
    files: options.withPage ? new Map([...(await buildPage()), ...(await buildGithubPage())]) : new Map(),
    port: options.port,
  });
  // Pull requests are linked below the part of the address that only the page reads.
  if (options.withPage) page.url = `${control.url}/github/#`;
  return {
    ...running,
    kubeconfigOf: first.kubeconfigOf,
    setClusterAhead: first.setAhead,
    awaitProcess: waitFor,
    addresses: {
      kubeconfig: first.kubeconfig,
      slackApiUrl: slack.apiUrl,
      controlUrl: control.url,
      pageUrl: `${control.url}/`,
      prometheusUrl: prometheus?.url ?? '',
      botToken: slack.botToken,
      appToken: slack.appToken,
      githubApiUrl: github.apiUrl,
      githubToken: github.token,
      githubWebhookSecret: github.webhookSecret,
      pagerdutyApiUrl: pagerduty.apiUrl,
      pagerdutyRoutingKey: pagerduty.routingKey,
      alertmanagerUrl: alertmanager.url,
      ...(second === null
        ? {}
        : { second: { kubeconfig: second.kubeconfig, prometheusUrl: second.prometheus?.url ?? '' } }),
    },
    close: async () => {
      for (const stop of awaited) stop();
      clock.stop();
      const services = [control, github, slack, pagerduty, alertmanager, first];
      await Promise.all([...services.map((one) => one.close()), second?.close()]);
    },
  };
}
