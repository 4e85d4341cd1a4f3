import type { GitObjects } from './git-objects.ts';

/** A commit and everything that it was made from, the nearest first. */
function ancestorsOf(objects: GitObjects, commit: string): ReadonlySet<string> {
  const seen = new Set([commit]);
  for (const sha of seen) {
    for (const parent of objects.commit(sha)?.parents ?? []) seen.add(parent);
  }
  return seen;
}

export function isAncestor(objects: GitObjects, older: string, newer: string): boolean {
  return ancestorsOf(objects, newer).has(older);
}

/** The newest commit that both were made from; undefined where they share nothing. */
export function mergeBaseOf(objects: GitObjects, one: string, other: string): string | undefined {
  const ofOther = ancestorsOf(objects, other);
  const common = [...ancestorsOf(objects, one)].filter((sha) => ofOther.has(sha));
  return common.find((sha) => common.every((rival) => rival === sha || !isAncestor(objects, sha, rival)));
}

/** Commits of `head` that `base` has not, the newest first. */
export function commitsAhead(objects: GitObjects, base: string, head: string): readonly string[] {
  const known = ancestorsOf(objects, base);
  return [...ancestorsOf(objects, head)].filter((sha) => !known.has(sha));
}
