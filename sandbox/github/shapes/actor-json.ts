import type { JsonObject } from '../../slack/json.ts';
import type { Actor } from '../github-state.ts';
import { nodeId } from './node-id.ts';

/** A user, a bot or an organisation, as it stands inside of everything else. */
export function actorJson(api: string, actor: Actor): JsonObject {
  const { id, login, type } = actor;
  return {
    login,
    id,
    node_id: nodeId('U', id),
    avatar_url: '',
    gravatar_id: '',
    url: `${api}/users/${encodeURIComponent(login)}`,
    html_url: `${api}/${encodeURIComponent(login)}`,
    type,
    site_admin: false,
  };
}
