import { createHash } from 'node:crypto';
import type { JsonObject } from '../../slack/json.ts';
import { commitsOfPull, filesOfPull, mergeabilityOf } from '../change-pull.ts';
import type { Comment, GithubState, Pull, Repository } from '../github-state.ts';
import { actorJson } from './actor-json.ts';
import { nodeId, timeText } from './node-id.ts';
import { type Bases, repositoryJson } from './repository-json.ts';

/** A pull request as lists and webhooks show it. */
export function pullJson(state: GithubState, bases: Bases, repository: Repository, pull: Pull): JsonObject {
  const { api, html } = bases;
  const { number } = pull;
  const root = `${api}/repos/${repository.fullName}`;
  const page = `${html}/${repository.fullName}/pull/${number}`;
  const branch = (ref: string, sha: string): JsonObject => ({
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: actorJson(api, repository.owner),
    repo: repositoryJson(bases, repository),
  });
  return {
    url: `${root}/pulls/${number}`,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: `${root}/issues/${number}`,
    number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: actorJson(api, pull.user),
    body: pull.body,
    created_at: timeText(pull.createdAt),
    updated_at: timeText(pull.updatedAt),
    closed_at: pull.closedAt === null ? null : timeText(pull.closedAt),
    merged_at: pull.merged === null ? null : timeText(pull.merged.at),
    // NOTE: of an open pull request this is the commit of a merge that was only tried; it says nothing about merging.
    merge_commit_sha: pull.merged?.commit ?? pull.judged?.testMerge ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.reviewers.map((login) => actorJson(api, state.actor(login))),
    requested_teams: pull.teams.map((slug) => ({ id: 1, node_id: nodeId('T', slug), name: slug, slug })),
    labels: pull.labels.map((name) => labelJson(api, repository, name)),
    milestone: null,
    draft: pull.isDraft,
    head: branch(pull.head, pull.headSha),
    base: branch(pull.base, pull.baseSha),
    author_association: 'CONTRIBUTOR',
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** A pull request as `GET /pulls/{n}` shows it. */
export function wholePullJson(state: GithubState, bases: Bases, repository: Repository, pull: Pull): JsonObject {
  const files = filesOfPull(repository, pull);
  const mergeable = mergeabilityOf(pull);
  const word = mergeable === null ? 'unknown' : mergeable ? 'clean' : 'dirty';
  const sum = (of: 'additions' | 'deletions'): number => files.reduce((total, file) => total + file[of], 0);
  return {
    ...pullJson(state, bases, repository, pull),
    merged: pull.merged !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: pull.isDraft && pull.state === 'open' ? 'draft' : word,
    merged_by: pull.merged === null ? null : actorJson(bases.api, pull.merged.by),
    comments: pull.comments.length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: commitsOfPull(repository, pull),
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
  };
}

/** The issue behind a pull request. */
export function issueJson(state: GithubState, bases: Bases, repository: Repository, pull: Pull): JsonObject {
  const json = pullJson(state, bases, repository, pull);
  const shared = ['html_url', 'number', 'state', 'locked', 'title', 'user', 'body', 'created_at', 'updated_at'];
  const more = ['closed_at', 'assignee', 'assignees', 'labels', 'milestone', 'author_association', 'draft'];
  return {
    ...Object.fromEntries([...shared, ...more].map((name) => [name, json[name]])),
    id: pull.id,
    node_id: nodeId('I', pull.id),
    url: json['issue_url'],
    repository_url: `${bases.api}/repos/${repository.fullName}`,
    comments: pull.comments.length,
    closed_by: pull.closedBy === null ? null : actorJson(bases.api, pull.closedBy),
    state_reason: null,
    pull_request: { url: json['url'], html_url: json['html_url'], merged_at: json['merged_at'] },
  };
}

export function labelJson(api: string, { fullName, id }: Repository, name: string): JsonObject {
  return {
    id: Number.parseInt(createHash('sha1').update(`${id}:${name}`).digest('hex').slice(0, 8), 16),
    node_id: nodeId('LA', `${fullName}:${name}`),
    url: `${api}/repos/${fullName}/labels/${encodeURIComponent(name)}`,
    name,
    color: 'ededed',
    default: false,
    description: null,
  };
}

export function commentJson({ api, html }: Bases, repository: Repository, pull: Pull, comment: Comment): JsonObject {
  const at = timeText(comment.at);
  return {
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    url: `${api}/repos/${repository.fullName}/issues/comments/${comment.id}`,
    html_url: `${html}/${repository.fullName}/pull/${pull.number}`,
    issue_url: `${api}/repos/${repository.fullName}/issues/${pull.number}`,
    user: actorJson(api, comment.user),
    created_at: at,
    updated_at: at,
    author_association: 'CONTRIBUTOR',
    body: comment.body,
  };
}
