import { nearNames, readScope, type Scope } from '../../../core/talk/scope.ts';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import { NO_CLUSTERS, unknownLine } from '../blocks/scope.ts';
import type { Cluster, ListenerDeps } from './deps.ts';
import { withClusters } from './with-clusters.ts';

export interface ScopedCluster {
  readonly cluster: Cluster;
  /** Empty = all of them. */
  readonly namespaces: readonly string[];
}

export interface Scoped {
  /** All that are known; at least one. */
  readonly clusters: readonly Cluster[];
  readonly scope: Scope;
  readonly scoped: readonly ScopedCluster[];
  /** A sentence for each cluster that does not exist. */
  readonly unknown: readonly string[];
}

/** What is answered out of the clusters that a command's words mean; a sentence where none is known or the store is away. */
export function answerIn(
  deps: ListenerDeps,
  words: readonly string[],
  answer: (found: Scoped) => Promise<Answer>,
): Promise<Answer> {
  return withClusters(deps, async (clusters) =>
    clusters.length === 0 ? renderSentence(NO_CLUSTERS) : answer(clustersIn(words, clusters)),
  );
}

function clustersIn(words: readonly string[], clusters: readonly Cluster[]): Scoped {
  const scope = readScope(
    words,
    clusters.map(({ name }) => name),
  );
  const scoped = scope.targets.flatMap(({ cluster: name, namespaces }) => {
    const cluster = clusters.find((one) => one.name === name);
    return cluster === undefined ? [] : [{ cluster, namespaces }];
  });
  return { clusters, scope, scoped, unknown: scope.unknownClusters.map((one) => unknownLine('cluster', one)) };
}

/** What one worker said about the names that it was asked for. */
export interface NamesSaid {
  readonly asked: readonly string[];
  readonly unknown: readonly { readonly name: string; readonly near: readonly string[] }[];
}

/** Sentences about names that no worker knows; a name that one of them has exists. */
export function unknownEverywhere(said: readonly NamesSaid[], clusters: readonly Cluster[]): readonly string[] {
  const names = [...new Set(said.flatMap(({ unknown }) => unknown.map(({ name }) => name)))];
  return names
    .filter((name) =>
      said.every(({ asked, unknown }) => !asked.includes(name) || unknown.some((one) => one.name === name)),
    )
    .map((name) => {
      const namespaces = said
        .flatMap(({ unknown }) => unknown.filter((one) => one.name === name))
        .flatMap((one) => one.near);
      const near = nearNames(name, [...new Set([...clusters.map((one) => one.name), ...namespaces])]);
      return unknownLine('cluster or namespace', { name, near });
    });
}
