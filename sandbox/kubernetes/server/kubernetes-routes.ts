import type { Route } from '../../http-router.ts';
import type { ApiServer } from './api-server.ts';
import { isObject } from '../objects/json-value.ts';
import { metricsStates } from './answer-metrics.ts';
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
        const path = isObject(body) && typeof body['path'] === 'string' ? { path: body['path'] } : {};
        return { json: { ok: true, id: api.faults.inject({ kind, ...count, ...path }) } };
      },
    },
    {
      method: 'POST',
      path: '/kubernetes/metrics',
      handle: async ({ body }) => {
        const state = metricsStates.find((one) => isObject(body) && body['state'] === one);
        if (state === undefined)
          return { status: 400, json: { ok: false, error: 'unknown_state', states: metricsStates } };
        api.setMetrics(state);
        return { json: { ok: true } };
      },
    },
  ];
}
