import { ApiError, notCovered, unknownPath, unknownResource } from './api-error.ts';
import { coveredResources, groupVersionOf, metricsGroup, uncoveredGroups } from './coverage.ts';
import type { JsonObject } from '../objects/object-store.ts';

const serverVersion: JsonObject = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-11-24T00:00:00Z',
  goVersion: 'go1.26.11',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** Answers the paths that are no resources: version, health, discovery of what is covered. Throws 404 or 501. */
export function answerPath(path: string, serverAddress: string, withMetrics: boolean): JsonObject | string {
  switch (path) {
    case '/version':
      return serverVersion;
    case '/healthz':
    case '/livez':
    case '/readyz':
      return 'ok';
    case '/api':
      return {
        kind: 'APIVersions',
        versions: ['v1'],
        serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
      };
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames(withMetrics).map(groupEntry) };
    default:
      return answerGroup(path);
  }
}

function answerGroup(path: string): JsonObject {
  const [, group, groupVersion = path === '/api/v1' ? 'v1' : undefined] =
    /^\/apis\/(?<group>[^/]+)(?:\/[^/]+)?$/.exec(path) ?? [];
  const wanted = groupVersion ?? path.replace('/apis/', '');
  const resources = coveredResources.filter((resource) => groupVersionOf(resource) === wanted);
  if (resources.length > 0) {
    const core = wanted === 'v1';
    return {
      kind: 'APIResourceList',
      ...(core ? {} : { apiVersion: 'v1' }),
      groupVersion: wanted,
      resources: resources.flatMap(resourceEntries),
    };
  }
  if (group === undefined) throw path.startsWith('/openapi') || path === '/metrics' ? notCovered(path) : unknownPath();
  if (groupNames(true).includes(group)) {
    if (path === `/apis/${group}`) return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
    throw unknownResource();
  }
  throw uncoveredGroups.has(group) ? notCovered(`the group ${group}`) : unknownPath();
}

function groupNames(withMetrics: boolean): readonly string[] {
  const groups = [...new Set(coveredResources.map((resource) => resource.group))];
  return groups.filter((group) => group !== '' && (withMetrics || group !== metricsGroup));
}

function groupEntry(group: string): JsonObject {
  const version = coveredResources.find((resource) => resource.group === group)?.version ?? 'v1';
  const entry = { groupVersion: `${group}/${version}`, version };
  return { name: group, versions: [entry], preferredVersion: entry };
}

function resourceEntries(resource: (typeof coveredResources)[number]): readonly JsonObject[] {
  const { name, singular, namespaced, kind, verbs, subresources } = resource;
  return [
    { name, singularName: singular, namespaced, kind, verbs: verbs.toSorted() },
    ...Object.entries(subresources).map(([sub, subVerbs]) => ({
      name: `${name}/${sub}`,
      singularName: '',
      namespaced,
      kind,
      verbs: subVerbs.toSorted(),
    })),
  ];
}

/** True for a refusal that has to be seen in the log: somebody needs what the simulator lacks. */
export function isNotCovered(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 501;
}
