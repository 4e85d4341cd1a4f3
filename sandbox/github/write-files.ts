import { moveRef } from './change-ref.ts';
import { type FileEntry, filesOf, withFiles } from './git/file-tree.ts';
import type { Signature } from './git/git-objects.ts';
import { type Actor, branchRef, commitNamed, type GithubState, type Repository, tipOf } from './github-state.ts';

/** How git names somebody. */
export function signatureOf(actor: Actor, at: number): Signature {
  return { name: actor.login, email: `${actor.id}+${actor.login}@users.noreply.github.com`, at };
}

export interface FileWrite {
  readonly branch: string;
  /** Contents by path; null removes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly sender: Actor;
}

/** One commit on a branch, whatever protects it; a branch that is not there starts from nothing. Returns its SHA. */
export function writeFiles(state: GithubState, repository: Repository, write: FileWrite): string {
  const { objects } = repository;
  const parent = tipOf(repository, write.branch);
  const changes = new Map<string, FileEntry | null>(
    Object.entries(write.files).map(([path, text]) => [
      path,
      text === null ? null : { mode: '100644', sha: objects.writeBlob(Buffer.from(text)) },
    ]),
  );
  const author = signatureOf(write.sender, state.clock.now());
  const sha = objects.writeCommit({
    tree: withFiles(objects, (parent !== undefined && objects.commit(parent)?.tree) || null, changes),
    parents: parent === undefined ? [] : [parent],
    author,
    committer: author,
    message: write.message,
  });
  moveRef(state, repository, { ref: branchRef(write.branch), sha, sender: write.sender });
  return sha;
}

/** The texts of all files at a branch, tag or commit, by path; empty where there is no such ref. */
export function readFiles(repository: Repository, ref: string): Readonly<Record<string, string>> {
  const { objects } = repository;
  const commit = commitNamed(repository, ref);
  if (commit === undefined) return {};
  return Object.fromEntries(
    [...filesOf(objects, commit.tree)].map(([path, { sha }]) => [path, objects.blob(sha)?.toString('utf8') ?? '']),
  );
}
