import { isObject } from './json-value.ts';
import type { JsonObject } from './object-store.ts';

/** Merge keys of the API's list fields; a list that is not here is replaced as a whole. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  conditions: 'type',
  ownerReferences: 'uid',
  ports: 'containerPort',
};

/** The key by which items of a list field are told apart, for merging and for managedFields. */
export function mergeKeyOf(field: string): string | undefined {
  return mergeKeys[field];
}

/**
 * Kubernetes' strategic merge patch, in place, as far as Oomkeeper writes one: values, objects, items by their merge key,
 * `null` for a field that goes and `$patch: delete` for an item that goes. Undefined for a patch with more (another
 * `$patch`, an item without its key).
 */
export function applyStrategicMerge(target: JsonObject, patch: JsonObject): JsonObject | undefined {
  for (const [key, value] of Object.entries(patch)) {
    const before = target[key];
    if (key.startsWith('$')) return undefined;
    if (value === null) {
      delete target[key];
      continue;
    }
    const merged = isObject(value)
      ? applyStrategicMerge(isObject(before) ? before : {}, value)
      : Array.isArray(value)
        ? mergeLists(key, Array.isArray(before) ? before : [], value)
        : value;
    if (merged === undefined) return undefined;
    target[key] = merged;
  }
  return target;
}

function mergeLists(field: string, before: readonly unknown[], patch: readonly unknown[]): unknown[] | undefined {
  const key = mergeKeyOf(field);
  if (key === undefined) return [...patch];
  const items = [...before];
  const added: unknown[] = [];
  for (const change of patch) {
    if (!isObject(change) || change[key] === undefined) return undefined;
    const at = items.findIndex((item) => isObject(item) && item[key] === change[key]);
    const present = items[at];
    if (change['$patch'] === 'delete') {
      if (at >= 0) items.splice(at, 1);
      continue;
    }
    const merged = applyStrategicMerge(isObject(present) ? present : {}, change);
    if (merged === undefined) return undefined;
    if (at >= 0) items[at] = merged;
    else added.push(merged);
  }
  // What is new goes first: the API server keeps the patch's order ahead of the items that the patch does not name.
  return [...added, ...items];
}
