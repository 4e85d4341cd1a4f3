import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from './clock.ts';
import { startControl } from './control.ts';
import { startApiServer } from './kubernetes/api-server.ts';
import { createCluster } from './kubernetes/cluster.ts';
import { kubernetesRoutes } from './kubernetes/kubernetes-routes.ts';
import { createObjectStore } from './kubernetes/memory-object-store.ts';
import { openRecording } from './kubernetes/recording.ts';
import { startPrometheus } from './prometheus/start-prometheus.ts';
import { seededRandom } from './scenario-seed.ts';
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
  readonly slack?: Pick<SlackOptions, 'workspace' | 'limits' | 'refreshEveryMs'>;
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
}

export interface World extends WorldParts {
  readonly addresses: Addresses;
  readonly close: () => Promise<void>;
}

/** The pretend world: a cluster with its API server, its Prometheus, and a Slack with a page; all on 127.0.0.1. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { speed, seed, log } = options;
  const clock = createClock(speed);
  const random = seededRandom(seed);
  const recording = options.recording === undefined ? null : await openRecording(options.recording, clock);
  const store = recording?.store ?? createObjectStore(clock);
  const cluster = recording ? null : createCluster({ store, clock, random });
  const slack = await startSlack({
    clock,
    random,
    log: { error: (fields, message) => log(message, { ...fields }) },
    ...options.slack,
  });
  const api = await startApiServer({
    store,
    clock: recording?.clock ?? clock,
    kubelet: cluster?.kubelet ?? { logs: () => ({ status: 204, contentType: 'text/plain', body: '' }) },
    log,
    random,
    ...(recording ? { encode: recording.encode } : {}),
  });
  const prometheus = await startPrometheus({
    clock,
    source: cluster?.samples ?? { series: () => [] },
    log: (line) => log(line, {}),
  });
  const running = { clock, slack, api, cluster, recording };
  const control = await startControl({
    routes: [...slackRoutes(slack), ...kubernetesRoutes(api), ...worldRoutes(running)],
    files: options.withPage ? await buildPage() : new Map(),
    port: options.port,
  });
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-sandbox-'));
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  await writeFile(kubeconfig, api.kubeconfig, { mode: 0o600 });
  return {
    ...running,
    addresses: {
      kubeconfig,
      slackApiUrl: slack.apiUrl,
      controlUrl: control.url,
      pageUrl: `${control.url}/`,
      prometheusUrl: prometheus.url,
      botToken: slack.botToken,
      appToken: slack.appToken,
    },
    close: async () => {
      cluster?.close();
      await Promise.all([control.close(), prometheus.close(), slack.close(), api.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
