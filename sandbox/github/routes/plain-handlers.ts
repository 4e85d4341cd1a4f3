import { ApiError } from '../api-error.ts';
import { type Answer, type Call, created, objectIn, ok, textsIn } from '../call.ts';
import type { PlainOperationId } from '../coverage.ts';
import { repositoryNamed } from '../github-state.ts';
import { narrowed } from '../permissions.ts';
import { actorJson } from '../shapes/actor-json.ts';
import { nodeId, timeText } from '../shapes/node-id.ts';
import { repositoryJson } from '../shapes/repository-json.ts';

export const plainHandlers: Readonly<Record<PlainOperationId, (call: Call) => Answer>> = {
  'rate-limit/get': ({ caller, limits }) => {
    const { limit, resetAt, used } = limits.look(caller.key);
    const core = { limit, used, remaining: limit - used, reset: Math.ceil(resetAt / 1000) };
    return ok({ resources: { core }, rate: core });
  },
  'users/get-authenticated': ({ api, caller }) => {
    if (caller.kind !== 'person') throw notForThem(caller.kind);
    return ok({ ...actorJson(api, caller.actor), name: caller.actor.login, email: null });
  },
  'apps/get-authenticated': ({ accounts, api, caller, html, state }) => {
    needApp(caller.kind);
    const { app } = accounts;
    const at = timeText(state.clock.now());
    return ok({
      id: app.id,
      slug: app.slug,
      client_id: app.clientId,
      node_id: nodeId('A', app.id),
      owner: actorJson(api, { ...state.actor(app.slug), type: 'Organization' }),
      name: 'Oomkeeper',
      description: null,
      external_url: html,
      html_url: `${html}/apps/${app.slug}`,
      created_at: at,
      updated_at: at,
      permissions: app.permissions,
      events: ['pull_request', 'push'],
    });
  },
  'apps/create-installation-access-token': (call) => {
    const { accounts, body, caller, state } = call;
    needApp(caller.kind);
    const installation = Number(call.parameter('installation_id'));
    const owner = accounts.ownerOf(installation);
    const own = [...state.repositories.values()].filter(
      (one) => one.owner.login.toLowerCase() === owner && one.installed,
    );
    if (owner === undefined || own.length === 0) throw new ApiError(404, 'Not Found');
    const permissions =
      body['permissions'] === undefined
        ? accounts.app.permissions
        : narrowed(accounts.app.permissions, objectIn(body, 'permissions') ?? {});
    if (permissions === undefined) {
      throw new ApiError(422, 'The permissions requested are not granted to this installation.');
    }
    const names = textsIn(body, 'repositories').map((name) => repositoryNamed(state, `${owner}/${name}`));
    const ids = idsIn(body['repository_ids']).map((id) => own.find((one) => one.id === id));
    const wanted = [...names, ...ids].map((one) => {
      if (one !== undefined && own.includes(one)) return one;
      const message =
        'There is at least one repository that does not exist or is not accessible to the parent installation.';
      throw new ApiError(422, message);
    });
    const isWhole = wanted.length === 0;
    const { expiresAt, token } = accounts.issue(installation, permissions, isWhole ? null : wanted);
    return created({
      token,
      expires_at: timeText(expiresAt),
      permissions,
      repository_selection: isWhole ? 'all' : 'selected',
      ...(isWhole ? {} : { repositories: wanted.map((one) => repositoryJson(call, one)) }),
    });
  },
};

function idsIn(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === 'number') : [];
}

/** What only the app itself may ask, with the token that it signs. */
export function needApp(kind: Call['caller']['kind']): void {
  if (kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded');
}

function notForThem(kind: Call['caller']['kind']): ApiError {
  return kind === 'anonymous'
    ? new ApiError(401, 'Requires authentication')
    : new ApiError(403, 'Resource not accessible by integration');
}
