import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setWrong, type SandboxClock } from './clock.ts';
import { createDeployRepository } from './deploy-repository.ts';
import type { Github } from './github/start-github.ts';
import { startApiServer } from './kubernetes/server/api-server.ts';
import { createCluster } from './kubernetes/cluster/cluster.ts';
import type { NodeSpec } from './kubernetes/kubelet/scheduler.ts';
import { createObjectStore } from './kubernetes/objects/memory-object-store.ts';
import type { MetricsState } from './kubernetes/cluster/usage.ts';
import type { Recording } from './kubernetes/cluster/recording.ts';
import { readServiceAccounts } from './kubernetes/server/service-accounts.ts';
import { prometheusService } from './prometheus/prometheus-service.ts';
import { startPrometheus } from './prometheus/start-prometheus.ts';
import type { ClusterParts } from './world-parts.ts';

export interface ClusterOptions {
  /** A watch can resume behind the last 20 000 changes of objects, and behind all of the last so many ms. Default 0. */
  readonly historyMs?: number;
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
}

interface Around {
  readonly clock: SandboxClock;
  readonly random: () => number;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly github: Github;
  /** What takes the place of the living cluster; null for a living one. */
  readonly recording: Recording | null;
}

export interface StartedCluster extends ClusterParts {
  /** Path of a kubeconfig file with every right. */
  readonly kubeconfig: string;
  /** Kubeconfig text of one of the accounts of `rights`, `NAMESPACE/NAME`. Throws for any other. */
  readonly kubeconfigOf: (account: string) => string;
  /** Sets the clocks of the living cluster, as `clusterAheadMs` says at the start. */
  readonly setAhead: (ms: number) => void;
  readonly close: () => Promise<void>;
}

/** A cluster with its API server, its Prometheus and what keeps it like the repository; or a recording of one. */
export async function startCluster(
  { clock, random, log, github, recording }: Around,
  options: ClusterOptions,
): Promise<StartedCluster> {
  let aheadMs = options.clusterAheadMs ?? 0;
  const clusterClock = setWrong(clock, () => aheadMs);
  const store =
    recording?.store ??
    createObjectStore(clusterClock, options.historyMs === undefined ? {} : { historyMs: options.historyMs });
  const cluster = recording
    ? null
    : createCluster({ store, clock: clusterClock, random, ...(options.nodes && { nodes: options.nodes }) });
  const accounts = readServiceAccounts(options.rights ?? []);
  const tokens = Object.fromEntries(accounts.map((account) => [randomUUID(), account]));
  const api = await startApiServer({
    store,
    clock: recording?.clock ?? clusterClock,
    kubelet: cluster?.kubelet ?? recording?.kubelet ?? { logs: () => ({ status: 204, body: '' }) },
    log,
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
          source: cluster?.samples ?? recording?.samples ?? { series: () => [] },
          log: (line) => log(line, {}),
        });
  if (cluster && prometheus) cluster.apply([prometheusService(prometheus.url)]);
  const repository = cluster && createDeployRepository({ github, cluster, log });
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-sandbox-'));
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  await writeFile(kubeconfig, api.kubeconfig, { mode: 0o600 });
  return {
    api,
    cluster,
    prometheus,
    repository,
    kubeconfig,
    kubeconfigOf: (account) => {
      const found = Object.entries(tokens).find(([, { namespace, name }]) => `${namespace}/${name}` === account);
      if (found === undefined) throw new Error(`the world has no account ${account}`);
      return api.kubeconfigFor(found[0]);
    },
    setAhead: (ms) => {
      aheadMs = ms;
    },
    close: async () => {
      repository?.close();
      cluster?.close();
      await Promise.all([prometheus?.close(), api.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
