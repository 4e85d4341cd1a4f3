import { nearest } from './edit-distance.ts';
import { namesOf } from './words.ts';

/** Of a cluster: a namespace, a workload, or a workload of that namespace; null = any. A node's things have no namespace. */
export interface Part {
  readonly namespace: string | null;
  readonly workload: string | null;
}

/** What a command is about in one cluster; no part at all means the whole cluster. */
export interface Target {
  readonly cluster: string;
  readonly parts: readonly Part[];
}

export interface Scope {
  readonly targets: readonly Target[];
  readonly unknown: readonly Unknown[];
}

/** A cluster, and the namespaces that are known in it; null where nobody knows, so that any may exist. */
export interface KnownCluster {
  readonly name: string;
  readonly namespaces: readonly string[] | null;
  /** Names of workloads; none where a command is not about workloads. */
  readonly workloads?: readonly string[];
}

/** A name that does not exist, and the existing ones nearest to it. A word such as `prd/shop` is a name as it was typed. */
export interface Unknown {
  readonly of: 'cluster' | 'cluster or namespace' | 'cluster, namespace or workload' | 'namespace there';
  readonly name: string;
  readonly near: readonly string[];
}

export interface ScopeOptions {
  /** Whether a word that is like no known name may be a workload that only the workers know. */
  readonly anyWorkload?: boolean;
}

/** Kubernetes' own bound; a worker refuses a question with longer ones as one of another version. */
const longestNamespace = 63;
/** At most this many names are suggested for one that does not exist. */
const mostNear = 3;

/** What one word means by itself. A place may be one of any cluster (null). */
type Meaning =
  | { readonly is: 'cluster' | 'namespace' | 'workload'; readonly name: string }
  | { readonly is: 'place'; readonly cluster: string | null; readonly part: Part }
  | { readonly is: 'unknown'; readonly unknown: Unknown };

/**
 * What the words behind a command mean, by the names that exist, in whatever order they stand: a cluster, else a
 * namespace, else a workload; `prod/shop`, `shop/cart` and `prod/shop/cart` are one place. Words of one kind add up,
 * those of different kinds narrow each other (`prod shop` is a namespace of one cluster); a place adds up with
 * everything. No word at all is everything.
 */
export function readScope(words: readonly string[], known: readonly KnownCluster[], options: ScopeOptions = {}): Scope {
  const meanings = [...new Set(words)].map((word) => meaningOf(word, known, options));
  const namesOfKind = (is: 'cluster' | 'namespace' | 'workload'): readonly string[] =>
    meanings.flatMap((one) => (one.is === is ? [one.name] : []));
  const [clusters, namespaces, workloads] = [namesOfKind('cluster'), namesOfKind('namespace'), namesOfKind('workload')];
  const places = meanings.filter((one) => one.is === 'place');
  // `shop/cart prod` is one place, in one cluster.
  const ofPlaces = places.some(({ cluster }) => cluster === null) ? clusters.length : 0;
  const bare = clusters.length - ofPlaces + namespaces.length + (places.length === 0 ? workloads.length : 0);
  const wanted = new Map<string, readonly Part[]>();
  const add = (cluster: string, parts: readonly Part[]): void => {
    const before = wanted.get(cluster);
    wanted.set(cluster, before === undefined ? parts : merged(before, parts));
  };
  const meant = known.filter(({ name }) => clusters.length === 0 || clusters.includes(name));
  const narrow = (part: Part): readonly Part[] =>
    part.workload !== null || workloads.length === 0 ? [part] : workloads.map((workload) => ({ ...part, workload }));

  if (bare > 0 || words.length === 0)
    for (const one of meant) {
      const here = namespaces.filter((namespace) => mayHave(one, namespace));
      if (namespaces.length > 0 && here.length === 0) continue;
      const parts = namespaces.length === 0 ? [{ namespace: null, workload: null }] : here.map(inNamespace);
      add(one.name, parts.flatMap(narrow).filter(isNarrower));
    }
  for (const { cluster, part } of places)
    for (const one of cluster === null ? meant : known.filter(({ name }) => name === cluster))
      if (part.namespace === null || mayHave(one, part.namespace)) add(one.name, narrow(part));

  const elsewhere = namespaces
    .filter((namespace) => !meant.some((one) => mayHave(one, namespace)))
    .map((name): Unknown => ({ of: 'namespace there', name, near: [] }));
  const unknown = meanings.flatMap((one) => (one.is === 'unknown' ? [one.unknown] : []));
  return {
    targets: [...wanted].map(([cluster, parts]) => ({ cluster, parts })),
    unknown: known.length === 0 ? [] : [...unknown, ...elsewhere],
  };
}

