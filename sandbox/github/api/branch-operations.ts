import { ApiError, notFound } from '../api-error.ts';
import { isAncestor, moveBranch } from '../branches.ts';
import type { Repository } from '../github-state.ts';
import { created, type Handler, needText, ok } from './call.ts';
import { commitJson, refJson } from './json.ts';

/* Of git's refs there are branches only. */

/** A branch that only pull requests may change. @throws ApiError of this status */
export function needProtectedUnchanged(repository: Repository, branch: string, status: 409 | 422): void {
  if (!repository.isProtected || branch !== repository.defaultBranch) return;
  throw new ApiError(status, 'Changes must be made through a pull request.');
}

export const getRef: Handler = ({ parameter, repository }) => {
  const branch = parameter('branch');
  const sha = repository.branches.get(branch);
  if (sha === undefined) throw notFound();
  return ok(refJson(branch, sha));
};

/** Refused where a branch of this name cannot stand: one exists, or a folder of branches would have to be one too. */
export const postRef: Handler = ({ actor, body, repository, state }) => {
  const ref = needText(body, 'ref');
  const sha = needText(body, 'sha');
  const branch = /^refs\/heads\/([^\s~^:?*[\\]+)$/.exec(ref)?.[1];
  // NOTE: that it is refused is GitHub's, the words are ours.
  if (branch === undefined) throw new ApiError(422, `${ref} is not a valid reference name.`);
  if (!repository.commits.has(sha)) throw new ApiError(422, 'Object does not exist');
  if (repository.branches.has(branch)) throw new ApiError(422, 'Reference already exists');
  const names = [...repository.branches.keys()];
  if (names.some((name) => name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`))) {
    throw new ApiError(422, 'Reference update failed');
  }
  moveBranch(state, repository, { branch, sha, sender: actor });
  return created(refJson(branch, sha));
};

export const patchRef: Handler = ({ actor, body, parameter, repository, state }) => {
  const branch = parameter('branch');
  const sha = needText(body, 'sha');
  const current = repository.branches.get(branch);
  if (current === undefined) throw new ApiError(422, 'Reference does not exist');
  if (!repository.commits.has(sha)) throw new ApiError(422, 'Object does not exist');
  if (body['force'] !== true && !isAncestor(repository, current, sha)) {
    throw new ApiError(422, 'Update is not a fast forward');
  }
  needProtectedUnchanged(repository, branch, 422);
  moveBranch(state, repository, { branch, sha, sender: actor });
  return ok(refJson(branch, sha));
};

export const getCommit: Handler = ({ parameter, repository }) => {
  const commit = repository.commits.get(parameter('commit_sha'));
  if (commit === undefined) throw notFound();
  return ok(commitJson(commit));
};
