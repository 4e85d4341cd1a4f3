import { nearest } from './edit-distance.ts';

/** What a command is about in one cluster; no namespace at all means the whole cluster. */
export interface Target {
  readonly cluster: string;
  readonly namespaces: readonly string[];
}

export interface Scope {
  readonly targets: readonly Target[];
  /**
   * `prd/shop` where no cluster is called `prd`, or what is too long for a namespace: the word as it was typed, and which
   * clusters it may have meant.
   */
  readonly unknownClusters: readonly Unknown[];
}

/** A name that does not exist, and the existing ones nearest to it. */
export interface Unknown {
  readonly name: string;
  readonly near: readonly string[];
}

/** Kubernetes' own bound; a worker takes a question with longer ones for one of another version. */
const longestNamespace = 63;
/** So many names are offered instead of one that does not exist. */
const mostNear = 3;

/**
 * What the words behind a command mean, by the clusters that exist: `prod` is a cluster where there is one of that
 * name, else a namespace of every cluster; `prod/shop` is a namespace of one cluster; no word at all is everything.
 * Several words add up, and a cluster that is named as a whole stays whole. Whether a namespace exists only its
 * cluster knows.
 */
export function readScope(words: readonly string[], clusters: readonly string[]): Scope {
  const wanted = new Map<string, Set<string> | 'all'>();
  const unknownClusters: Unknown[] = [];
  const addAll = (cluster: string): void => void wanted.set(cluster, 'all');
  const add = (cluster: string, namespace: string): void => {
    const known = wanted.get(cluster) ?? new Set<string>();
    if (known !== 'all') wanted.set(cluster, known.add(namespace));
  };

  if (words.length === 0) clusters.forEach(addAll);
  for (const word of words) {
    const slash = word.indexOf('/');
    const cluster = slash === -1 ? word : word.slice(0, slash);
    const namespace = slash === -1 ? '' : word.slice(slash + 1);
    if ((slash === -1 ? word : namespace).length > longestNamespace) {
      unknownClusters.push({ name: word, near: [] });
    } else if (clusters.includes(cluster)) {
      if (namespace === '') addAll(cluster);
      else add(cluster, namespace);
    } else if (slash === -1) {
      for (const each of clusters) add(each, word);
    } else {
      unknownClusters.push({ name: word, near: nearNames(cluster, clusters) });
    }
  }
  const targets = [...wanted].map(([cluster, names]) => ({ cluster, namespaces: names === 'all' ? [] : [...names] }));
  return { targets, unknownClusters };
}

/** The existing names that a mistyped one may have meant, nearest first: one edit in a short word, two in a long one. */
export function nearNames(name: string, existing: readonly string[]): readonly string[] {
  return nearest(name, existing, mostNear, name.length > 4 ? 2 : 1);
}

/** Whether something in this place is meant by the targets. A node's things have no namespace. */
export function isInScope(
  targets: readonly Target[],
  place: { readonly cluster: string; readonly namespace: string | null },
): boolean {
  return targets.some(
    ({ cluster, namespaces }) =>
      cluster === place.cluster &&
      (namespaces.length === 0 || (place.namespace !== null && namespaces.includes(place.namespace))),
  );
}
