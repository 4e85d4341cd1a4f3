import { blobSha, type Actor, type Commit, type GithubState, type Pull, type Repository } from '../github-state.ts';
import type { JsonObject } from '../../slack/json.ts';
import { filesOfPull } from '../change-pull.ts';
import type { Permissions } from './permissions.ts';

/* GitHub's shapes, of which only the fields are here that somebody reads. */

/** `2026-11-24T12:00:00Z`: GitHub writes no fractions of a second. */
export function timeText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A user, a bot or an organisation, as it stands inside of everything else. */
export function actorJson({ id, login, type }: Actor): JsonObject {
  return { login, id, type };
}

/** A repository; with `permissions` as `GET /repos/…` shows it to whoever asks. */
export function repositoryJson(html: string, repository: Repository, permissions?: Permissions): JsonObject {
  const { fullName, id, name } = repository;
  return {
    id,
    name,
    full_name: fullName,
    private: true,
    owner: actorJson(repository.owner),
    html_url: `${html}/${fullName}`,
    default_branch: repository.defaultBranch,
    archived: repository.isArchived,
    ...(permissions && { permissions: { admin: false, push: permissions.contents === 'write', pull: true } }),
  };
}

export function refJson(branch: string, sha: string): JsonObject {
  return { ref: `refs/heads/${branch}`, object: { sha, type: 'commit' } };
}

/** A commit of the git database. */
export function commitJson({ at, author, message, parents, sha }: Commit): JsonObject {
  const email = `${author.id}+${author.login}@users.noreply.github.com`;
  const signature = { name: author.login, email, date: timeText(at) };
  return { sha, author: signature, committer: signature, message, parents: parents.map((parent) => ({ sha: parent })) };
}

/** Up to here the contents API sends a file inside of its JSON, bytes. */
const largestInline = 1024 * 1024;

/** A file without its content, as a folder lists it. */
export function fileJson(path: string, text: string): JsonObject {
  return { type: 'file', name: path.split('/').at(-1), path, sha: blobSha(text), size: Buffer.byteLength(text) };
}

export function folderJson(path: string): JsonObject {
  return { type: 'dir', name: path.split('/').at(-1), path, sha: blobSha(path), size: 0 };
}

/** NOTE: a larger file comes without its content and without an error. GitHub breaks base64 after 60 characters. */
export function contentJson(text: string): JsonObject {
  const content = Buffer.from(text);
  if (content.length > largestInline) return { content: '', encoding: 'none' };
  return { content: content.toString('base64').replaceAll(/.{1,60}/g, '$&\n'), encoding: 'base64' };
}

/** A pull request as lists show it. */
export function pullJson(state: GithubState, html: string, repository: Repository, pull: Pull): JsonObject {
  const { closed, number } = pull;
  const closedAt = closed === null ? null : timeText(closed.at);
  const branch = (ref: string, sha: string): JsonObject => ({ label: `${repository.owner.login}:${ref}`, ref, sha });
  return {
    id: pull.id,
    number,
    html_url: `${html}/${repository.fullName}/pull/${number}`,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    user: actorJson(pull.user),
    created_at: timeText(pull.createdAt),
    closed_at: closedAt,
    merged_at: closed?.isMerged === true ? closedAt : null,
    merge_commit_sha: pull.mergeSha,
    labels: pull.labels.map((name) => ({ name })),
    requested_reviewers: pull.reviewers.map((login) => actorJson(state.actor(login))),
    requested_teams: pull.teams.map((slug) => ({ slug })),
    head: branch(pull.head, pull.headSha),
    base: branch(pull.base, pull.baseSha),
  };
}

/** A pull request as `GET /pulls/{n}` and webhooks show it. */
export function wholePullJson(state: GithubState, html: string, repository: Repository, pull: Pull): JsonObject {
  const isMerged = pull.closed?.isMerged === true;
  return {
    ...pullJson(state, html, repository, pull),
    merged: isMerged,
    merged_by: isMerged && pull.closed !== null ? actorJson(pull.closed.by) : null,
    changed_files: filesOfPull(repository, pull).length,
  };
}
