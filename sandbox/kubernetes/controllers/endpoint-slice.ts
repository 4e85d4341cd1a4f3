import { objectOf, objectsOf } from '../objects/json-value.ts';
import type { JsonObject, KubeObject, ObjectStore } from '../objects/object-store.ts';
import { isOver, isReady, isTerminating, ownedBy, type Reconcile } from './context.ts';
import { ownerReference, suffix } from './template.ts';

const managedBy = 'endpointslice-controller.k8s.io';
/** A slice of the real controller has room for as many; one is enough here. */
const mostEndpoints = 100;

/** One EndpointSlice of a Service: the pods that it selects and that have an address, whether or not they are ready. */
export const reconcileService: Reconcile = ({ store, random }, service) => {
  const { name, namespace } = service.metadata;
  const endpoints = store
    .list('pods', namespace)
    .filter((pod) => isSelected(service, pod) && !isOver(pod) && typeof pod.status?.['podIP'] === 'string')
    .slice(0, mostEndpoints)
    .map(endpointOf);
  const [slice] = ownedBy(store, 'endpointslices', service);
  if (slice !== undefined) {
    store.write('endpointslices', namespace, slice.metadata.name, (draft) => {
      draft['endpoints'] = endpoints;
    });
    return;
  }
  const generateName = `${name}-`;
  store.create('endpointslices', {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: {
      name: `${generateName}${suffix(random)}`,
      generateName,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { 'endpointslice.kubernetes.io/managed-by': managedBy, 'kubernetes.io/service-name': name },
      ownerReferences: [ownerReference(service)],
    },
    addressType: 'IPv4',
    endpoints,
    ports: objectsOf(service.spec?.['ports']).map(portOf),
  });
};

/** Names of the Services that select a pod. */
export function servicesOf(store: ObjectStore, pod: KubeObject): readonly string[] {
  return store
    .list('services', pod.metadata.namespace)
    .filter((service) => isSelected(service, pod))
    .map(({ metadata }) => metadata.name);
}

/** One without a selector selects nothing. */
function isSelected(service: KubeObject, pod: KubeObject): boolean {
  const selector = Object.entries(objectOf(service.spec?.['selector']));
  return selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function endpointOf(pod: KubeObject): JsonObject {
  const { name, namespace, uid } = pod.metadata;
  const terminating = isTerminating(pod);
  return {
    addresses: [pod.status?.['podIP']],
    conditions: { ready: isReady(pod) && !terminating, serving: isReady(pod), terminating },
    nodeName: pod.spec?.['nodeName'],
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function portOf({ name, port, targetPort, protocol = 'TCP' }: JsonObject): JsonObject {
  return { ...(name === undefined ? {} : { name }), port: targetPort ?? port, protocol };
}
