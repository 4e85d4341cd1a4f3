import { conflict, notFound } from '../server/api-error.ts';
import type { ApiCall } from '../server/api-call.ts';
import { coveredResources } from '../server/coverage.ts';
import { isObject, objectOf, textOf } from './json-value.ts';
import type { JsonObject, KubeObject } from './object-store.ts';
import { parseWriteOptions } from './write-options.ts';

/** Answers DELETE on an object: a pod as it is while it ends, anything else a Status, as it is gone at once. */
export function deleteObject(call: ApiCall, name: string): JsonObject {
  const { context, resource, namespace } = call;
  const { store } = context;
  const options = deleteOptions(call.body);
  const before = store.get(resource.name, namespace, name);
  if (before === undefined) throw notFound(resource, name);
  requirePreconditions(call, before, objectOf(options['preconditions']));
  const inBody = Array.isArray(options['dryRun']) && options['dryRun'].includes('All');
  const { dryRun } = parseWriteOptions('DeleteOptions', call.query, undefined);
  if (resource.name === 'pods') return deletePod(call, before, options, dryRun || inBody);
  if (!dryRun && !inBody) {
    if (resource.name === 'namespaces') return endNamespace(call, before);
    store.remove(resource.name, namespace, name);
  }
  if (resource.name === 'namespaces') return terminating(call, before);
  const { uid } = before.metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.name, uid },
  };
}

function deletePod(call: ApiCall, pod: KubeObject, options: JsonObject, dryRun: boolean): JsonObject {
  const { store, clock, timestamp } = call.context;
  const { name, namespace } = pod.metadata;
  const asked = call.query.get('gracePeriodSeconds') ?? options['gracePeriodSeconds'];
  const scheduled = textOf(pod.spec?.['nodeName']) !== undefined;
  const seconds = scheduled ? Number(asked ?? pod.spec?.['terminationGracePeriodSeconds'] ?? 30) : 0;
  const ending = {
    ...pod,
    metadata: {
      ...pod.metadata,
      deletionTimestamp: timestamp(clock.now() + seconds * 1000),
      deletionGracePeriodSeconds: seconds,
    },
  };
  if (dryRun) return ending;
  if (seconds === 0) {
    const last = store.write('pods', namespace, name, (draft) => Object.assign(draft.metadata, ending.metadata));
    store.remove('pods', namespace, name);
    return last ?? ending;
  }
  if (pod.metadata.deletionTimestamp !== undefined) return pod;
  return store.write('pods', namespace, name, (draft) => Object.assign(draft.metadata, ending.metadata)) ?? ending;
}

/** Long enough for a client to meet it, real namespaces take about as long; virtual ms. */
const namespaceEndsMs = 5000;

function terminating({ context }: ApiCall, namespace: KubeObject): KubeObject {
  const metadata = { ...namespace.metadata, deletionTimestamp: context.timestamp() };
  return { ...namespace, metadata, status: { phase: 'Terminating' } };
}

/** A namespace takes nothing new from now on, and goes with what was in it. */
function endNamespace(call: ApiCall, namespace: KubeObject): KubeObject {
  const { store, clock } = call.context;
  const { name } = namespace.metadata;
  const ending = store.write('namespaces', undefined, name, (draft) => Object.assign(draft, terminating(call, draft)));
  emptyNamespace(call, name);
  clock.after(namespaceEndsMs, () => {
    emptyNamespace(call, name);
    store.remove('namespaces', undefined, name);
  });
  return ending ?? namespace;
}

function emptyNamespace(call: ApiCall, namespace: string): void {
  for (const resource of coveredResources.filter((each) => each.namespaced)) {
    for (const object of call.context.store.list(resource.name, namespace)) {
      call.context.store.remove(resource.name, namespace, object.metadata.name);
    }
  }
}

/** Throws 409 where uid or resourceVersion are other ones. */
export function requirePreconditions(call: ApiCall, object: KubeObject, preconditions: JsonObject): void {
  const { resource } = call;
  const { name, uid, resourceVersion } = object.metadata;
  const wantedUid = textOf(preconditions['uid']);
  if (wantedUid !== undefined && wantedUid !== uid) {
    const why = `the UID in the precondition (${wantedUid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(resource.kind, resource.group, name, why);
  }
  const wantedVersion = textOf(preconditions['resourceVersion']);
  if (wantedVersion !== undefined && wantedVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${wantedVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(resource.kind, resource.group, name, why);
  }
}

function deleteOptions(body: string): JsonObject {
  try {
    const options: unknown = JSON.parse(body);
    return isObject(options) ? options : {};
  } catch {
    return {};
  }
}
