import { isDeepStrictEqual } from 'node:util';

import { forbidden, forbiddenField, invalid, invalidField } from './api-error.ts';
import type { Cause } from './api-error.ts';
import type { ApiResource } from './coverage.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import { copyOf } from '../objects/object-copy.ts';
import type { JsonObject, KubeObject, ObjectStore } from '../objects/object-store.ts';
import { defaultRequests, memoryRequestOf, qosClassOf } from '../objects/pod-spec.ts';
import { bytesOf } from '../objects/quantity.ts';
import { validatePodSpec } from './validate-pod-spec.ts';

/**
 * What `pods/resize` makes of a patched pod, as recorded on 1.36: everything but resources is dropped silently, missing
 * requests are set to the limits, and then: containers may not come or go, the QoS class may not change (422 each), and
 * the request must fit on the node at all (403 NodeCapacity).
 */
export function admitResize(
  store: ObjectStore,
  resource: ApiResource,
  before: KubeObject,
  patched: KubeObject,
): KubeObject {
  const after = copyOf(before);
  const spec = after.spec ?? {};
  const wanted = patched.spec ?? {};
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
  defaultRequests(spec);

  refuse(validatePodSpec(spec, 'spec'));
  const qos = qosClassOf(before.spec ?? {});
  if (qosClassOf(spec) !== qos) {
    refuse([invalidField('spec', qos, 'Pod QOS Class may not change as a result of resizing')]);
  }
  checkNode(store, resource, after);
  return after;
}

function namesIn(containers: unknown): readonly unknown[] {
  return objectsOf(containers).map((container) => container['name']);
}

function takeResources(containers: readonly JsonObject[], wanted: readonly JsonObject[]): void {
  for (const [index, container] of containers.entries()) {
    const resources = wanted[index]?.['resources'];
    if (resources !== undefined) container['resources'] = copyOf(resources);
  }
}

function checkNode(store: ObjectStore, resource: ApiResource, pod: KubeObject): void {
  const nodeName = textOf(pod.spec?.['nodeName']);
  const node = nodeName === undefined ? undefined : store.get('nodes', undefined, nodeName);
  const allocatable = bytesOf(objectOf(node?.status?.['allocatable'])['memory']);
  const requested = memoryRequestOf(pod.spec ?? {});
  if (allocatable === undefined || requested <= allocatable) return;
  throw forbidden(
    resource,
    pod.metadata.name,
    `node didn't have enough allocatable resources: memory, requested: ${requested}, allocatable: ${allocatable}`,
    [{ reason: 'NodeCapacity' }],
  );
}
