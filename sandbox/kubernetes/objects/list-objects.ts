import { badRequest, expired, versionTooLarge } from '../server/api-error.ts';
import { groupVersionOf } from '../server/coverage.ts';
import type { ApiResource } from '../server/coverage.ts';
import { isObject, textOf } from './json-value.ts';
import type { ListOptions } from './list-options.ts';
import type { ObjectHistory } from './object-history.ts';
import type { JsonObject, KubeObject, ObjectStore } from './object-store.ts';

const continueTooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

interface Position {
  /** -1 for "whatever is there now". */
  readonly resourceVersion: number;
  /** Key of the first object that is wanted. */
  readonly start: string;
}

/** Answers a list: one page at one consistent version, as the API server does. Throws 400, 410, 504. */
export function listObjects(
  store: ObjectStore,
  history: ObjectHistory,
  resource: ApiResource,
  namespace: string | undefined,
  options: ListOptions,
): JsonObject {
  const current = store.resourceVersion();
  if (options.resourceVersion !== undefined && options.resourceVersion > current) {
    throw versionTooLarge(String(options.resourceVersion), current);
  }
  const position = positionIn(options);
  const version = listVersion(options, position, current);
  const objects = version === current ? store.list(resource.name, namespace) : listAt(version, position);
  const wanted = objects.slice(firstFrom(objects, namespace, position.start)).filter(options.matches);
  const limit = options.resourceVersion === 0 ? undefined : options.limit;
  const page = limit === undefined ? wanted : wanted.slice(0, limit);
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

  function listAt(at: number, from: Position): readonly KubeObject[] {
    const then = history.listAt(resource.name, namespace, at);
    if (then !== undefined) return then;
    if (options.continueToken === undefined) throw expired('The resourceVersion for the provided list is too old.');
    throw expired(continueTooOld, encodeToken(-1, from.start));
  }
}

function listVersion(options: ListOptions, position: Position, current: number): number {
  if (options.continueToken !== undefined) return position.resourceVersion < 0 ? current : position.resourceVersion;
  return options.match === 'Exact' ? (options.resourceVersion ?? current) : current;
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

function positionIn(options: ListOptions): Position {
  if (options.continueToken === undefined) return { resourceVersion: -1, start: '' };
  if (options.resourceVersion !== undefined && options.resourceVersion !== 0) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const text = Buffer.from(options.continueToken, 'base64url').toString('latin1');
  const token = parse(text);
  const start = textOf(token['start']);
  const version = token['rv'];
  if (start === undefined || typeof version !== 'number') throw brokenToken(text);
  return { resourceVersion: version, start: start.replace(/^\//, '') };
}

function parse(text: string): JsonObject {
  try {
    const token: unknown = JSON.parse(text);
    if (isObject(token)) return token;
  } catch {
    throw brokenToken(text);
  }
  throw brokenToken(text);
}

function brokenToken(text: string): Error {
  return badRequest(
    `invalid continue token: continue key is not valid: invalid character '${text.slice(0, 1)}' looking for beginning of value`,
  );
}

function encodeToken(resourceVersion: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: resourceVersion, start })).toString('base64url');
}
