import { nearest } from './edit-distance.ts';

/** What a command is about in one cluster; no namespace at all means the whole cluster. */
export interface Target {
  readonly cluster: string;
  readonly namespaces: readonly string[];
}

export interface Scope {
  readonly targets: readonly Target[];
  readonly unknown: readonly Unknown[];
}

/** A cluster, and the namespaces that are known in it; null where nobody knows, so that any may exist. */
export interface KnownCluster {
  readonly name: string;
  readonly namespaces: readonly string[] | null;
}

/** A name that does not exist, and the existing ones nearest to it. A word such as `prd/shop` is a name as it was typed. */
export interface Unknown {
  readonly of: 'cluster' | 'cluster or namespace';
  readonly name: string;
  readonly near: readonly string[];
}

/** Kubernetes' own bound; a worker refuses a question with longer ones as one of another version. */
const longestNamespace = 63;
/** At most this many names are suggested for one that does not exist. */
const mostNear = 3;

/**
 * What the words behind a command mean, by the clusters that exist: `prod` is a cluster where there is one of that
 * name, else a namespace of every cluster that has it; `prod/shop` is a namespace of one cluster; no word at all is
 * everything. Several words add up, and a cluster that is named as a whole stays whole.
 */
export function readScope(words: readonly string[], known: readonly KnownCluster[]): Scope {
  const clusters = known.map(({ name }) => name);
  const namespaces = known.flatMap((one) => one.namespaces ?? []);
  const wanted = new Map<string, Set<string> | 'all'>();
  const unknown = new Map<string, Unknown>();
  const addAll = (cluster: string): void => void wanted.set(cluster, 'all');
  const add = (cluster: string, namespace: string): void => {
    const names = wanted.get(cluster) ?? new Set<string>();
    if (names !== 'all') wanted.set(cluster, names.add(namespace));
  };
  const addIn = (places: readonly KnownCluster[], namespace: string): void => {
    const having = places.filter((one) => one.namespaces === null || one.namespaces.includes(namespace));
    for (const { name } of having) add(name, namespace);
    if (having.length > 0 || known.length === 0) return;
    const near = nearNames(namespace, [...new Set([...clusters, ...namespaces])]);
    unknown.set(namespace, { of: 'cluster or namespace', name: namespace, near });
  };

  if (words.length === 0) clusters.forEach(addAll);
  for (const word of words) {
    const slash = word.indexOf('/');
    const cluster = slash === -1 ? word : word.slice(0, slash);
    const namespace = slash === -1 ? '' : word.slice(slash + 1);
    if ((slash === -1 ? word : namespace).length > longestNamespace) {
      unknown.set(word, { of: 'cluster', name: word, near: [] });
    } else if (clusters.includes(cluster)) {
      if (namespace === '') addAll(cluster);
      else
        addIn(
          known.filter(({ name }) => name === cluster),
          namespace,
        );
    } else if (slash === -1) {
      addIn(known, word);
    } else {
      unknown.set(word, { of: 'cluster', name: word, near: nearNames(cluster, clusters) });
    }
  }
  const targets = [...wanted].map(([cluster, names]) => ({ cluster, namespaces: names === 'all' ? [] : [...names] }));
  return { targets, unknown: [...unknown.values()] };
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
