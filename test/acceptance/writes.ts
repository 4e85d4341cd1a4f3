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
