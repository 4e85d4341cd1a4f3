import type { ApiResource } from '../server/coverage.ts';
import { isObject, objectOf, objectsOf } from '../objects/json-value.ts';
import type { JsonObject } from '../objects/object-store.ts';
import { formatQuantity, parseQuantity, unitsOf } from './quantity.ts';

const templatePaths: Readonly<Record<string, readonly string[]>> = {
  pods: [],
  cronjobs: ['spec', 'jobTemplate', 'spec', 'template'],
};
const withTemplate = new Set(['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs']);

/** The pod spec within an object (its own or its template's) and its path, or undefined when the kind has none. */
export function podSpecIn(
  resource: ApiResource,
  object: JsonObject,
): { readonly spec: JsonObject; readonly path: string } | undefined {
  if (resource.name !== 'pods' && !withTemplate.has(resource.name)) return undefined;
  const path = [...(templatePaths[resource.name] ?? ['spec', 'template']), 'spec'];
  let value: unknown = object;
  for (const key of path) value = objectOf(value)[key];
  return isObject(value) ? { spec: value, path: path.join('.') } : undefined;
}

function containersIn(spec: JsonObject): readonly JsonObject[] {
  return [spec['containers'], spec['initContainers'], spec['ephemeralContainers']].flatMap(objectsOf);
}

/** Every map of quantities in a pod spec. */
function quantityMaps(spec: JsonObject): readonly JsonObject[] {
  const resources = [spec, ...containersIn(spec)].map((holder) => objectOf(holder['resources']));
  return [...resources.flatMap((each) => [each['limits'], each['requests']]), spec['overhead']].filter(isObject);
}

/** Rewrites all quantities as the API server stores them, empty maps left out. False when one of them is none. */
export function canonicalizeQuantities(spec: JsonObject): boolean {
  for (const resources of [spec, ...containersIn(spec)].map((holder) => objectOf(holder['resources']))) {
    for (const what of ['limits', 'requests']) {
      if (Object.keys(objectOf(resources[what])).length === 0) delete resources[what];
    }
  }
  const emptyDirs = objectsOf(spec['volumes'])
    .map((volume) => objectOf(volume['emptyDir']))
    .filter((emptyDir) => emptyDir['sizeLimit'] !== undefined);
  for (const [map, keys] of [
    ...quantityMaps(spec).map((each): [JsonObject, string[]] => [each, Object.keys(each)]),
    ...emptyDirs.map((each): [JsonObject, string[]] => [each, ['sizeLimit']]),
  ]) {
    for (const key of keys) {
      const quantity = parseQuantity(map[key]);
      if (quantity === undefined) return false;
      map[key] = formatQuantity(quantity);
    }
  }
  return true;
}

/** A pod's requests default to its limits (not a template's: that happens when the pod is made). */
export function defaultRequests(spec: JsonObject): void {
  for (const container of [spec['containers'], spec['initContainers']].flatMap(objectsOf)) {
    const resources = objectOf(container['resources']);
    const limits = objectOf(resources['limits']);
    const missing = Object.entries(limits).filter(([name]) => objectOf(resources['requests'])[name] === undefined);
    if (missing.length > 0)
      resources['requests'] = { ...objectOf(resources['requests']), ...Object.fromEntries(missing) };
  }
}

/** QoS class by the rules of the API server, for CPU and memory. */
export function qosClassOf(spec: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const podLevel = isObject(spec['resources']) && Object.keys(spec['resources']).length > 0;
  const holders = podLevel ? [spec] : [spec['containers'], spec['initContainers']].flatMap(objectsOf);
  const all = holders.map((holder) => objectOf(holder['resources']));
  const some = all.some((resources) =>
    ['cpu', 'memory'].some(
      (name) => amount(resources, 'requests', name) > 0n || amount(resources, 'limits', name) > 0n,
    ),
  );
  if (!some) return 'BestEffort';
  const guaranteed = all.every((resources) =>
    ['cpu', 'memory'].every((name) => {
      const limit = nanosIn(resources, 'limits', name);
      return limit !== undefined && limit > 0n && limit === (nanosIn(resources, 'requests', name) ?? limit);
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function nanosIn(resources: JsonObject, what: 'limits' | 'requests', name: string): bigint | undefined {
  return parseQuantity(objectOf(resources[what])[name])?.nano;
}

function amount(resources: JsonObject, what: 'limits' | 'requests', name: string): bigint {
  return nanosIn(resources, what, name) ?? 0n;
}

/** Memory that the scheduler counts for a pod, bytes: its pod-level request, else the containers' sum. */
export function memoryRequestOf(spec: JsonObject): bigint {
  const podLevel = unitsOf(objectOf(objectOf(spec['resources'])['requests'])['memory']);
  if (podLevel !== undefined) return podLevel;
  const requests = (container: JsonObject): bigint =>
    unitsOf(objectOf(objectOf(container['resources'])['requests'])['memory']) ?? 0n;
  const sidecars = objectsOf(spec['initContainers']).filter((each) => each['restartPolicy'] === 'Always');
  return [...objectsOf(spec['containers']), ...sidecars].reduce((sum, container) => sum + requests(container), 0n);
}