function meaningOf(word: string, known: readonly KnownCluster[], { anyWorkload = false }: ScopeOptions): Meaning {
  const clusters = known.map(({ name }) => name);
  const workloads = known.flatMap((one) => one.workloads ?? []);
  const isAbout = known.some((one) => one.workloads !== undefined);
  const [first = '', second = '', third = ''] = word.split('/', 3);
  const no = (of: Unknown['of'], name: string, near: readonly string[]): Meaning => ({
    is: 'unknown',
    unknown: { of, name, near },
  });
  if (!word.includes('/')) {
    if (clusters.includes(word)) return { is: 'cluster', name: word };
    if (known.some((one) => one.namespaces?.includes(word))) return { is: 'namespace', name: word };
    if (workloads.includes(word)) return { is: 'workload', name: word };
    if (word.length > longestNamespace) return no('cluster', word, []);
    if (known.some((one) => one.namespaces === null)) return { is: 'namespace', name: word };
    const near = nearNames(word, [...new Set([...clusters, ...allNamespaces(known), ...workloads])]);
    if (anyWorkload && near.length === 0) return { is: 'workload', name: word };
    return no(isAbout ? 'cluster, namespace or workload' : 'cluster or namespace', word, near);
  }
  const cluster = known.find(({ name }) => name === first);
  if (cluster === undefined) {
    const isPlace = isAbout && third === '' && second !== '' && known.some((one) => one.namespaces?.includes(first));
    if (!isPlace) return no('cluster', word, nearNames(first, clusters));
    return { is: 'place', cluster: null, part: { namespace: first, workload: second } };
  }
  if (second === '') return { is: 'cluster', name: first };
  if (second.length > longestNamespace) return no('cluster', word, []);
  if (mayHave(cluster, second))
    return { is: 'place', cluster: first, part: { namespace: second, workload: third === '' ? null : third } };
  if (third === '' && cluster.workloads?.includes(second) === true)
    return { is: 'place', cluster: first, part: { namespace: null, workload: second } };
  return no('cluster or namespace', second, nearNames(second, [...new Set([...clusters, ...allNamespaces(known)])]));
}

function allNamespaces(known: readonly KnownCluster[]): readonly string[] {
  return known.flatMap((one) => one.namespaces ?? []);
}

function mayHave({ namespaces }: KnownCluster, namespace: string): boolean {
  return namespaces === null || namespaces.includes(namespace);
}

function inNamespace(namespace: string): Part {
  return { namespace, workload: null };
}

function isNarrower({ namespace, workload }: Part): boolean {
  return namespace !== null || workload !== null;
}

/** No part at all is the whole cluster, and stays it. */
function merged(before: readonly Part[], parts: readonly Part[]): readonly Part[] {
  if (before.length === 0 || parts.length === 0) return [];
  const isNew = (part: Part): boolean =>
    !before.some((one) => one.namespace === part.namespace && one.workload === part.workload);
  return [...before, ...parts.filter(isNew)];
}

/** The existing names that a mistyped one may have meant, nearest first: one edit in a short word, two in a long one. */
export function nearNames(name: string, existing: readonly string[]): readonly string[] {
  return nearest(name, existing, mostNear, name.length > 4 ? 2 : 1);
}

/** That a name does not exist, as a sentence with what may have been meant; not escaped. */
export function unknownLine({ of, name, near }: Unknown): string {
  const meant = near.length === 0 ? 'See /oom status for the clusters.' : `Did you mean ${namesOf(near, near.length)}?`;
  return of === 'namespace there' ? `There is no namespace ${name} there.` : `I know no ${of} ${name}. ${meant}`;
}

/** Whether something in this place is meant by the targets. */
export function isInScope(
  targets: readonly Target[],
  place: { readonly cluster: string; readonly namespace: string | null; readonly workload?: { readonly name: string } },
): boolean {
  return targets.some(
    ({ cluster, parts }) =>
      cluster === place.cluster &&
      (parts.length === 0 ||
        parts.some(
          ({ namespace, workload }) =>
            (namespace === null || namespace === place.namespace) &&
            (workload === null || workload === place.workload?.name),
        )),
  );
}

/** The namespaces that a target is confined to; empty = all. */
export function namespacesIn({ parts }: Pick<Target, 'parts'>): readonly string[] {
  const named = parts.flatMap(({ namespace }) => (namespace === null ? [] : [namespace]));
  return named.length < parts.length ? [] : [...new Set(named)];
}

/** The workloads that a target is confined to; empty = all. */
export function workloadsIn({ parts }: Pick<Target, 'parts'>): readonly string[] {
  const named = parts.flatMap(({ workload }) => (workload === null ? [] : [workload]));
  return named.length < parts.length ? [] : [...new Set(named)];
}
