import type { ApiCall } from './api-call.ts';
import { admitNewPod } from './admit-pod.ts';
import { alreadyExists, invalid, notCovered, notFound, required } from './api-error.ts';
import { coveredResources } from './coverage.ts';
import { isObject, objectOf, objectsOf, parseJson, textOf } from '../objects/json-value.ts';
import { trackManager } from '../objects/managed-fields.ts';
import { withDefaults } from '../objects/object-defaults.ts';
import type { KubeObject, NewObject } from '../objects/object-store.ts';
import { canonicalizeQuantities } from '../objects/pod-spec.ts';
import { copyOf } from '../objects/object-copy.ts';
import { validatePodSpec } from './validate-pod-spec.ts';

/** Answers POST on pods: the pod as stored. Throws as a real API server does for what is wrong with it or its place. */
export function createPod(call: ApiCall): KubeObject {
  const { context, resource, namespace, query, headers } = call;
  const { store } = context;
  const wanted = readPod(call);
  const { name } = wanted.metadata;
  const spaces = coveredResources.find((each) => each.name === 'namespaces');
  const space = store.get('namespaces', undefined, namespace ?? '');
  if (spaces !== undefined && space === undefined) throw notFound(spaces, namespace ?? '');
  const spec = objectOf(wanted['spec']);
  const causes = [
    ...(objectsOf(spec['containers']).length === 0 ? [required('spec.containers')] : []),
    ...validatePodSpec(spec, 'spec'),
  ];
  if (causes.length > 0) throw invalid(resource.kind, resource.group, name, causes);
  const pod = withDefaults('pods', { ...wanted, metadata: { ...wanted.metadata, namespace: namespace ?? '' } });
  admitNewPod(store, resource, pod, space?.metadata.labels ?? {});
  if (store.get('pods', namespace, name) !== undefined) throw alreadyExists(resource, name);
  const manager = query.get('fieldManager') ?? (headers['user-agent']?.split('/')[0]?.trim() || 'unknown');
  const managed: KubeObject = {
    ...pod,
    metadata: { ...pod.metadata, uid: '', resourceVersion: '', creationTimestamp: '' },
  };
  trackManager(undefined, managed, { manager, subresource: undefined, time: context.timestamp() });
  return store.create('pods', managed);
}

/** What was sent, with everything that only the server sets left out. */
function readPod({ body, query, namespace }: ApiCall): NewObject {
  const sent = parseJson(body);
  // What is left out is what the path says.
  const { kind = 'Pod', apiVersion = 'v1' } = objectOf(sent);
  if (!isObject(sent) || kind !== 'Pod' || apiVersion !== 'v1') throw notCovered('a body that is no Pod');
  if (query.has('dryRun')) throw notCovered('a dry run of a new pod');
  const metadata = objectOf(sent['metadata']);
  const name = textOf(metadata['name']);
  if (name === undefined || metadata['generateName'] !== undefined) throw notCovered('a pod without a name of its own');
  if ((textOf(metadata['namespace']) ?? namespace) !== namespace) throw notCovered('a pod of another namespace');
  const free = ['labels', 'annotations'].filter((key) => metadata[key] !== undefined);
  const spec = copyOf(objectOf(sent['spec']));
  if (!canonicalizeQuantities(spec)) throw notCovered('quantities that are none');
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, ...Object.fromEntries(free.map((key) => [key, copyOf(metadata[key])])) },
    spec,
  };
}
