import {
  alreadyExists,
  badRequest,
  forbiddenInEndingNamespace,
  internalError,
  invalid,
  notCovered,
  notFound,
  unreadableQuantity,
  unsupportedBody,
} from '../server/api-error.ts';
import { admitPod, defaultByLimitRanges } from '../admission/admit-pod.ts';
import type { ApiCall } from '../server/api-call.ts';
import { coveredResources, groupVersionOf } from '../server/coverage.ts';
import { isObject, objectOf, textOf } from './json-value.ts';
import { trackManager } from './managed-fields.ts';
import { applyDefaults, claimJobPods, leaveOutZeros, numberTemplate } from '../admission/object-defaults.ts';
import { withoutGeneration } from './memory-object-store.ts';
import { orderKeys } from './object-order.ts';
import type { JsonObject, KubeObject } from './object-store.ts';
import { canonicalizeQuantities, podSpecIn } from '../admission/pod-spec.ts';
import { checkBounds } from '../admission/check-bounds.ts';
import { readEventTimes, validateEvent } from '../admission/validate-event.ts';
import { validateObject } from '../admission/validate-object.ts';
import { parseWriteOptions } from './write-options.ts';

/** Answers POST on a collection: the object as stored, or as it would be with dryRun=All. */
export function createObject(call: ApiCall): KubeObject {
  const { context, resource, namespace } = call;
  const { dryRun, manager } = parseWriteOptions('CreateOptions', call.query, call.headers['user-agent']);
  const body = readBody(call);
  const metadata = objectOf(body['metadata']);
  const inBody = textOf(metadata['namespace']);
  if (resource.namespaced && inBody !== undefined && inBody !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (namespace !== undefined && namespace !== 'default') {
    const owner = coveredResources.find((each) => each.name === 'namespaces');
    const home = context.store.get('namespaces', undefined, namespace);
    if (home === undefined && owner !== undefined) throw notFound(owner, namespace);
    if (home?.metadata.deletionTimestamp !== undefined) {
      throw forbiddenInEndingNamespace(resource, textOf(metadata['name']), namespace);
    }
  }
  if (resource.name === 'events') readEventTimes(body);
  const object = newObject(call, body, metadata);
  applyDefaults(resource, object);
  leaveOutZeros(resource, object);
  if (resource.name === 'daemonsets') numberTemplate(undefined, object);
  if (resource.name === 'jobs' && object.spec?.['selector'] === undefined) claimJobPods(object);
  const pod = podSpecIn(resource, object);
  if (pod !== undefined && !canonicalizeQuantities(pod.spec)) throw unreadableQuantity(resource);
  checkBounds(resource, object);
  if (resource.name === 'pods') defaultByLimitRanges(context.store, object);
  const { name } = object.metadata;
  const causes = [
    ...validateObject(resource, object),
    ...(resource.name === 'events' ? validateEvent(object, namespace ?? '') : []),
  ];
  if (causes.length > 0) throw invalid(resource.kind, resource.group, name, causes);
  if (resource.name === 'pods') admitPod(context.store, object);
  if (context.store.get(resource.name, namespace, name) !== undefined) throw alreadyExists(resource, name);
  trackManager(undefined, object, { manager, subresource: undefined, time: object.metadata.creationTimestamp });
  if (!dryRun && textOf(metadata['resourceVersion']) !== undefined) {
    throw internalError('resourceVersion should not be set on objects to be created');
  }
  if (!dryRun) return context.store.create(resource.name, object);
  orderKeys(object);
  const { resourceVersion: _none, ...unversioned } = object.metadata;
  return { ...object, metadata: { ...unversioned, resourceVersion: '' } };
}

/** The body of a POST as an object of the resource's kind. Throws 400, 415 or 501. */
export function readBody(call: ApiCall): JsonObject {
  const { resource } = call;
  const type = call.headers['content-type']?.split(';')[0]?.trim() ?? 'application/json';
  if (type === 'application/yaml') throw notCovered('YAML bodies');
  if (type !== 'application/json') throw unsupportedBody();
  const body = parse(call.body);
  if (!isObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (${call.body})`,
    );
  }
  const kind = textOf(body['kind']) ?? resource.kind;
  if (kind !== resource.kind) {
    throw badRequest(
      `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: converting (${resource.version}.${kind}) to (${resource.group === '' ? 'core' : resource.group}.${resource.kind}): unknown conversion`,
    );
  }
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function newObject(call: ApiCall, body: JsonObject, metadata: JsonObject): KubeObject {
  const { context, resource, namespace } = call;
  const generateName = textOf(metadata['generateName']);
  const name = textOf(metadata['name']) ?? (generateName === undefined ? '' : generateName + context.nameSuffix());
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  const labels =
    resource.name === 'namespaces'
      ? { labels: { 'kubernetes.io/metadata.name': name, ...objectOf(kept['labels']) } }
      : {};
  return {
    ...body,
    kind: resource.kind,
    apiVersion: groupVersionOf(resource),
    metadata: {
      ...kept,
      ...labels,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: context.newUid(),
      resourceVersion: '',
      ...(isObject(body['spec']) && !withoutGeneration.has(resource.name) ? { generation: 1 } : {}),
      creationTimestamp: context.timestamp(),
    },
  };
}
