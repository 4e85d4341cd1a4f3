import type { Route } from '../http-router.ts';
import type { ApiServer } from './api-server.ts';
import { isObject } from './json-value.ts';
import { faultKinds } from './server-faults.ts';

/** The Kubernetes part of the control API: what was asked of the API server, and its faults. */
export function kubernetesRoutes(api: ApiServer): readonly Route[] {
  return [
    { method: 'GET', path: '/kubernetes/log', handle: async () => ({ ndjson: api.requestLog() }) },
    { method: 'GET', path: '/kubernetes/watch-log', handle: async () => ({ ndjson: api.watchLog() }) },
    {
      method: 'POST',
      path: '/kubernetes/faults',
      handle: async ({ body }) => {
        const kind = faultKinds.find((one) => isObject(body) && body['kind'] === one);
        if (kind === undefined) return { status: 400, json: { ok: false, error: 'unknown_kind', kinds: faultKinds } };
        const count = isObject(body) && typeof body['count'] === 'number' ? { count: body['count'] } : {};
        return { json: { ok: true, id: api.faults.inject({ kind, ...count }) } };
      },
    },
  ];
}
