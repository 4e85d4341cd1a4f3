import { methodNotAllowed, notCovered, unknownPath, unknownResource } from './api-error.ts';
import { coveredResources, groupVersionOf, realSubresources, uncoveredGroups, uncoveredResources } from './coverage.ts';
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

/** Subresources of a namespace; any other third part is a resource within it. */
const namespaceParts = new Set(['status', 'finalize']);
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
  let namespace: string | undefined;
  if (parts[0] === 'namespaces' && parts.length > 2 && !namespaceParts.has(parts[2] ?? '')) {
    namespace = parts[1];
    parts.splice(0, 2);
  }
  const [resource = '', name, subresource, ...rest] = parts;
  const nested = rest.length === 0 ? subresource : [subresource, ...rest].join('/');
  return { group, version, resource, name, subresource: nested, namespace, verb: verbOf(method, name, nested, watch) };
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

/** The covered resource that a target means. Throws 404, 405 or 501 as a real server or the coverage table says. */
export function resolveResource(target: ApiTarget): ApiResource {
  const groupVersion = groupVersionOf(target);
  const inGroup = coveredResources.filter((resource) => groupVersionOf(resource) === groupVersion);
  if (inGroup.length === 0) {
    throw uncoveredGroups.has(target.group) ? notCovered(`the group ${groupVersion}`) : unknownPath();
  }
  const resource = inGroup.find((candidate) => candidate.name === target.resource);
  if (resource === undefined) {
    const elsewhere = uncoveredResources[groupVersion]?.includes(target.resource) === true;
    throw elsewhere ? notCovered(`the resource ${target.resource} of ${groupVersion}`) : unknownResource();
  }
  if (!resource.namespaced && target.namespace !== undefined) throw unknownResource();
  if (target.verb === undefined) throw methodNotAllowed();
  const { subresource } = target;
  const verbs = subresource === undefined ? resource.verbs : resource.subresources[subresource];
  const what = subresource === undefined ? resource.name : `${resource.name}/${subresource}`;
  if (verbs === undefined) {
    const isReal = realSubresources.has(subresource?.split('/')[0] ?? '');
    throw isReal ? notCovered(`the subresource ${what}`) : unknownResource();
  }
  if (verbs.includes(target.verb)) {
    if (subresource === undefined && resource.namespaced && target.namespace === undefined) {
      if (target.verb !== 'list' && target.verb !== 'watch') throw methodNotAllowed();
    }
    return resource;
  }
  if (subresource === 'log') throw methodNotAllowed();
  throw notCovered(`${target.verb} of ${what}`);
}
