import type { Repository } from './repository.ts';

/** Names in a commit's message the commit of the base that its branch was made from. */
const trailer = 'Oomkeeper-Base';
const form = /^Oomkeeper-Base: ([0-9a-f]{40,64})$/m;
/** Oomkeeper alone never makes a branch with more commits than this. */
const mostCommits = 10;

/** The message of a commit; `base` null on a branch that other people have written to. */
export function commitMessage(title: string, base: string | null): string {
  return base === null ? `${title}\n` : `${title}\n\n${trailer}: ${base}\n`;
}

/**
 * The commit of the base on which a branch holds nothing but our own commits; null where anything else is on it, or it
 * cannot be told. One that was amended, rebased or merged by a person is not ours any more: it has another parent, or
 * was committed later than it was written.
 */
export async function baseOfOwnCommits(repository: Pick<Repository, 'commit'>, tip: string): Promise<string | null> {
  let sha = tip;
  for (let count = 0; count < mostCommits; count += 1) {
    const { message, parents, authoredAt, committedAt } = await repository.commit(sha);
    const [parent, ...others] = parents;
    const base = form.exec(message)?.[1];
    if (base === undefined || parent === undefined || others.length > 0 || authoredAt !== committedAt) return null;
    if (parent === base) return base;
    sha = parent;
  }
  return null;
}
