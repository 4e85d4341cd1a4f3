import { coveredResources } from '../server/coverage.ts';
import { objectKey } from './object-shelves.ts';
import type { Change, KubeObject, ObjectStore } from './object-store.ts';

/** What objects were before: needed for selectors on a watch and for lists at an older resourceVersion. */
export interface ObjectHistory {
  /** State of the object before a change; undefined when it was created by it. */
  readonly before: (change: Change) => KubeObject | undefined;
  /** All objects of a resource as they were at a version, sorted by key; undefined when that is compacted away. */
  readonly listAt: (
    resource: string,
    namespace: string | undefined,
    resourceVersion: number,
  ) => readonly KubeObject[] | undefined;
  readonly close: () => void;
}

/** Follows the store from now on. */
export function followHistory(store: ObjectStore): ObjectHistory {
  const startedAt = store.resourceVersion();
  const latest = new Map<string, KubeObject>();
  // Keyed by change and not by object, or each state would keep all states before it alive.
  const previous = new WeakMap<Change, KubeObject>();
  for (const { name } of coveredResources) {
    for (const object of store.list(name)) latest.set(`${name}/${objectKey(object)}`, object);
  }

  const unsubscribe = store.subscribe((change) => {
    const key = `${change.resource}/${objectKey(change.object)}`;
    const before = latest.get(key);
    if (before !== undefined) previous.set(change, before);
    if (change.type === 'DELETED') latest.delete(key);
    else latest.set(key, change.object);
  });

  /** The list that was asked for last: its pages come one after the other. */
  let newest: { readonly of: string; readonly objects: readonly KubeObject[] } | undefined;

  return {
    before: (change) => previous.get(change),
    listAt: (resource, namespace, resourceVersion) => {
      const changes = resourceVersion < startedAt ? undefined : store.since(resourceVersion);
      if (changes === undefined) return undefined;
      const of = `${resource} in ${namespace ?? ''} at ${resourceVersion}`;
      if (newest?.of === of) return newest.objects;
      const objects = new Map(store.list(resource).map((object) => [objectKey(object), object]));
      for (const change of changes.toReversed()) {
        if (change.resource !== resource) continue;
        const before = previous.get(change);
        if (before === undefined) objects.delete(objectKey(change.object));
        else objects.set(objectKey(before), before);
      }
      const listed = [...objects]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object)
        .filter((object) => namespace === undefined || object.metadata.namespace === namespace);
      newest = { of, objects: listed };
      return listed;
    },
    close: unsubscribe,
  };
}
