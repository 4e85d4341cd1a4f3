import { notCovered } from './api-error.ts';
import { coveredResources, groupVersionOf } from './coverage.ts';
import type { ApiResource, Verb } from './coverage.ts';

/** What a resource path and a method ask for, as authorization sees it, known to the simulator or not. */
export interface ApiTarget {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly verb: Verb | undefined;
}

const onObjects: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const onCollections: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' };

/** Reads a path below a group version; undefined for any other path (discovery, health, nonsense). */
export function parseTarget(method: string, path: string, watch: boolean): ApiTarget | undefined {
  const parts = path.replace(/\/$/, '').split('/').slice(1).map(decodeURIComponent);
  const root = parts.shift();
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : parts.shift();
  const version = parts.shift();
  if (group === undefined || version === undefined || parts.length === 0) return undefined;
  const namespace = parts[0] === 'namespaces' && parts.length > 2 ? parts[1] : undefined;
  const [resource = '', name, ...rest] = namespace === undefined ? parts : parts.slice(2);
  const subresource = rest.length === 0 ? undefined : rest.join('/');
  return { group, version, resource, name, subresource, namespace, verb: verbOf(method, name, subresource, watch) };
}

function verbOf(
  method: string,
  name: string | undefined,
  subresource: string | undefined,
  watch: boolean,
): Verb | undefined {
  if (name === undefined) return method === 'GET' && watch ? 'watch' : onCollections[method];
  return subresource !== undefined && method === 'POST' ? 'create' : onObjects[method];
}

/** The covered resource that a target means. Throws 501 for whatever is not in the coverage table. */
export function resolveResource(target: ApiTarget): ApiResource {
  const { verb = 'this method', subresource, name } = target;
  const groupVersion = groupVersionOf(target);
  const resource = coveredResources.find(
    (each) => each.name === target.resource && groupVersionOf(each) === groupVersion,
  );
  const verbs = subresource === undefined ? resource?.verbs : resource?.subresources[subresource];
  // Only a list or a watch of something in namespaces may leave out which one.
  const isPlaced = target.namespace !== undefined ? resource?.namespaced : name === undefined || !resource?.namespaced;
  if (resource !== undefined && isPlaced === true && verbs?.some((each) => each === verb) === true) return resource;
  const what = subresource === undefined ? target.resource : `${target.resource}/${subresource}`;
  throw notCovered(`${verb} of ${what} of ${groupVersion}`);
}
