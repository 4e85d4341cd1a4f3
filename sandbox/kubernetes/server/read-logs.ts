import type { ApiCall } from './api-call.ts';
import { ApiError, badRequest, notCovered, notFound } from './api-error.ts';
import { isTrue, numberIn } from './list-options.ts';
import { objectsOf, textOf } from '../objects/json-value.ts';
import type { KubeObject } from '../objects/object-store.ts';

/** Answers GET of `pods/log`: text, or undefined for the 204 of a pod that has no node yet. Throws 400, 404, 501. */
export function readLogs(call: ApiCall, podName: string): string | undefined {
  const { context, resource, namespace = '', query } = call;
  for (const key of ['follow', 'timestamps', 'sinceSeconds', 'sinceTime', 'stream']) {
    if (query.has(key)) throw notCovered(`${key} of pods/log`);
  }
  const pod = context.store.get('pods', namespace, podName);
  if (pod === undefined) throw notFound(resource, podName);
  const container = containerIn(pod, query.get('container'));
  if (textOf(pod.spec?.['nodeName']) === undefined) return undefined;
  const [tailLines, limitBytes] = [numberIn(query, 'tailLines'), numberIn(query, 'limitBytes')];
  const { status, body } = context.logs.logs({
    namespace,
    pod: podName,
    container,
    previous: isTrue(query.get('previous')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  });
  if (status === 400) throw badRequest(body.trim());
  if (status > 400) throw new ApiError(status, body);
  return body;
}

/** The named container, or the only one. */
function containerIn({ metadata, spec }: KubeObject, wanted: string | null): string {
  const names = [spec?.['containers'], spec?.['initContainers']].flatMap(objectsOf).map(({ name }) => name);
  const [first] = names;
  if (wanted === null && typeof first === 'string' && names.length === 1) return first;
  if (wanted === null) throw notCovered('pods/log without a container');
  if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  return wanted;
}
