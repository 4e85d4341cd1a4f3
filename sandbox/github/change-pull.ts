import { ApiError, validationFailed } from './api-error.ts';
import { moveRef } from './change-ref.ts';
import { type ChangedFile, changedFiles } from './git/changed-files.ts';
import { commitsAhead, mergeBaseOf } from './git/history.ts';
import { mergeTrees } from './git/merge-trees.ts';
import { type Actor, branchRef, type GithubState, type Pull, type Repository, tipOf } from './github-state.ts';
import { signatureOf } from './write-files.ts';

export interface PullRequest {
  readonly title: string;
  readonly body: string | null;
  /** Branch name, or `owner:branch` of the same owner; forks are not covered. */
  readonly head: string;
  readonly base: string;
  readonly isDraft: boolean;
  readonly maintainerCanModify: boolean;
  readonly sender: Actor;
}

/** Throws GitHub's 422 where a branch is missing, nothing differs, or one is open for these branches already. */
export function openPull(state: GithubState, repository: Repository, request: PullRequest): Pull {
  const owner = repository.owner.login;
  const head = request.head.startsWith(`${owner}:`) ? request.head.slice(owner.length + 1) : request.head;
  const [headSha, baseSha] = [tipOf(repository, head), tipOf(repository, request.base)];
  if (headSha === undefined) throw validationFailed({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  if (baseSha === undefined) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  if (openFor(repository, head, request.base)) throw alreadyOpen(owner, head);
  if (commitsAhead(repository.objects, baseSha, headSha).length === 0) {
    const message = `No commits between ${request.base} and ${head}`;
    throw validationFailed({ resource: 'PullRequest', code: 'custom', message });
  }
  const now = state.clock.now();
  const pull: Pull = {
    id: state.nextId(),
    number: Math.max(0, ...repository.pulls.map(({ number }) => number)) + 1,
    user: request.sender,
    createdAt: now,
    isDraft: request.isDraft,
    head,
    base: request.base,
    title: request.title,
    body: request.body,
    state: 'open',
    maintainerCanModify: request.maintainerCanModify,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    merged: null,
    headSha,
    baseSha,
    labels: [],
    reviewers: [],
    teams: [],
    comments: [],
    judged: null,
  };
  repository.pulls.push(pull);
  state.emit({ kind: 'pull', action: 'opened', repository, pull, sender: request.sender });
  return pull;
}

function openFor(repository: Repository, head: string, base: string): boolean {
  return repository.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base);
}

function alreadyOpen(owner: string, head: string): ApiError {
  const message = `A pull request already exists for ${owner}:${head}.`;
  return validationFailed({ resource: 'PullRequest', code: 'custom', message });
}

/** Closes or reopens; does nothing where it is so already. Throws where what was merged should be reopened. */
export function setPullState(
  state: GithubState,
  repository: Repository,
  pull: Pull,
  { sender, to }: { readonly to: 'open' | 'closed'; readonly sender: Actor },
): void {
  if (pull.state === to) return;
  if (to === 'open') {
    const { base, head, merged } = pull;
    const [headSha, baseSha] = [tipOf(repository, head), tipOf(repository, base)];
    if (merged !== null || headSha === undefined || baseSha === undefined) {
      const message = 'state cannot be changed. The pull request cannot be reopened.';
      throw validationFailed({ resource: 'PullRequest', field: 'state', code: 'invalid', message });
    }
    if (openFor(repository, head, base)) throw alreadyOpen(repository.owner.login, head);
    Object.assign(pull, { headSha, baseSha });
  }
  pull.state = to;
  pull.closedAt = to === 'closed' ? state.clock.now() : null;
  pull.closedBy = to === 'closed' ? sender : null;
  pull.updatedAt = state.clock.now();
  state.emit({ kind: 'pull', action: to === 'closed' ? 'closed' : 'reopened', repository, pull, sender });
}

export interface MergeRequest {
  readonly sender: Actor;
  /** Tip that the head must still have. */
  readonly sha?: string | undefined;
  readonly method: 'merge' | 'squash';
  readonly title?: string | undefined;
  readonly message?: string | undefined;
}

/** Merges into the base branch, which protection doesn't forbid, and returns the new commit. Throws GitHub's 405 or 409. */
export function mergePull(state: GithubState, repository: Repository, pull: Pull, request: MergeRequest): string {
  const { sender } = request;
  const { objects } = repository;
  if (pull.state !== 'open') throw new ApiError(405, 'Pull Request is not mergeable');
  if (pull.isDraft) throw new ApiError(405, 'Pull Request is still a draft');
  if (request.sha !== undefined && request.sha !== pull.headSha) {
    throw new ApiError(409, 'Head branch was modified. Review and try the merge again.');
  }
  const tree = mergedTree(repository, pull);
  if (tree === null) throw new ApiError(405, 'Pull Request is not mergeable');
  const { number, title: name } = pull;
  const isSquash = request.method === 'squash';
  const from = `${repository.owner.login}/${pull.head}`;
  const title = request.title ?? (isSquash ? `${name} (#${number})` : `Merge pull request #${number} from ${from}`);
  const author = signatureOf(sender, state.clock.now());
  const commit = objects.writeCommit({
    tree,
    parents: isSquash ? [pull.baseSha] : [pull.baseSha, pull.headSha],
    author,
    committer: author,
    message: `${title}\n\n${request.message ?? name}`,
  });
  const now = state.clock.now();
  // Before the branch moves: what the pull request changes is seen from where the base stood.
  Object.assign(pull, {
    state: 'closed',
    closedAt: now,
    closedBy: sender,
    updatedAt: now,
    merged: { at: now, by: sender, commit },
  });
  moveRef(state, repository, { ref: branchRef(pull.base), sha: commit, sender });
  state.emit({ kind: 'pull', action: 'closed', repository, pull, sender });
  return commit;
}

/** The files that a pull request changes, seen from where its branches parted. */
export function filesOfPull({ objects }: Repository, pull: Pull): readonly ChangedFile[] {
  const parting = mergeBaseOf(objects, pull.baseSha, pull.headSha);
  const from = parting === undefined ? null : (objects.commit(parting)?.tree ?? null);
  return changedFiles(objects, from, objects.commit(pull.headSha)?.tree ?? '');
}

/** Number of commits that it would bring. */
export function commitsOfPull({ objects }: Repository, pull: Pull): number {
  return commitsAhead(objects, pull.baseSha, pull.headSha).length;
}

/**
 * What GitHub shows as `mergeable`: null until somebody has asked for these tips once, since it is only then worked
 * out. `judge` counts as such a question.
 */
export function mergeabilityOf(pull: Pull): boolean | null {
  const known = pull.judged?.pair === pairOf(pull) ? pull.judged : null;
  return known === null || pull.state !== 'open' ? null : known.testMerge !== null;
}

export function judge(state: GithubState, repository: Repository, pull: Pull): void {
  const pair = pairOf(pull);
  if (pull.state !== 'open' || pull.judged?.pair === pair) return;
  const tree = mergedTree(repository, pull);
  const author = signatureOf(pull.user, state.clock.now());
  const message = `Merge ${pull.headSha} into ${pull.baseSha}`;
  const parents = [pull.baseSha, pull.headSha];
  const testMerge =
    tree === null ? null : repository.objects.writeCommit({ tree, parents, author, committer: author, message });
  pull.judged = { pair, testMerge };
}

function pairOf(pull: Pull): string {
  return `${pull.baseSha}..${pull.headSha}`;
}

function mergedTree({ objects }: Repository, pull: Pull): string | null {
  const parting = mergeBaseOf(objects, pull.baseSha, pull.headSha);
  const [base, ours, theirs] = [parting ?? '', pull.baseSha, pull.headSha].map((sha) => objects.commit(sha)?.tree);
  if (base === undefined || ours === undefined || theirs === undefined) return null;
  const merge = mergeTrees(objects, base, ours, theirs);
  return merge.ok ? merge.tree : null;
}
