import { ApiError, validationFailed } from './api-error.ts';
import { isAncestor, moveBranch, partingOf } from './branches.ts';
import { mergeTexts, unifiedDiff, type UnifiedDiff } from './diff.ts';
import { type Actor, addCommit, type Commit, type GithubState, type Pull, type Repository } from './github-state.ts';

export interface PullRequest {
  readonly title: string;
  readonly body: string | null;
  /** Branch name, or `owner:branch` of the same owner; forks are not covered. */
  readonly head: string;
  readonly base: string;
  readonly sender: Actor;
}

/** Throws GitHub's 422 where a branch is missing, nothing differs, or one is open for these branches already. */
export function openPull(state: GithubState, repository: Repository, request: PullRequest): Pull {
  const owner = repository.owner.login;
  const { base, body, sender, title } = request;
  const head = request.head.startsWith(`${owner}:`) ? request.head.slice(owner.length + 1) : request.head;
  const [headSha, baseSha] = [head, base].map((branch) => repository.branches.get(branch));
  if (headSha === undefined) throw validationFailed({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  if (baseSha === undefined) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const isOpen = repository.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base);
  if (isOpen || isAncestor(repository, headSha, baseSha)) {
    const message = isOpen
      ? `A pull request already exists for ${owner}:${head}.`
      : `No commits between ${base} and ${head}`;
    throw validationFailed({ resource: 'PullRequest', code: 'custom', message });
  }
  const pull: Pull = {
    id: state.nextId(),
    number: repository.pulls.length + 1,
    user: sender,
    createdAt: state.clock.now(),
    head,
    base,
    title,
    body,
    state: 'open',
    closed: null,
    mergeSha: null,
    headSha,
    baseSha,
    labels: [],
    reviewers: [],
    teams: [],
  };
  repository.pulls.push(pull);
  state.emit({ kind: 'pull', action: 'opened', repository, pull, sender });
  return pull;
}

/** Throws where it is closed already. */
export function closePull(state: GithubState, repository: Repository, pull: Pull, sender: Actor): void {
  if (pull.state === 'closed') throw new ApiError(422, 'The pull request is closed already.');
  pull.state = 'closed';
  pull.closed = { at: state.clock.now(), by: sender, isMerged: false };
  state.emit({ kind: 'pull', action: 'closed', repository, pull, sender });
}

/** Merges into the base branch, which protection does not forbid. Throws GitHub's 405. */
export function mergePull(state: GithubState, repository: Repository, pull: Pull, sender: Actor): void {
  const files = mergedFiles(repository, pull);
  if (pull.state !== 'open' || files === null) throw new ApiError(405, 'Pull Request is not mergeable');
  const at = state.clock.now();
  const message = `Merge pull request #${pull.number} from ${repository.owner.login}/${pull.head}\n\n${pull.title}`;
  const { sha } = addCommit(repository, { parents: [pull.baseSha, pull.headSha], files, author: sender, at, message });
  // Before the branch moves: what the pull request changes is seen from where the base stood.
  pull.state = 'closed';
  pull.closed = { at, by: sender, isMerged: true };
  pull.mergeSha = sha;
  moveBranch(state, repository, { branch: pull.base, sha, sender });
  state.emit({ kind: 'pull', action: 'closed', repository, pull, sender });
}

/** One file that differs between two commits. A renamed file shows as one removed and one added. */
interface ChangedFile extends UnifiedDiff {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
}

/** The files that a pull request changes, seen from where its branches parted. */
export function filesOfPull(repository: Repository, pull: Pull): readonly ChangedFile[] {
  const [before, , after] = sidesOf(repository, pull).map((commit) => commit?.files ?? new Map<string, string>());
  return [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].toSorted().flatMap((path) => {
    const [old, fresh] = [before?.get(path), after?.get(path)];
    if (old === fresh) return [];
    const status = old === undefined ? 'added' : fresh === undefined ? 'removed' : 'modified';
    return [{ path, status, ...unifiedDiff(old ?? '', fresh ?? '') } as const];
  });
}

/** What both sides made of the files that they parted with, as `git merge` does it; null where it conflicts. */
export function mergedFiles(repository: Repository, pull: Pull): ReadonlyMap<string, string> | null {
  const [was, ours, theirs] = sidesOf(repository, pull).map((commit) => commit?.files);
  if (was === undefined || ours === undefined || theirs === undefined) return null;
  const merged = new Map(ours);
  for (const path of new Set([...was.keys(), ...theirs.keys()])) {
    const [base, our, their] = [was.get(path), ours.get(path), theirs.get(path)];
    if (base === their || our === their) continue;
    const text = base === our ? their : mergeTexts(base ?? '', our ?? '', their ?? '');
    if (text !== undefined) merged.set(path, text);
    else if (base === our) merged.delete(path);
    else return null;
  }
  return merged;
}

/** The commit where the branches parted, the base and the head. */
function sidesOf(repository: Repository, { baseSha, headSha }: Pull): readonly (Commit | undefined)[] {
  const parting = partingOf(repository, baseSha, headSha);
  return [parting ?? '', baseSha, headSha].map((sha) => repository.commits.get(sha));
}
