import { admitResize } from './admit-resize.ts';
import type { ApiCall } from './api-call.ts';
import { conflict, invalid, invalidField, notCovered, notFound } from './api-error.ts';
import { applyPatch } from './apply-patch.ts';
import { validatePodSpec } from './validate-pod-spec.ts';
import { objectOf } from '../objects/json-value.ts';
import { trackManager } from '../objects/managed-fields.ts';
import { copyOf } from '../objects/object-copy.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';
import { canonicalizeQuantities, podSpecIn } from '../objects/pod-spec.ts';

const staleVersion = 'the object has been modified; please apply your changes to the latest version and try again';

/** Answers PATCH on an object or on `pods/resize`: the object as stored, or as it would be with dryRun=All. */
export function patchObject(call: ApiCall, name: string, subresource: string | undefined): KubeObject {
  const { context, resource, namespace, query, headers } = call;
  const before = context.store.get(resource.name, namespace, name);
  if (before === undefined) throw notFound(resource, name);
  const wanted = readPatched(call, before, applyPatch(before, headers['content-type'] ?? '', call.body));
  const after =
    subresource === 'resize' ? admitResize(context.store, resource, before, wanted) : admitTemplate(call, wanted);
  const agent = headers['user-agent']?.split('/')[0]?.trim() ?? '';
  const manager = query.get('fieldManager') ?? (agent || 'unknown');
  trackManager(before, after, { manager, subresource, time: context.timestamp() });
  if (query.get('dryRun') === 'All') return after;
  return context.store.write(resource.name, namespace, name, (draft) => replace(draft, after)) ?? after;
}

/** The patched object with everything that clients cannot set put back. Throws 409, 422. */
function readPatched({ resource }: ApiCall, before: KubeObject, patched: JsonObject): KubeObject {
  const wanted = objectOf(patched['metadata']);
  const { name, uid, resourceVersion } = before.metadata;
  const pod = podSpecIn(resource.name, patched);
  if (pod !== undefined && !canonicalizeQuantities(pod.spec)) throw notCovered('quantities that are none');
  if (wanted['uid'] !== undefined && wanted['uid'] !== uid) {
    const cause = invalidField('metadata.uid', wanted['uid'], 'field is immutable');
    throw invalid(resource.kind, resource.group, name, [cause, cause]);
  }
  if (wanted['resourceVersion'] !== undefined && wanted['resourceVersion'] !== resourceVersion) {
    throw conflict(resource, name, staleVersion);
  }
  const { labels: _labels, annotations: _annotations, ...system } = before.metadata;
  const free = ['labels', 'annotations', 'ownerReferences', 'finalizers'].filter((key) => wanted[key] !== undefined);
  return {
    ...patched,
    kind: before.kind,
    apiVersion: before.apiVersion,
    metadata: { ...system, ...Object.fromEntries(free.map((key) => [key, wanted[key]])) },
    ...(before.status === undefined ? {} : { status: before.status }),
  };
}

function admitTemplate({ resource }: ApiCall, wanted: KubeObject): KubeObject {
  const pod = podSpecIn(resource.name, wanted);
  const causes = pod === undefined ? [] : validatePodSpec(pod.spec, pod.path);
  if (causes.length > 0) throw invalid(resource.kind, resource.group, wanted.metadata.name, causes);
  return copyOf(wanted);
}

function replace(draft: KubeObject, after: KubeObject): void {
  for (const key of Object.keys(draft)) if (!(key in after)) delete draft[key];
  Object.assign(draft, after);
}
