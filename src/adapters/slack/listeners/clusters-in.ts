import { readScope, type Target, type Unknown } from '../../../core/talk/scope.ts';
import { namesOf } from '../../../core/talk/words.ts';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import type { Cluster, ListenerDeps } from './deps.ts';
import type { Sight } from './sight.ts';
import { withClusters } from './with-clusters.ts';

export interface ScopedCluster {
  readonly cluster: Cluster;
  /** Empty = all of them. */
  readonly namespaces: readonly string[];
}

export interface Scoped {
  /** All that are known; at least one. */
  readonly clusters: readonly Cluster[];
  readonly targets: readonly Target[];
  /** What the targets mean; at least one. */
  readonly scoped: readonly ScopedCluster[];
  /** A sentence for each cluster or namespace that does not exist. */
  readonly unknown: readonly string[];
}

/**
 * Answers from the clusters that a command names; a sentence if no cluster is known, if none of the words is, or if the
 * store cannot be reached.
 */
export function answerIn(
  deps: ListenerDeps,
  { words, sight }: { readonly words: readonly string[]; readonly sight: Sight },
  answer: (found: Scoped) => Promise<Answer>,
): Promise<Answer> {
  return withClusters(deps, async (clusters) => {
    if (clusters.length === 0) return renderSentence(NO_CLUSTERS);
    const found = await clustersIn(words, clusters, sight);
    return found.scoped.length === 0 ? renderSentence(found.unknown.join('\n')) : answer(found);
  });
}

/** Namespaces whose names may not be shown do not exist for whoever asks. */
async function clustersIn(words: readonly string[], clusters: readonly Cluster[], sight: Sight): Promise<Scoped> {
  const isShown = (cluster: string, namespace: string): boolean =>
    sight.of({ subject: { cluster, namespace }, labels: null }) !== 'nothing';
  const known = await Promise.all(
    clusters.map(async ({ name, namespaces }) => ({
      name,
      namespaces:
        words.length === 0 ? null : ((await namespaces())?.filter((namespace) => isShown(name, namespace)) ?? null),
    })),
  );
  const { targets, unknown } = readScope(words, known);
  const scoped = targets.flatMap(({ cluster: name, namespaces }) => {
    const cluster = clusters.find((one) => one.name === name);
    return cluster === undefined ? [] : [{ cluster, namespaces }];
  });
  return { clusters, targets, scoped, unknown: unknown.map(unknownLine) };
}

/** A cluster or namespace that does not exist, as a sentence with what may have been meant; not escaped. */
function unknownLine({ of, name, near }: Unknown): string {
  const meant = near.length === 0 ? 'See /oom status for the clusters.' : `Did you mean ${namesOf(near, near.length)}?`;
  return `I know no ${of} ${name}. ${meant}`;
}

/** Nobody has started a worker yet. */
const NO_CLUSTERS =
  'I know no cluster yet: no worker has been seen. Start one (oomkeeper worker); it tells me of its cluster.';
