import { isObject, printLikeGo } from './json-value.ts';
import type { JsonObject } from './object-store.ts';

/** Merge keys of the API's list fields; a list that is not here is replaced as a whole. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  conditions: 'type',
  ownerReferences: 'uid',
  ports: 'containerPort',
};
const unions = new Set(['finalizers']);

/** The key by which items of a list field are told apart, for merging and for managedFields. */
export function mergeKeyOf(field: string, items: readonly unknown[]): string | undefined {
  if (field === 'ports' && items.some((item) => isObject(item) && item['port'] !== undefined)) return 'port';
  return mergeKeys[field];
}

/** Kubernetes' strategic merge patch, in place. Returns the API server's sentence when a merge key is missing. */
export function applyStrategicMerge(target: JsonObject, patch: JsonObject): JsonObject | string {
  if (patch['$patch'] === 'delete') return {};
  if (patch['$patch'] === 'replace') return without(patch, '$patch');
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    const before = target[key];
    if (value === null) {
      delete target[key];
    } else if (isObject(value)) {
      const merged = applyStrategicMerge(isObject(before) ? before : {}, value);
      if (typeof merged === 'string') return merged;
      target[key] = merged;
    } else if (Array.isArray(value)) {
      const merged = mergeLists(key, Array.isArray(before) ? before : [], value);
      if (typeof merged === 'string') return merged;
      target[key] = merged;
    } else {
      target[key] = value;
    }
  }
  return target;
}

function mergeLists(field: string, before: readonly unknown[], patch: readonly unknown[]): unknown[] | string {
  if (unions.has(field)) return [...new Set([...before, ...patch])];
  const key = mergeKeyOf(field, [...before, ...patch]);
  if (key === undefined) return [...patch];
  const items = [...before];
  const added: unknown[] = [];
  let replace = false;
  for (const change of patch) {
    if (!isObject(change)) continue;
    const id = change[key];
    if (id === undefined) {
      if (change['$patch'] !== 'replace')
        return `map: ${printLikeGo(change)} does not contain declared merge key: ${key}`;
      replace = true;
      continue;
    }
    const at = items.findIndex((item) => isObject(item) && item[key] === id);
    if (change['$patch'] === 'delete') {
      if (at >= 0) items.splice(at, 1);
      continue;
    }
    const present = items[at];
    const merged = applyStrategicMerge(isObject(present) && !replace ? present : {}, change);
    if (typeof merged === 'string') return merged;
    if (at >= 0) items[at] = merged;
    else added.push(merged);
  }
  // What is new goes first: the API server keeps the patch's order ahead of the items that the patch does not name.
  return replace ? added : [...added, ...items];
}

function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _dropped, ...rest } = object;
  return rest;
}
