import type { KubeObject } from './object-store.ts';

/** Objects by resource, namespace, name and owner: whoever asks for some of them waits for no others. */
export interface ObjectShelves {
  readonly put: (resource: string, object: KubeObject) => void;
  readonly drop: (resource: string, object: KubeObject) => void;
  readonly get: (resource: string, namespace: string | undefined, name: string) => KubeObject | undefined;
  /** Sorted by namespace and name. */
  readonly list: (resource: string, namespace: string | undefined) => readonly KubeObject[];
  /** Those that name an owner with this uid, sorted by namespace and name. */
  readonly ownedBy: (resource: string, uid: string) => readonly KubeObject[];
}

/** Objects by key, sorted when somebody asks: what was added since then stands at the end of the keys. */
interface Shelf {
  readonly objects: Map<string, KubeObject>;
  keys: string[];
  isSorted: boolean;
}

function emptyShelf(): Shelf {
  return { objects: new Map(), keys: [], isSorted: true };
}

export function createObjectShelves(): ObjectShelves {
  /** By resource; by resource and namespace; by resource and owner. */
  const shelves = new Map<string, Shelf>();

  /** Every shelf on which an object stands. */
  function placesOf(resource: string, { metadata }: KubeObject): string[] {
    const owners = metadata.ownerReferences ?? [];
    return [
      resource,
      ...(metadata.namespace === undefined ? [] : [inNamespace(resource, metadata.namespace)]),
      ...owners.map(({ uid }) => ofOwner(resource, uid)),
    ];
  }

  function remove(place: string, key: string): void {
    const shelf = shelves.get(place);
    if (shelf?.objects.delete(key) !== true) return;
    if (shelf.objects.size === 0) shelves.delete(place);
    else {
      shelf.keys = [];
      shelf.isSorted = false;
    }
  }

  function add(place: string, key: string, object: KubeObject): void {
    const shelf = shelves.get(place) ?? emptyShelf();
    shelves.set(place, shelf);
    if (!shelf.objects.has(key) && (shelf.isSorted || shelf.keys.length > 0)) {
      shelf.keys.push(key);
      shelf.isSorted = false;
    }
    shelf.objects.set(key, object);
  }

  function standing(place: string): readonly KubeObject[] {
    const shelf = shelves.get(place);
    if (shelf === undefined) return [];
    if (!shelf.isSorted) {
      if (shelf.keys.length !== shelf.objects.size) shelf.keys = [...shelf.objects.keys()];
      shelf.keys.sort((a, b) => (a < b ? -1 : 1));
      shelf.isSorted = true;
    }
    return shelf.keys.flatMap((key) => shelf.objects.get(key) ?? []);
  }

  return {
    put: (resource, object) => {
      const key = objectKey(object);
      const before = shelves.get(resource)?.objects.get(key);
      const places = placesOf(resource, object);
      if (before !== undefined && before.metadata.ownerReferences !== object.metadata.ownerReferences)
        for (const place of placesOf(resource, before)) if (!places.includes(place)) remove(place, key);
      for (const place of places) add(place, key, object);
    },
    drop: (resource, object) => {
      const key = objectKey(object);
      const before = shelves.get(resource)?.objects.get(key) ?? object;
      for (const place of placesOf(resource, before)) remove(place, key);
    },
    get: (resource, namespace, name) => shelves.get(resource)?.objects.get(keyOf(namespace, name)),
    list: (resource, namespace) => standing(namespace === undefined ? resource : inNamespace(resource, namespace)),
    ownedBy: (resource, uid) => standing(ofOwner(resource, uid)),
  };
}

/** `NAMESPACE/NAME`; of an object without a namespace `/NAME`. */
export function objectKey({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace, metadata.name);
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function inNamespace(resource: string, namespace: string): string {
  return `${resource} in ${namespace}`;
}

function ofOwner(resource: string, uid: string): string {
  return `${resource} of ${uid}`;
}
