import { isDeepStrictEqual } from 'node:util';

import { forbidden, forbiddenField, invalid, invalidField } from '../server/api-error.ts';
import type { Cause } from '../server/api-error.ts';
import type { ApiResource } from '../server/coverage.ts';
import { isObject, objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import { copyOf } from '../objects/object-copy.ts';
import type { JsonObject, KubeObject, ObjectStore } from '../objects/object-store.ts';
import { defaultRequests, memoryRequestOf, qosClassOf } from './pod-spec.ts';
import { unitsOf } from './quantity.ts';
import { validatePodSpec } from './validate-object.ts';

/**
 * What `pods/resize` makes of a patched pod, as recorded on 1.36: everything but resources is dropped silently, missing
 * requests are set to the limits, and then: containers may not come or go, limits may not go, the QoS class may not
 * change, only CPU and memory may (422 each), and the request must fit on the node at all (403 NodeCapacity).
 */
export function admitResize(
  store: ObjectStore,
  resource: ApiResource,
  before: KubeObject,
  patched: KubeObject,
): KubeObject {
  const after = copyOf(before);
  const spec = after.spec ?? {};
  const wanted = copyOf(patched.spec ?? {});
  const refuse = (causes: readonly Cause[]): void => {
    if (causes.length > 0) throw invalid('Pod', '', before.metadata.name, causes);
  };
  const lists = ['containers', 'initContainers'] as const;
  if (lists.some((list) => !isDeepStrictEqual(namesIn(spec[list]), namesIn(wanted[list])))) {
    refuse([
      ...validatePodSpec(wanted, 'spec'),
      forbiddenField('spec.containers', 'containers may not be added or removed on resize'),
    ]);
  }
  for (const list of lists) takeResources(objectsOf(spec[list]), objectsOf(wanted[list]));
  if (isObject(wanted['resources'])) spec['resources'] = wanted['resources'];
  defaultRequests(spec);

  refuse(validatePodSpec(spec, 'spec'));
  const removed = lists.flatMap((list) => removedCauses(before.spec?.[list], spec[list], `spec.${list}`));
  refuse(removed);
  const qos = qosClassOf(before.spec ?? {});
  if (qosClassOf(spec) !== qos) {
    refuse([invalidField('spec', qos, 'Pod QOS Class may not change as a result of resizing')]);
  }
  if (lists.some((list) => !isDeepStrictEqual(fixedIn(before.spec?.[list]), fixedIn(spec[list])))) {
    refuse([forbiddenField('spec', 'only cpu and memory resources are mutable')]);
  }
  checkNode(store, resource, after);
  return after;
}

function namesIn(containers: unknown): readonly unknown[] {
  return objectsOf(containers).map((container) => container['name']);
}

function takeResources(containers: readonly JsonObject[], wanted: readonly JsonObject[]): void {
  for (const [index, container] of containers.entries()) {
    const source = wanted[index] ?? {};
    for (const key of ['resources', 'resizePolicy']) {
      if (source[key] !== undefined) container[key] = source[key];
    }
  }
}

/** What a resize has to leave alone in containers: their resize policy and all but CPU and memory. */
function fixedIn(containers: unknown): readonly JsonObject[] {
  const others = (amounts: unknown): readonly unknown[] =>
    Object.entries(objectOf(amounts)).filter(([name]) => name !== 'cpu' && name !== 'memory');
  return objectsOf(containers).map((container) => {
    const resources = objectOf(container['resources']);
    return {
      policy: container['resizePolicy'],
      limits: others(resources['limits']),
      requests: others(resources['requests']),
    };
  });
}

function removedCauses(before: unknown, after: unknown, path: string): readonly Cause[] {
  const now = objectsOf(after);
  return objectsOf(before).flatMap((container, index) => {
    const field = `${path}[${index}].resources`;
    const lost = (what: 'limits' | 'requests'): boolean => {
      const left = objectOf(objectOf(now[index]?.['resources'])[what]);
      return Object.keys(objectOf(objectOf(container['resources'])[what])).some((name) => left[name] === undefined);
    };
    return (['limits', 'requests'] as const)
      .filter(lost)
      .map((what) => forbiddenField(`${field}.${what}`, `resource ${what} cannot be removed`));
  });
}

function checkNode(store: ObjectStore, resource: ApiResource, pod: KubeObject): void {
  const nodeName = textOf(pod.spec?.['nodeName']);
  const node = nodeName === undefined ? undefined : store.get('nodes', undefined, nodeName);
  const allocatable = unitsOf(objectOf(node?.status?.['allocatable'])['memory']);
  const requested = memoryRequestOf(pod.spec ?? {});
  if (allocatable === undefined || requested <= allocatable) return;
  throw forbidden(
    resource,
    pod.metadata.name,
    `node didn't have enough allocatable resources: memory, requested: ${requested}, allocatable: ${allocatable}`,
    { causes: [{ reason: 'NodeCapacity' }] },
  );
}
