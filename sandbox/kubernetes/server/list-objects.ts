import { badRequest, expired } from './api-error.ts';
import { groupVersionOf } from './coverage.ts';
import type { ApiResource } from './coverage.ts';
import type { ListOptions } from './list-options.ts';
import { objectOf, parseJson, textOf } from '../objects/json-value.ts';
import type { JsonObject, KubeObject, ObjectStore } from '../objects/object-store.ts';

const continueTooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

interface Position {
  /** -1 for "whatever is there now". */
  readonly resourceVersion: number;
  /** Key of the first object that is wanted. */
  readonly start: string;
}

/** Answers a list: one page at one consistent version, as the API server does. Throws 400 and 410. */
export function listObjects(
  store: ObjectStore,
  resource: ApiResource,
  namespace: string | undefined,
  options: ListOptions,
): JsonObject {
  const position = readToken(options.continueToken);
  const version = position.resourceVersion < 0 ? store.resourceVersion() : position.resourceVersion;
  const objects = store.listAt(resource.name, namespace, version);
  if (objects === undefined) throw expired(continueTooOld, encodeToken(-1, position.start));
  const wanted = objects.slice(firstFrom(objects, namespace, position.start)).filter(options.matches);
  const page = options.limit === undefined ? wanted : wanted.slice(0, options.limit);
  const last = page.at(-1);
  const rest = wanted.length - page.length;
  return {
    kind: `${resource.kind}List`,
    apiVersion: groupVersionOf(resource),
    metadata: {
      resourceVersion: String(version),
      ...(rest === 0 || last === undefined
        ? {}
        : {
            continue: encodeToken(version, `/${keyIn(namespace, last)}\0`),
            ...(options.selective ? {} : { remainingItemCount: rest }),
          }),
    },
    items: page.map(listItem),
  };
}

/** Items of a typed list carry neither kind nor apiVersion. */
function listItem(object: KubeObject): JsonObject {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

/** Index of the first object whose key is not below `start`; the objects are sorted by it. */
function firstFrom(objects: readonly KubeObject[], namespace: string | undefined, start: string): number {
  let low = 0;
  for (let high = objects.length; low < high;) {
    const middle = (low + high) >>> 1;
    const object = objects[middle];
    if (object !== undefined && keyIn(namespace, object) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyIn(namespace: string | undefined, object: KubeObject): string {
  const { name, namespace: own } = object.metadata;
  return namespace === undefined && own !== undefined ? `${own}/${name}` : name;
}

function readToken(text: string | undefined): Position {
  if (text === undefined) return { resourceVersion: -1, start: '' };
  const token = objectOf(parseJson(Buffer.from(text, 'base64url').toString('latin1')));
  const start = textOf(token['start']);
  const version = token['rv'];
  if (start === undefined || typeof version !== 'number') throw badRequest('invalid continue token');
  return { resourceVersion: version, start: start.replace(/^\//, '') };
}

function encodeToken(resourceVersion: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: resourceVersion, start })).toString('base64url');
}
