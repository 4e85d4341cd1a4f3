import { ApiError, protectedBranch } from './api-error.ts';
import { isAncestor } from './git/history.ts';
import { type Actor, branchRef, type GithubState, type Repository } from './github-state.ts';

/** Throws where a branch of this name cannot stand: one exists, or a folder of refs would have to be a ref too. */
export function createRef(
  state: GithubState,
  repository: Repository,
  { ref, sender, sha }: { readonly ref: string; readonly sha: string; readonly sender: Actor },
): void {
  if (repository.objects.commit(sha) === undefined) throw new ApiError(422, 'Object does not exist');
  if (repository.refs.has(ref)) throw new ApiError(422, 'Reference already exists');
  const taken = [...repository.refs.keys()].some((name) => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`));
  if (taken) throw new ApiError(422, 'Reference update failed');
  moveRef(state, repository, { ref, sha, sender, isForced: false });
}

/** Throws as GitHub does: unknown ref or commit, a rewind without force, a branch that only pull requests may change. */
export function updateRef(
  state: GithubState,
  repository: Repository,
  update: { readonly ref: string; readonly sha: string; readonly force: boolean; readonly sender: Actor },
): void {
  const { force, ref, sender, sha } = update;
  const current = repository.refs.get(ref);
  if (current === undefined) throw new ApiError(422, 'Reference does not exist');
  if (repository.objects.commit(sha) === undefined) throw new ApiError(422, 'Object does not exist');
  const isForward = isAncestor(repository.objects, current, sha);
  if (!isForward && !force) throw new ApiError(422, 'Update is not a fast forward');
  if (isProtected(repository, ref) && sha !== current) {
    if (!isForward) throw new ApiError(422, 'Cannot force-push to this branch');
    throw protectedBranch(422);
  }
  moveRef(state, repository, { ref, sha, sender, isForced: !isForward });
}

/** Moves a ref whatever protects it, and lets everybody know; open pull requests follow. */
export function moveRef(
  state: GithubState,
  repository: Repository,
  move: { readonly ref: string; readonly sha: string; readonly sender: Actor; readonly isForced?: boolean },
): void {
  const { isForced = false, ref, sender, sha } = move;
  const before = repository.refs.get(ref) ?? null;
  if (before === sha) return;
  repository.refs.set(ref, sha);
  repository.pushedAt = state.clock.now();
  state.emit({ kind: 'push', repository, ref, before, after: sha, isForced, sender });
  for (const pull of repository.pulls.filter(({ state: is }) => is === 'open')) {
    if (branchRef(pull.base) === ref) pull.baseSha = sha;
    if (branchRef(pull.head) !== ref) continue;
    const earlier = pull.headSha;
    pull.headSha = sha;
    pull.updatedAt = state.clock.now();
    state.emit({ kind: 'pull', action: 'synchronize', repository, pull, sender, before: earlier, after: sha });
  }
}

export function isProtected(repository: Repository, ref: string): boolean {
  return ref.startsWith('refs/heads/') && repository.protectedBranches.has(ref.slice('refs/heads/'.length));
}
