import type { Alertmanager } from './alertmanager/start-alertmanager.ts';
import type { SandboxClock } from './clock.ts';
import type { DeployRepository } from './deploy-repository.ts';
import type { Github } from './github/start-github.ts';
import type { ApiServer } from './kubernetes/server/api-server.ts';
import type { Cluster } from './kubernetes/cluster/cluster.ts';
import type { Recording } from './kubernetes/cluster/recording.ts';
import type { Pagerduty } from './pagerduty/start-pagerduty.ts';
import type { Surroundings } from './play/play-events.ts';
import type { Prometheus } from './prometheus/start-prometheus.ts';
import type { Slack } from './slack/start-slack.ts';

/** One cluster and what there is of it alone. */
export interface ClusterParts {
  readonly api: ApiServer;
  /** Null where the cluster has none. */
  readonly prometheus: Prometheus | null;
  /** Null while a recording takes its place. */
  readonly cluster: Cluster | null;
  /** What the cluster's workloads are deployed from; null with a recording. */
  readonly repository: DeployRepository | null;
}

/** What the pretend world consists of. */
export interface WorldParts extends ClusterParts {
  readonly clock: SandboxClock;
  readonly slack: Slack;
  readonly github: Github;
  readonly pagerduty: Pagerduty;
  readonly alertmanager: Alertmanager;
  readonly recording: Recording | null;
  /** Null where there is one cluster only. */
  readonly second: ClusterParts | null;
}

export interface LivingCluster extends ClusterParts {
  readonly cluster: Cluster;
}

/** The living clusters that a story runs in: as many as it asks for, of those that there are. */
export function livingClusters(
  world: ClusterParts & Pick<WorldParts, 'second'>,
  clusters: number,
): readonly LivingCluster[] {
  return [world, world.second]
    .flatMap((parts) => (parts?.cluster ? [{ ...parts, cluster: parts.cluster }] : []))
    .slice(0, clusters);
}

/** What a story's events act on, by the story's own clock. */
export function surroundings(
  { api, prometheus, slack, repository }: Pick<WorldParts, 'api' | 'prometheus' | 'slack' | 'repository'>,
  { speed }: SandboxClock,
): Surroundings {
  return {
    cutApi: (virtualMs) => {
      api.cut(virtualMs / speed);
    },
    downPrometheus: (virtualMs, namespace) => {
      prometheus?.down(virtualMs / speed, namespace);
    },
    cutSlack: (virtualMs) => {
      slack.faults.inject({ kind: 'drop-sockets' });
      slack.faults.inject({ kind: 'api-down', forMs: virtualMs / speed });
    },
    ...(repository === null ? {} : { repository }),
  };
}
