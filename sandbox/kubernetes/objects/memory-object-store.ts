import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import type { SandboxClock } from '../../clock.ts';
import { copyOf, orderKeys, shareParts } from './object-copy.ts';
import { createObjectShelves, objectKey } from './object-shelves.ts';
import type { Change, KubeObject, NewObject, ObjectStore } from './object-store.ts';

/** Objects without a generation although they have a spec, as on a real API server. */
const withoutGeneration = new Set(['nodes', 'namespaces', 'services', 'resourcequotas', 'limitranges']);

export interface ObjectStoreOptions {
  /** Source of uids. */
  readonly newUid?: () => string;
  /** Changes that are remembered for watches; older ones are compacted away. */
  readonly historyLimit?: number;
  /** Those of the last so many real ms are remembered, however many they are. */
  readonly historyMs?: number;
  /** The counter's first value; anything older is expired from the start. */
  readonly firstResourceVersion?: number;
}

interface Remembered {
  readonly change: Change;
  /** The object's state until then; undefined when it was created. */
  readonly before: KubeObject | undefined;
  readonly version: number;
  readonly at: number;
}

/** A store that can also take over what another API server recorded. */
export interface MemoryObjectStore extends ObjectStore {
  /** Takes a change over as it is: uid, resourceVersion, times and key order stay what they were. */
  readonly replay: (change: Change) => void;
  /** Raises the counter without any change, as a bookmark does. */
  readonly advanceTo: (resourceVersion: number) => void;
}

/** The pretend cluster's etcd in memory. Objects that it hands out are deeply frozen. */
export function createObjectStore(clock: SandboxClock, options: ObjectStoreOptions = {}): MemoryObjectStore {
  const { newUid = randomUUID, historyLimit = 20_000, historyMs = 0, firstResourceVersion = 1000 } = options;
  const shelves = createObjectShelves();
  const listeners = new Set<(change: Change) => void>();
  const unheard: Change[] = [];
  let history: Remembered[] = [];
  let version = firstResourceVersion;
  let compactedTo = firstResourceVersion;

  function record(type: Change['type'], resource: string, object: KubeObject): KubeObject {
    version += 1;
    object.metadata.resourceVersion = String(version);
    orderKeys(object);
    take({ type, resource, object });
    return object;
  }

  function take(change: Change): void {
    const { type, resource, object } = change;
    const before = shelves.get(resource, object.metadata.namespace, object.metadata.name);
    deepFreeze(object);
    if (type === 'DELETED') shelves.drop(resource, object);
    else shelves.put(resource, object);
    history.push({ change, before, version: Number(object.metadata.resourceVersion), at: clock.monotonic() });
    if (history.length > historyLimit * 1.25) forgetOldest();
    announce(change);
  }

  function forgetOldest(): void {
    const since = clock.monotonic() - historyMs;
    const young = history.findIndex(({ at }) => at > since);
    const few = history.length - historyLimit;
    for (const { version: forgotten } of history.splice(0, young < 0 ? few : Math.min(young, few)))
      compactedTo = Math.max(compactedTo, forgotten);
  }

  // A listener may write: its change waits until every listener has heard the one before it.
  function announce(change: Change): void {
    unheard.push(change);
    if (unheard.length > 1) return;
    for (let next = unheard[0]; next !== undefined; next = unheard[0]) {
      try {
        for (const listener of Array.from(listeners)) listener(next);
      } finally {
        unheard.shift();
      }
    }
  }

  function create(resource: string, object: NewObject): KubeObject {
    const { name, namespace } = object.metadata;
    if (shelves.get(resource, namespace, name) !== undefined) throw new Error(`${resource} "${name}" already exists`);
    const copy = copyOf(object);
    const created: KubeObject = {
      ...copy,
      metadata: {
        ...copy.metadata,
        uid: newUid(),
        resourceVersion: '',
        creationTimestamp: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
        ...(copy['spec'] === undefined || withoutGeneration.has(resource) ? {} : { generation: 1 }),
      },
    };
    return record('ADDED', resource, created);
  }

  function write(
    resource: string,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => void,
  ): KubeObject | undefined {
    const current = shelves.get(resource, namespace, name);
    if (current === undefined) return undefined;
    const draft = copyOf(current);
    change(draft);
    shareParts(current, draft);
    if (isDeepStrictEqual(draft, current)) return current;
    if (current.metadata.generation !== undefined && raisesGeneration(current, draft)) {
      draft.metadata.generation = current.metadata.generation + 1;
    }
    return record('MODIFIED', resource, draft);
  }

  function remove(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const current = shelves.get(resource, namespace, name);
    return current === undefined
      ? undefined
      : record('DELETED', resource, { ...current, metadata: { ...current.metadata } });
  }

  /** The list that was asked for last: its pages come one after the other. */
  let newestList: { readonly of: string; readonly objects: readonly KubeObject[] } | undefined;

  function listAt(resource: string, namespace: string | undefined, at: number): readonly KubeObject[] | undefined {
    if (at < compactedTo) return undefined;
    const of = `${resource} in ${namespace ?? ''} at ${at}`;
    if (newestList?.of === of) return newestList.objects;
    const objects = new Map(shelves.list(resource, namespace).map((object) => [objectKey(object), object]));
    for (const { change, before, version: its } of history.toReversed()) {
      if (its <= at || change.resource !== resource) continue;
      if (namespace !== undefined && change.object.metadata.namespace !== namespace) continue;
      if (before === undefined) objects.delete(objectKey(change.object));
      else objects.set(objectKey(before), before);
    }
    const listed = [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    newestList = { of, objects: listed };
    return listed;
  }

  return {
    resourceVersion: () => version,
    list: shelves.list,
    listAt,
    ownedBy: shelves.ownedBy,
    get: shelves.get,
    create,
    write,
    remove,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    since: (resourceVersion) =>
      resourceVersion < compactedTo
        ? undefined
        : history.flatMap(({ change, version: its }) => (its > resourceVersion ? [change] : [])),
    compact: () => {
      compactedTo = version;
      history = [];
    },
    replay: (change) => {
      version = Math.max(version, Number(change.object.metadata.resourceVersion));
      take(change);
    },
    advanceTo: (resourceVersion) => {
      version = Math.max(version, resourceVersion);
    },
  };
}

/** A graceful deletion counts as a change of the desired state, as on a real API server. */
function raisesGeneration(before: KubeObject, after: KubeObject): boolean {
  return (
    (before.metadata.deletionTimestamp === undefined) !== (after.metadata.deletionTimestamp === undefined) ||
    !isDeepStrictEqual(desired(before), desired(after))
  );
}

/** The binding to a node is the scheduler's word: it leaves a pod's generation as it is. */
function desired({ spec }: KubeObject): unknown {
  const { nodeName: _node, ...rest } = spec ?? {};
  return rest;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
