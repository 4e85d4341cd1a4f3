import {
  badRequest,
  conflict,
  invalid,
  invalidField,
  notCovered,
  notFound,
  unreadableQuantity,
} from '../server/api-error.ts';
import type { ApiCall } from '../server/api-call.ts';
import { admitPodChange } from '../admission/admit-pod.ts';
import { admitResize } from '../admission/admit-resize.ts';
import { readBody } from './create-object.ts';
import { objectOf, textOf } from './json-value.ts';
import { trackManager } from './managed-fields.ts';
import { copyOf } from './object-copy.ts';
import { applyDefaults, leaveOutZeros, numberTemplate } from '../admission/object-defaults.ts';
import { orderKeys } from './object-order.ts';
import type { KubeObject } from './object-store.ts';
import { applyPatch } from './patch-object.ts';
import type { Patched } from './patch-object.ts';
import { canonicalizeQuantities, podSpecIn } from '../admission/pod-spec.ts';
import { quantityPattern } from '../admission/quantity.ts';
import { validateObject, validateUpdate } from '../admission/validate-object.ts';
import { parseWriteOptions } from './write-options.ts';

const staleVersion = 'the object has been modified; please apply your changes to the latest version and try again';

/** Answers PATCH on an object or on `pods/resize`: the object as stored, or as it would be with dryRun=All. */
export function patchObject(call: ApiCall, name: string, subresource: string | undefined): KubeObject {
  const { context, resource, namespace } = call;
  const contentType = call.headers['content-type'] ?? '';
  if (contentType.startsWith('application/apply-patch')) throw notCovered('server-side apply');
  const { dryRun, manager } = parseWriteOptions('PatchOptions', call.query, call.headers['user-agent']);
  const before = context.store.get(resource.name, namespace, name);
  if (before === undefined) throw notFound(resource, name);
  const patched = applyPatch(before, contentType, call.body);
  const wanted = readPatched(call, before, patched);
  const after =
    subresource === 'resize' ? admitResize(context.store, resource, before, wanted) : admitUpdate(call, before, wanted);
  if (subresource === 'resize') admitPodChange(context.store, before, after);
  trackManager(before, after, { manager, subresource, time: context.timestamp() });
  if (!dryRun) {
    return context.store.write(resource.name, namespace, name, (draft) => replace(draft, after)) ?? after;
  }
  orderKeys(after);
  return after;
}

/** Answers PUT on an object. Without a resourceVersion it overwrites whatever is there, as a real server lets it. */
export function replaceObject(call: ApiCall, name: string): KubeObject {
  const { context, resource, namespace } = call;
  const { dryRun, manager } = parseWriteOptions('UpdateOptions', call.query, call.headers['user-agent']);
  const body = readBody(call);
  const before = context.store.get(resource.name, namespace, name);
  if (before === undefined) throw notFound(resource, name);
  const { uid } = objectOf(body['metadata']);
  if (uid !== undefined && uid !== before.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${textOf(uid) ?? ''}, UID in object meta: ${before.metadata.uid}`;
    throw conflict(resource.name, resource.group, name, why);
  }
  applyDefaults(resource, body);
  const pod = podSpecIn(resource, body);
  if (pod !== undefined && !canonicalizeQuantities(pod.spec)) throw unreadableQuantity(resource);
  const after = admitUpdate(call, before, readPatched(call, before, { object: body, quoted: '' }));
  trackManager(before, after, { manager, subresource: undefined, time: context.timestamp() });
  if (!dryRun) {
    return context.store.write(resource.name, namespace, name, (draft) => replace(draft, after)) ?? after;
  }
  orderKeys(after);
  return after;
}

/** The patched object with everything that clients cannot set put back. Throws 400, 409, 422. */
function readPatched(call: ApiCall, before: KubeObject, patched: Patched): KubeObject {
  const { resource } = call;
  const wanted = objectOf(patched.object['metadata']);
  const { name, uid, resourceVersion } = before.metadata;
  if (wanted['name'] !== name) {
    throw badRequest(
      `the name of the object (${textOf(wanted['name']) ?? ''}) does not match the name on the URL (${name})`,
    );
  }
  const pod = podSpecIn(resource, patched.object);
  if (pod !== undefined && !canonicalizeQuantities(pod.spec)) {
    const why = `quantities must match the regular expression '${quantityPattern}'`;
    throw invalid('', '', '', [invalidField('patch', patched.quoted, why)]);
  }
  if (wanted['uid'] !== undefined && wanted['uid'] !== uid) {
    const cause = invalidField('metadata.uid', wanted['uid'], 'field is immutable');
    throw invalid(resource.kind, resource.group, name, [cause, cause]);
  }
  if (wanted['resourceVersion'] !== undefined && wanted['resourceVersion'] !== resourceVersion) {
    throw conflict(resource.name, resource.group, name, staleVersion);
  }
  const { labels: _labels, annotations: _annotations, ...system } = before.metadata;
  const free = ['labels', 'annotations', 'ownerReferences', 'finalizers'].filter((key) => wanted[key] !== undefined);
  return {
    ...patched.object,
    kind: before.kind,
    apiVersion: before.apiVersion,
    metadata: { ...system, ...Object.fromEntries(free.map((key) => [key, wanted[key]])) },
    ...(before.status === undefined ? {} : { status: before.status }),
  };
}

function admitUpdate(call: ApiCall, before: KubeObject, wanted: KubeObject): KubeObject {
  const { resource } = call;
  const after = copyOf(wanted);
  leaveOutZeros(resource, after);
  if (resource.name === 'daemonsets') numberTemplate(before, after);
  const causes = [...validateObject(resource, after), ...validateUpdate(resource, before, after)];
  if (causes.length > 0) throw invalid(resource.kind, resource.group, before.metadata.name, causes);
  return after;
}

function replace(draft: KubeObject, after: KubeObject): void {
  for (const key of Object.keys(draft)) if (!(key in after)) delete draft[key];
  Object.assign(draft, after);
}
