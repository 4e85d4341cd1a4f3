import { badRequest, internalError, notFound, tooManyRequests } from '../server/api-error.ts';
import type { ApiCall } from '../server/api-call.ts';
import { deleteObject, requirePreconditions } from '../objects/delete-object.ts';
import { budgetsOf, stateOf } from '../admission/follow-budgets.ts';
import { isObject, objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';
import { parseWriteOptions } from '../objects/write-options.ts';

/**
 * Answers POST on `pods/eviction`: a deletion that the pod's disruption budget must allow. A dry run is refused as the
 * real thing. Throws 400, 404, 409, 429.
 */
export function evictPod(call: ApiCall, name: string): JsonObject {
  const { context, resource, namespace } = call;
  const { store } = context;
  const eviction = readEviction(call);
  if (textOf(objectOf(eviction['metadata'])['name']) !== name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const pod = store.get('pods', namespace, name);
  if (pod === undefined) throw notFound(resource, name);
  const options = objectOf(eviction['deleteOptions']);
  requirePreconditions(call, pod, objectOf(options['preconditions']));
  if (needsBudget(pod)) checkBudget(call, pod);
  const inBody = Array.isArray(options['dryRun']) && options['dryRun'].includes('All');
  const dryRun = parseWriteOptions('CreateOptions', call.query, undefined).dryRun || inBody;
  if (!dryRun) {
    markDisrupted(call, pod);
    deleteObject({ ...call, body: JSON.stringify(options) }, name);
  }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

/** NOTE: the old policy/v1beta1 is still decoded, as recorded. */
function readEviction(call: ApiCall): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(call.body);
  } catch {
    body = undefined;
  }
  if (!isObject(body)) throw badRequest('the object provided is unrecognized (must be of type Eviction)');
  const kind = textOf(body['kind']) ?? 'Eviction';
  if (kind === 'Eviction') return body;
  const [version = '', group = ''] = (textOf(body['apiVersion']) ?? 'policy/v1').split('/').toReversed();
  const from = [group, version].filter((part) => part !== '').join('/');
  throw badRequest(
    `${kind} in version "${from}" cannot be handled as a Eviction: converting (${from}.${kind}) to (policy.Eviction): unknown conversion`,
  );
}

/** What does not run, or is already ending, disrupts nobody. */
function needsBudget({ metadata, status }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined && status?.['phase'] === 'Running';
}

function checkBudget({ context: { store } }: ApiCall, pod: KubeObject): void {
  const [budget, ...more] = budgetsOf(store, pod);
  if (budget === undefined) return;
  if (more.length > 0) {
    throw internalError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const { allowed, desired, healthy } = stateOf(store, budget);
  if (allowed > 0) return;
  throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
    reason: 'DisruptionBudget',
    message: `The disruption budget ${budget.metadata.name} needs ${desired} healthy pods and has ${healthy} currently`,
  });
}

function markDisrupted({ context }: ApiCall, { metadata }: KubeObject): void {
  context.store.write('pods', metadata.namespace, metadata.name, (draft) => {
    const conditions = objectsOf(draft.status?.['conditions']).filter(({ type }) => type !== 'DisruptionTarget');
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: context.timestamp(),
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    draft.status = { ...draft.status, conditions: [...conditions, condition] };
  });
}
