import { objectOf, parseJson, textOf } from '../objects/json-value.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';
import { answerMetrics, requireMetrics } from './answer-metrics.ts';
import type { ApiCall, ApiContext } from './api-call.ts';
import { createPod } from './create-pod.ts';
import { deletePodOf } from './delete-pod.ts';
import { forbiddenPath, notCovered, notFound } from './api-error.ts';
import { parseTarget, resolveResource } from './api-target.ts';
import type { ApiTarget } from './api-target.ts';
import { groupVersionOf, metricsGroup } from './coverage.ts';
import { answerPath } from './discovery.ts';
import { isTrue, readListOptions, readWatchOptions } from './list-options.ts';
import type { WatchOptions } from './list-options.ts';
import { listObjects } from './list-objects.ts';
import { patchObject } from './patch-object.ts';
import { readLogs } from './read-logs.ts';

/** What to send back; a watch is still to be opened. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: JsonObject }
  | { readonly kind: 'object'; readonly status: number; readonly object: KubeObject }
  | { readonly kind: 'text'; readonly status: number; readonly text: string }
  | { readonly kind: 'watch'; readonly status: number; readonly call: ApiCall; readonly options: WatchOptions };

export type RequestParts = Pick<ApiCall, 'user' | 'headers' | 'body' | 'query'> & {
  readonly method: string;
  readonly path: string;
};

/** Routes one authenticated request. Throws ApiError for every refusal. */
export function answerRequest(context: ApiContext, request: RequestParts): Answer {
  const { method, path, query, headers, body, user } = request;
  const target = parseTarget(method, path, isTrue(query.get('watch')));
  if (target === undefined) {
    if (!context.access.mayReadPath(user, path)) throw forbiddenPath(user.user, path);
    requireMetrics(context.metrics.state(), path);
    return { kind: 'json', status: 200, body: answerPath(path.replace(/\/$/, '')) };
  }
  context.access.require(user, target);
  requireMetrics(context.metrics.state(), path);
  const resource = resolveResource(target);
  return answerTarget({ context, user, resource, namespace: target.namespace, query, headers, body }, target);
}

function answerTarget(call: ApiCall, target: ApiTarget): Answer {
  const { context, resource, namespace, query } = call;
  const { name = '', subresource, verb } = target;
  switch (verb) {
    case 'get': {
      if (subresource === 'log') {
        const text = readLogs(call, name);
        return { kind: 'text', status: text === undefined ? 204 : 200, text: text ?? '' };
      }
      const object = context.store.get(resource.name, namespace, name);
      if (object === undefined) throw notFound(resource, name);
      return { kind: 'object', status: 200, object };
    }
    case 'list': {
      const options = readListOptions(query);
      const isMeasured = resource.group === metricsGroup;
      const body = isMeasured ? answerMetrics(call) : listObjects(context.store, resource, namespace, options);
      return { kind: 'json', status: 200, body };
    }
    case 'watch':
      return { kind: 'watch', status: 200, call, options: readWatchOptions(query) };
    case 'create':
      return resource.name === 'pods'
        ? { kind: 'object', status: 201, object: createPod(call) }
        : { kind: 'json', status: 201, body: reviewAccess(call) };
    case 'patch':
      return { kind: 'object', status: 200, object: patchObject(call, name, subresource) };
    case 'delete':
      return { kind: 'object', status: 200, object: deletePodOf(call, name) };
    case 'update':
    case 'deletecollection':
    case undefined:
      throw notCovered(`${verb ?? 'this method'} of ${resource.name}`);
  }
}

/** Answers SelfSubjectAccessReview; nothing is stored. */
function reviewAccess({ context, resource, user, body }: ApiCall): JsonObject {
  const spec = objectOf(objectOf(parseJson(body))['spec']);
  const attributes = objectOf(spec['resourceAttributes']);
  const text = (key: string): string | undefined => textOf(attributes[key]) || undefined;
  if (text('verb') === undefined) throw notCovered('a review without resourceAttributes');
  const status = context.access.decide(user, {
    verb: text('verb') ?? '',
    group: text('group') ?? '',
    resource: text('resource') ?? '',
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  });
  return { kind: resource.kind, apiVersion: groupVersionOf(resource), metadata: {}, spec, status };
}
