import {
  type KnownCluster,
  namespacesIn,
  readScope,
  type Target,
  unknownLine,
  workloadsIn,
} from '../../../core/talk/scope.ts';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import type { Cluster, ListenerDeps } from './deps.ts';
import type { Sight } from './sight.ts';
import { withClusters } from './with-clusters.ts';

export interface ScopedCluster {
  readonly cluster: Cluster;
  /** Empty = all of them. */
  readonly namespaces: readonly string[];
  readonly workloads: readonly string[];
  /** Whether the cluster is meant with all that is in it. */
  readonly isWhole: boolean;
}

export interface Scoped {
  /** All that are known; at least one. */
  readonly clusters: readonly Cluster[];
  readonly targets: readonly Target[];
  /** What the targets mean; at least one. */
  readonly scoped: readonly ScopedCluster[];
  /** A sentence for each name that does not exist. */
  readonly unknown: readonly string[];
}

/** What is asked: its words, and whether they may be workloads: those that were killed, or also such as only workers know. */
export interface ScopeWords {
  readonly words: readonly string[];
  readonly sight: Sight;
  readonly workloads: 'none' | 'killed' | 'any';
}

/**
 * Answers from the clusters that a command names; a sentence if no cluster is known, if none of the words is, or if the
 * store cannot be reached.
 */
export function answerIn(
  deps: ListenerDeps,
  asked: ScopeWords,
  answer: (found: Scoped) => Promise<Answer>,
): Promise<Answer> {
  return withClusters(deps, async (clusters) => {
    if (clusters.length === 0) return renderSentence(NO_CLUSTERS);
    const found = await clustersIn(asked, clusters);
    return found.scoped.length === 0 ? renderSentence(found.unknown.join('\n')) : answer(found);
  });
}

/** Namespaces whose names may not be shown do not exist for whoever asks. */
async function clustersIn(asked: ScopeWords, clusters: readonly Cluster[]): Promise<Scoped> {
  const { words, sight, workloads } = asked;
  const known = await Promise.all(
    clusters.map(async (cluster) =>
      words.length === 0 ? { name: cluster.name, namespaces: null } : namesIn(cluster, sight, workloads !== 'none'),
    ),
  );
  const { targets, unknown } = readScope(words, known, { anyWorkload: workloads === 'any' });
  const scoped = targets.flatMap((target) => {
    const cluster = clusters.find((one) => one.name === target.cluster);
    if (cluster === undefined) return [];
    const isWhole = target.parts.length === 0;
    return [{ cluster, namespaces: namespacesIn(target), workloads: workloadsIn(target), isWhole }];
  });
  return { clusters, targets, scoped, unknown: unknown.map(unknownLine) };
}

async function namesIn(
  { name, namespaces, store }: Cluster,
  sight: Sight,
  withWorkloads: boolean,
): Promise<KnownCluster> {
  const isShown = (namespace: string | null): boolean =>
    sight.of({ subject: { cluster: name, namespace }, labels: null }) !== 'nothing';
  const [stored, killed] = await Promise.all([namespaces(), withWorkloads ? store.killedPods() : null]);
  const shown = stored?.filter(isShown) ?? null;
  if (killed === null) return { name, namespaces: shown };
  const workloads = killed.filter(({ namespace }) => isShown(namespace)).map(({ workload }) => workload);
  return { name, namespaces: shown, workloads: [...new Set(workloads)] };
}

/** Nobody has started a worker yet. */
const NO_CLUSTERS =
  'I know no cluster yet: no worker has been seen. Start one (oomkeeper worker); it tells me of its cluster.';
