import { answerMetrics, requireMetrics } from '../cluster/answer-metrics.ts';
import type { ApiCall, ApiContext } from './api-call.ts';
import { forbiddenPath, methodNotAllowed, notAcceptable, notCovered, notFound } from './api-error.ts';
import { parseTarget, resolveResource } from './api-target.ts';
import type { ApiTarget } from './api-target.ts';
import { metricsGroup } from './coverage.ts';
import { createObject } from '../objects/create-object.ts';
import { deleteObject } from '../objects/delete-object.ts';
import { answerPath } from './discovery.ts';
import { evictPod } from '../kubelet/evict-pod.ts';
import { isTrue, parseListOptions } from '../objects/list-options.ts';
import type { ListOptions } from '../objects/list-options.ts';
import { listObjects } from '../objects/list-objects.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';
import { readLogs } from '../kubelet/pod-logs.ts';
import { reviewAccess } from '../access/review-access.ts';
import { reviewRules } from '../access/review-rules.ts';
import { patchObject, replaceObject } from '../objects/update-object.ts';
import type { User } from '../access/access.ts';

/** What to send back; a watch is still to be opened. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: JsonObject }
  | { readonly kind: 'object'; readonly status: number; readonly object: KubeObject }
  | { readonly kind: 'text'; readonly status: number; readonly text: string; readonly contentType: string }
  | { readonly kind: 'empty'; readonly status: number }
  | { readonly kind: 'watch'; readonly call: ApiCall; readonly options: ListOptions };

export type RequestParts = Pick<ApiCall, 'headers' | 'body' | 'query'> & {
  readonly method: string;
  readonly path: string;
  readonly user: User;
  readonly serverAddress: string;
};

/** Routes one authenticated request. Throws ApiError for every refusal. */
export function answerRequest(context: ApiContext, request: RequestParts): Answer {
  const { method, path, query, headers, body, user } = request;
  const target = parseTarget(method, path, isTrue(query.get('watch')));
  if (target === undefined) {
    if (!context.access.mayReadPath(user, path).allowed) throw forbiddenPath(user.name, path);
    if (method !== 'GET') throw methodNotAllowed();
    requireMetrics(context.metrics.state(), path);
    const withMetrics = context.metrics.state() !== 'absent';
    const answer = answerPath(path === '/' ? path : path.replace(/\/$/, ''), request.serverAddress, withMetrics);
    return typeof answer === 'string'
      ? { kind: 'text', status: 200, text: answer, contentType: 'text/plain; charset=utf-8' }
      : { kind: 'json', status: 200, body: answer };
  }
  if (headers['impersonate-user'] !== undefined) throw notCovered('impersonation');
  context.access.require(user, target);
  requireMetrics(context.metrics.state(), path);
  const resource = resolveResource(target);
  checkAccept(headers.accept);
  return answerTarget({ context, user, resource, namespace: target.namespace, query, headers, body }, target);
}

function answerTarget(call: ApiCall, target: ApiTarget): Answer {
  const { context, resource, namespace } = call;
  const { name = '', subresource } = target;
  if (resource.group === metricsGroup) {
    return { kind: 'json', status: 200, body: answerMetrics(call, target.name) };
  }
  switch (target.verb) {
    case 'get': {
      if (subresource === 'log') {
        const text = readLogs(call, name);
        return text === undefined
          ? { kind: 'empty', status: 204 }
          : { kind: 'text', status: 200, text, contentType: 'text/plain' };
      }
      const object = context.store.get(resource.name, namespace, name);
      if (object === undefined) throw notFound(resource, name);
      return { kind: 'object', status: 200, object };
    }
    case 'list': {
      const options = parseListOptions(resource, call.query, false);
      return {
        kind: 'json',
        status: 200,
        body: listObjects(context.store, context.history, resource, namespace, options),
      };
    }
    case 'watch':
      return { kind: 'watch', call, options: parseListOptions(resource, call.query, true) };
    case 'create':
      if (resource.name === 'selfsubjectrulesreviews') return { kind: 'json', status: 201, body: reviewRules(call) };
      if (subresource === 'eviction') return { kind: 'json', status: 201, body: evictPod(call, name) };
      return resource.group === 'authorization.k8s.io'
        ? { kind: 'json', status: 201, body: reviewAccess(call) }
        : { kind: 'object', status: 201, object: createObject(call) };
    case 'patch':
      return { kind: 'object', status: 200, object: patchObject(call, name, subresource) };
    case 'delete':
      return { kind: 'json', status: 200, body: deleteObject(call, name) };
    case 'update':
      return { kind: 'object', status: 200, object: replaceObject(call, name) };
    case 'deletecollection':
    case undefined:
      throw notCovered(`${target.verb ?? 'this method'} of ${resource.name}`);
  }
}

function checkAccept(accept: string | undefined): void {
  if (accept === undefined) return;
  const types = accept.split(',').map((type) => type.trim());
  if (types.some((type) => /^(?:application\/json|\*\/\*|application\/\*)(?:;(?!.*\bas=).*)?$/.test(type))) return;
  if (types.some((type) => /^application\/(?:json;|yaml|vnd\.kubernetes\.protobuf)/.test(type))) {
    throw notCovered(`the representation ${accept}`);
  }
  if (types.some((type) => type.startsWith('text/plain'))) return;
  throw notAcceptable(
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    {},
  );
}
