import { conflict, notFound } from './api-error.ts';
import type { ApiCall } from './api-call.ts';
import { coveredResources } from './coverage.ts';
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
  checkPreconditions(call, before, objectOf(options['preconditions']));
  const inBody = Array.isArray(options['dryRun']) && options['dryRun'].includes('All');
  const { dryRun } = parseWriteOptions('DeleteOptions', call.query, undefined);
  if (resource.name === 'pods') return deletePod(call, before, options, dryRun || inBody);
  if (!dryRun && !inBody) {
    if (resource.name === 'namespaces') emptyNamespace(call, name);
    store.remove(resource.name, namespace, name);
  }
  if (resource.name === 'namespaces') return { ...before, status: { phase: 'Terminating' } };
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
    store.remove('pods', namespace, name);
    return ending;
  }
  if (pod.metadata.deletionTimestamp !== undefined) return pod;
  return store.write('pods', namespace, name, (draft) => Object.assign(draft.metadata, ending.metadata)) ?? ending;
}

function emptyNamespace(call: ApiCall, namespace: string): void {
  for (const resource of coveredResources.filter((each) => each.namespaced)) {
    for (const object of call.context.store.list(resource.name, namespace)) {
      call.context.store.remove(resource.name, namespace, object.metadata.name);
    }
  }
}

function checkPreconditions(call: ApiCall, object: KubeObject, preconditions: JsonObject): void {
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
