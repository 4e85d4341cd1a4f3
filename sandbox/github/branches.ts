import { type Actor, addCommit, commitNamed, type GithubState, type Repository } from './github-state.ts';

export interface FileChanges {
  readonly branch: string;
  /** Texts by path; null removes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly sender: Actor;
}

/** One commit on a branch, whatever protects it; one that is not there starts at the default branch. Returns its SHA. */
export function commitFiles(state: GithubState, repository: Repository, changes: FileChanges): string {
  const { branch, message, sender } = changes;
  const parent = commitNamed(repository, repository.branches.has(branch) ? branch : repository.defaultBranch);
  const files = new Map(parent?.files);
  for (const [path, text] of Object.entries(changes.files)) {
    if (text === null) files.delete(path);
    else files.set(path, text);
  }
  const parents = parent === undefined ? [] : [parent.sha];
  const { sha } = addCommit(repository, { parents, files, author: sender, at: state.clock.now(), message });
  moveBranch(state, repository, { branch, sha, sender });
  return sha;
}

/** Moves a branch whatever protects it, and lets everybody know; open pull requests follow. */
export function moveBranch(
  state: GithubState,
  repository: Repository,
  { branch, sender, sha }: { readonly branch: string; readonly sha: string; readonly sender: Actor },
): void {
  if (repository.branches.get(branch) === sha) return;
  repository.branches.set(branch, sha);
  state.emit({ kind: 'branch' });
  for (const pull of repository.pulls.filter(({ state: is }) => is === 'open')) {
    if (pull.base === branch) pull.baseSha = sha;
    if (pull.head !== branch) continue;
    pull.headSha = sha;
    state.emit({ kind: 'pull', action: 'synchronize', repository, pull, sender });
  }
}

/** A commit and everything that it was made from, the nearest first. */
function ancestorsOf({ commits }: Repository, sha: string): ReadonlySet<string> {
  const seen = new Set([sha]);
  for (const one of seen) {
    for (const parent of commits.get(one)?.parents ?? []) seen.add(parent);
  }
  return seen;
}

export function isAncestor(repository: Repository, older: string, newer: string): boolean {
  return ancestorsOf(repository, newer).has(older);
}

/** The newest commit that both were made from; undefined where they share nothing. */
export function partingOf(repository: Repository, one: string, other: string): string | undefined {
  const ofOther = ancestorsOf(repository, other);
  const common = [...ancestorsOf(repository, one)].filter((sha) => ofOther.has(sha));
  return common.find((sha) => common.every((rival) => rival === sha || !isAncestor(repository, sha, rival)));
}
