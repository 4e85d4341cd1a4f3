import {
  ApiError,
  badRequest,
  forbiddenField,
  invalid,
  invalidField,
  notAcceptable,
  notCovered,
  notFound,
  statusBody,
} from '../server/api-error.ts';
import type { Cause } from '../server/api-error.ts';
import type { ApiCall } from '../server/api-call.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import { isTrue } from '../objects/list-options.ts';
import type { KubeObject } from '../objects/object-store.ts';

export interface LogQuery {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly limitBytes?: number;
}

/** The kubelet, as far as logs go. An error's body is its message; the API server makes a Status of it. */
export interface LogSource {
  readonly logs: (query: LogQuery) => { readonly status: number; readonly contentType: string; readonly body: string };
}

/** Answers GET of `pods/log`: text, or undefined for the 204 of a pod that has no node yet. */
export function readLogs(call: ApiCall, podName: string): string | undefined {
  const { context, resource, namespace = '', query } = call;
  const numbers = readNumbers(podName, query);
  if (call.headers.accept?.startsWith('text/plain') === true) {
    throw notAcceptable(
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  }
  if (isTrue(query.get('follow'))) throw notCovered('follow of pods/log');
  if (isTrue(query.get('timestamps'))) throw notCovered('timestamps of pods/log');
  const pod = context.store.get('pods', namespace, podName);
  if (pod === undefined) throw notFound(resource, podName);
  const container = containerIn(pod, query.get('container') ?? undefined);
  if (textOf(pod.spec?.['nodeName']) === undefined) return undefined;
  const previous = isTrue(query.get('previous'));
  const answer = context.logs.logs({ namespace, pod: podName, container, previous, ...numbers });
  if (answer.status < 400) return answer.body;
  if (answer.contentType.startsWith('application/json')) {
    const status: unknown = JSON.parse(answer.body);
    throw new ApiError(answer.status, objectOf(status));
  }
  const reason = answer.status === 404 ? 'NotFound' : answer.status === 400 ? 'BadRequest' : 'InternalError';
  throw new ApiError(answer.status, statusBody({ code: answer.status, message: answer.body.trim(), reason }));
}

/** The named container, or the only one. */
function containerIn(pod: KubeObject, name: string | undefined): string {
  const named = (list: string): readonly string[] =>
    objectsOf(pod.spec?.[list]).flatMap((container) => textOf(container['name']) ?? []);
  const containers = named('containers');
  if (name === undefined) {
    const [only] = containers;
    if (only !== undefined && containers.length === 1) return only;
    const choice = `choose one of: [${containers.join(' ')}]`;
    const inits = named('initContainers');
    const orInit = inits.length === 0 ? '' : ` or one of the init containers: [${inits.join(' ')}]`;
    throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, ${choice}${orInit}`);
  }
  const all = [...containers, ...named('initContainers'), ...named('ephemeralContainers')];
  if (!all.includes(name)) throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
  return name;
}

const smallest = { tailLines: 0, sinceSeconds: 1, limitBytes: 1 } as const;
const words = ['must be greater than or equal to 0', 'must be greater than 0'];

function readNumbers(pod: string, query: URLSearchParams): Partial<Record<keyof typeof smallest, number>> {
  const causes: Cause[] = [];
  const numbers: Partial<Record<keyof typeof smallest, number>> = {};
  for (const key of ['tailLines', 'sinceSeconds', 'limitBytes'] as const) {
    const text = query.get(key) ?? '';
    if (text === '') continue;
    if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    numbers[key] = Number(text);
    if (Number(text) < smallest[key]) causes.push(invalidField(key, Number(text), words[smallest[key]] ?? ''));
  }
  if (query.has('sinceSeconds') && query.has('sinceTime')) {
    causes.push(forbiddenField('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  }
  if (query.has('stream')) causes.push(forbiddenField('stream', 'may not be specified'));
  if (causes.length > 0) throw invalid('PodLogOptions', '', pod, causes);
  if (query.has('sinceTime')) throw notCovered('sinceTime of pods/log');
  return numbers;
}
