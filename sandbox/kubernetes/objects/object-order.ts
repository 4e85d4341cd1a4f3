import type { JsonObject, KubeObject } from './object-store.ts';

const objectKeys = ['kind', 'apiVersion', 'metadata', 'spec', 'status'];
const metadataKeys = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

/** Puts the keys of an object and of its metadata into the order of the API server's Go structs, in place. */
export function orderKeys(object: KubeObject): void {
  reorder(object.metadata, metadataKeys);
  reorder(object, objectKeys);
}

function reorder(object: JsonObject, first: readonly string[]): void {
  const keys = Object.keys(object);
  const ordered = [...first.filter((key) => key in object), ...keys.filter((key) => !first.includes(key))];
  // Objects whose keys were deleted once are slow and large from then on.
  if (ordered.every((key, at) => key === keys[at] && object[key] !== undefined)) return;
  for (const key of ordered) {
    const value = object[key];
    delete object[key];
    if (value !== undefined) object[key] = value;
  }
}
