import type { RequestLogEntry } from '../../sandbox/kubernetes/server/server-log.ts';
import type { World } from '../../sandbox/world.ts';

/** Requests that change something in the pretend cluster, whether or not they were granted. */
export function writesOf({ api }: World): readonly RequestLogEntry[] {
  return api
    .requestLog()
    .filter(
      ({ method, path, dryRun }) =>
        !['GET', 'HEAD', 'OPTIONS'].includes(method) && !dryRun && !path.startsWith('/apis/authorization.k8s.io/'),
    );
}

/** The workloads whose pods were resized, once for each write; a write of another kind as it is. */
export function resizedIn(world: World): readonly string[] {
  // A conflict changed nothing: somebody wrote the pod's status between a look and a write, and it was looked at again.
  return writesOf(world)
    .filter(({ status }) => status !== 409)
    .map(({ method, path, status }) => `${status} ${method} ${path.split('?')[0]}`)
    .map((write) => /^200 PATCH .*\/pods\/([a-z]+)-[^/]*\/resize$/.exec(write)?.[1] ?? write);
}
