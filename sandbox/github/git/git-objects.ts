import { createHash } from 'node:crypto';

/** Files, executable files and folders; links and submodules are not covered. */
export type Mode = '100644' | '100755' | '040000';

export interface TreeEntry {
  readonly mode: Mode;
  readonly name: string;
  readonly sha: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ms UTC; git keeps whole seconds. */
  readonly at: number;
}

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

/** Blobs, trees and commits by the SHA-1 that git itself would give them. Writing one twice keeps one. */
export interface GitObjects {
  readonly writeBlob: (content: Buffer) => string;
  readonly blob: (sha: string) => Buffer | undefined;
  readonly writeTree: (entries: readonly TreeEntry[]) => string;
  readonly tree: (sha: string) => readonly TreeEntry[] | undefined;
  readonly writeCommit: (commit: Commit) => string;
  readonly commit: (sha: string) => Commit | undefined;
}

export function createGitObjects(): GitObjects {
  const blobs = new Map<string, Buffer>();
  const trees = new Map<string, readonly TreeEntry[]>();
  const commits = new Map<string, Commit>();

  return {
    writeBlob: (content) => {
      const sha = shaOf('blob', content);
      blobs.set(sha, content);
      return sha;
    },
    blob: (sha) => blobs.get(sha),
    writeTree: (entries) => {
      const sorted = entries.toSorted((a, b) => Buffer.compare(Buffer.from(sortName(a)), Buffer.from(sortName(b))));
      const lines = sorted.map((entry) =>
        Buffer.concat([Buffer.from(`${entry.mode.replace(/^0/, '')} ${entry.name}\0`), Buffer.from(entry.sha, 'hex')]),
      );
      const sha = shaOf('tree', Buffer.concat(lines));
      trees.set(sha, sorted);
      return sha;
    },
    tree: (sha) => trees.get(sha),
    writeCommit: (commit) => {
      const lines = [
        `tree ${commit.tree}`,
        ...commit.parents.map((parent) => `parent ${parent}`),
        `author ${signatureText(commit.author)}`,
        `committer ${signatureText(commit.committer)}`,
      ];
      const sha = shaOf('commit', Buffer.from(`${lines.join('\n')}\n\n${commit.message}`));
      commits.set(sha, commit);
      return sha;
    },
    commit: (sha) => commits.get(sha),
  };
}

function shaOf(type: string, body: Buffer): string {
  return createHash('sha1').update(`${type} ${body.length}\0`).update(body).digest('hex');
}

/** Git sorts a folder as if its name ended in a slash. */
function sortName(entry: TreeEntry): string {
  return entry.mode === '040000' ? `${entry.name}/` : entry.name;
}

function signatureText({ at, email, name }: Signature): string {
  return `${name} <${email}> ${Math.floor(at / 1000)} +0000`;
}
