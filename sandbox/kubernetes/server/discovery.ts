import { notCovered } from './api-error.ts';
import { coveredResources, groupVersionOf } from './coverage.ts';
import type { ApiResource } from './coverage.ts';
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

/** Answers the paths that are no resources: the version, and what is covered of a group version. Throws 501. */
export function answerPath(path: string): JsonObject {
  if (path === '/version') return serverVersion;
  const groupVersion = /^\/(?:api|apis)\/(?<wanted>.+)$/.exec(path)?.groups?.['wanted'];
  const resources = coveredResources.filter((resource) => groupVersionOf(resource) === groupVersion);
  if (resources.length === 0) throw notCovered(path);
  return {
    kind: 'APIResourceList',
    ...(groupVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: resources.flatMap(resourceEntries),
  };
}

function resourceEntries({ name, namespaced, kind, verbs, subresources }: ApiResource): readonly JsonObject[] {
  return [
    { name, singularName: kind.toLowerCase(), namespaced, kind, verbs: verbs.toSorted() },
    ...Object.entries(subresources).map(([sub, subVerbs]) => ({
      name: `${name}/${sub}`,
      singularName: '',
      namespaced,
      kind,
      verbs: subVerbs.toSorted(),
    })),
  ];
}
