import type { JsonObject } from '../../slack/json.ts';
import type { Permissions } from '../permissions.ts';
import type { Repository } from '../github-state.ts';
import { actorJson } from './actor-json.ts';
import { nodeId, timeText } from './node-id.ts';

export interface Bases {
  readonly api: string;
  readonly html: string;
}

/** A repository; with `permissions` as `GET /repos/…` shows it to whoever asks. */
export function repositoryJson({ api, html }: Bases, repository: Repository, permissions?: Permissions): JsonObject {
  const { fullName, id } = repository;
  const mayPush = permissions?.contents === 'write';
  return {
    id,
    node_id: nodeId('R', id),
    name: repository.name,
    full_name: fullName,
    private: true,
    visibility: 'private',
    owner: actorJson(api, repository.owner),
    html_url: `${html}/${fullName}`,
    description: null,
    fork: false,
    url: `${api}/repos/${fullName}`,
    created_at: timeText(repository.createdAt),
    updated_at: timeText(repository.pushedAt),
    pushed_at: timeText(repository.pushedAt),
    default_branch: repository.defaultBranch,
    archived: repository.isArchived,
    disabled: false,
    has_issues: true,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: false,
    ...(permissions === undefined
      ? {}
      : { permissions: { admin: false, maintain: false, push: mayPush, triage: mayPush, pull: true } }),
  };
}
