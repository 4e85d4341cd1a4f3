import { isObject } from './json-value.ts';
import type { JsonObject, KubeObject } from './object-store.ts';

/** A deep copy of JSON that may be changed: a part that stood in two places stands in each by itself. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => copyOf(part));
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copyOf(value[key]);
  return copy;
}

/**
 * Puts the parts of the object before into the one after, in place, wherever they are equal: most of what is kept of an
 * object's past is then kept once. The object itself and its metadata stay its own.
 */
export function shareParts(before: KubeObject, after: KubeObject): void {
  shareIn(before.metadata, after.metadata);
  for (const key of Object.keys(after)) if (key !== 'metadata') after[key] = shared(before[key], after[key]);
}

function shareIn(before: Record<string, unknown>, after: Record<string, unknown>): void {
  for (const key of Object.keys(after)) after[key] = shared(before[key], after[key]);
}

/** The part before where it is equal, in the same order of keys; else the part after, with what is equal below it. */
function shared(before: unknown, after: unknown): unknown {
  if (before === after || Object.isFrozen(after)) return after;
  if (Array.isArray(before) && Array.isArray(after)) {
    let isSame = before.length === after.length;
    for (const [at, part] of after.entries()) {
      after[at] = shared(before[at], part);
      isSame &&= after[at] === before[at];
    }
    return isSame ? before : after;
  }
  if (!isObject(before) || !isObject(after)) return after;
  const keys = Object.keys(after);
  const keysBefore = Object.keys(before);
  let isSame = keys.length === keysBefore.length;
  for (const [at, key] of keys.entries()) {
    after[key] = shared(before[key], after[key]);
    isSame &&= key === keysBefore[at] && after[key] === before[key];
  }
  return isSame ? before : after;
}

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
