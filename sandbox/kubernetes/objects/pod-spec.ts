import { isObject, objectOf, objectsOf } from './json-value.ts';
import type { JsonObject } from './object-store.ts';
import { bytesOf, formatQuantity, parseQuantity } from './quantity.ts';

const templatePaths: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec'],
  cronjobs: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};
const inTemplate = ['spec', 'template', 'spec'];
const withTemplate = new Set(['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs']);

/** The pod spec within an object (its own or its template's) and its path, or undefined when the kind has none. */
export function podSpecIn(
  resource: string,
  object: JsonObject,
): { readonly spec: JsonObject; readonly path: string } | undefined {
  if (resource !== 'pods' && !withTemplate.has(resource)) return undefined;
  const path = templatePaths[resource] ?? inTemplate;
  let value: unknown = object;
  for (const key of path) value = objectOf(value)[key];
  return isObject(value) ? { spec: value, path: path.join('.') } : undefined;
}

function containersIn(spec: JsonObject): readonly JsonObject[] {
  return [spec['containers'], spec['initContainers']].flatMap(objectsOf);
}

/** Rewrites requests and limits as the API server stores them, empty maps left out. False when one is no quantity. */
export function canonicalizeQuantities(spec: JsonObject): boolean {
  for (const resources of [spec, ...containersIn(spec)].map((holder) => objectOf(holder['resources']))) {
    for (const what of ['limits', 'requests']) {
      const amounts = objectOf(resources[what]);
      if (Object.keys(amounts).length === 0) delete resources[what];
      for (const name of Object.keys(amounts)) {
        const quantity = parseQuantity(amounts[name]);
        if (quantity === undefined) return false;
        amounts[name] = formatQuantity(quantity);
      }
    }
  }
  return true;
}

/** A pod's requests default to its limits (not a template's: that happens when the pod is made). */
export function defaultRequests(spec: JsonObject): void {
  for (const container of containersIn(spec)) {
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
  const all = (podLevel ? [spec] : containersIn(spec)).map((holder) => objectOf(holder['resources']));
  const nanos = (resources: JsonObject, what: 'limits' | 'requests', name: string): bigint | undefined =>
    parseQuantity(objectOf(resources[what])[name])?.nano;
  const says = (resources: JsonObject, name: string): boolean =>
    (nanos(resources, 'requests', name) ?? 0n) > 0n || (nanos(resources, 'limits', name) ?? 0n) > 0n;
  if (!all.some((resources) => ['cpu', 'memory'].some((name) => says(resources, name)))) return 'BestEffort';
  const isGuaranteed = all.every((resources) =>
    ['cpu', 'memory'].every((name) => {
      const limit = nanos(resources, 'limits', name);
      return limit !== undefined && limit > 0n && limit === (nanos(resources, 'requests', name) ?? limit);
    }),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** Memory that the scheduler counts for a pod, bytes: its pod-level request, else the containers' sum. */
export function memoryRequestOf(spec: JsonObject): number {
  const request = (holder: JsonObject): number | undefined =>
    bytesOf(objectOf(objectOf(holder['resources'])['requests'])['memory']);
  const sidecars = objectsOf(spec['initContainers']).filter((each) => each['restartPolicy'] === 'Always');
  const sum = [...objectsOf(spec['containers']), ...sidecars].reduce((all, each) => all + (request(each) ?? 0), 0);
  return request(spec) ?? sum;
}
