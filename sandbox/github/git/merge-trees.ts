import { type Change, diffLines, linesOf } from './diff-lines.ts';
import { type FileEntry, filesOf, withFiles } from './file-tree.ts';
import type { GitObjects } from './git-objects.ts';

export type Merge =
  | { readonly ok: true; readonly tree: string }
  /** Paths that both sides changed in the same place. */
  | { readonly ok: false; readonly conflicts: readonly string[] };

/** What both sides made of a common tree, put together as `git merge` does: file by file, then line by line. */
export function mergeTrees(objects: GitObjects, base: string, ours: string, theirs: string): Merge {
  const [baseFiles, ourFiles, theirFiles] = [base, ours, theirs].map((tree) => filesOf(objects, tree));
  const changes = new Map<string, FileEntry | null>();
  const conflicts: string[] = [];
  for (const path of new Set([...(baseFiles?.keys() ?? []), ...(theirFiles?.keys() ?? [])])) {
    const [was, our, their] = [baseFiles?.get(path), ourFiles?.get(path), theirFiles?.get(path)];
    if (isSame(was, their) || isSame(our, their)) continue;
    if (isSame(was, our)) {
      changes.set(path, their ?? null);
      continue;
    }
    const merged = was && our && their && mergeFile(objects, was, our, their);
    if (merged === undefined) conflicts.push(path);
    else changes.set(path, merged);
  }
  return conflicts.length > 0 ? { ok: false, conflicts } : { ok: true, tree: withFiles(objects, ours, changes) };
}

function isSame(one: FileEntry | undefined, other: FileEntry | undefined): boolean {
  return one?.sha === other?.sha && one?.mode === other?.mode;
}

function mergeFile(objects: GitObjects, was: FileEntry, our: FileEntry, their: FileEntry): FileEntry | undefined {
  const [base, ours, theirs] = [was, our, their].map(({ sha }) => objects.blob(sha)?.toString('utf8') ?? '');
  const text = mergeTexts(base ?? '', ours ?? '', theirs ?? '');
  return text === undefined ? undefined : { mode: our.mode, sha: objects.writeBlob(Buffer.from(text)) };
}

/** A three-way merge by lines; undefined where changes touch each other and are not the same. */
export function mergeTexts(base: string, ours: string, theirs: string): string | undefined {
  const lines = linesOf(base);
  const ourLines = linesOf(ours);
  const theirLines = linesOf(theirs);
  const ourChanges = diffLines(lines, ourLines).map((change) => ({ change, text: textOf(change, ourLines) }));
  const theirChanges = diffLines(lines, theirLines).map((change) => ({ change, text: textOf(change, theirLines) }));
  const added = theirChanges.filter(
    (their) => !ourChanges.some((our) => isEqual(our.change, their.change) && our.text === their.text),
  );
  // NOTE: git also refuses changes on neighbouring lines, where no common line stands between them.
  const touches = (one: Change, other: Change): boolean => one.from <= other.to && other.from <= one.to;
  if (added.some((their) => ourChanges.some((our) => touches(our.change, their.change)))) return undefined;
  let merged = '';
  let at = 0;
  for (const { change, text } of [...ourChanges, ...added].toSorted((a, b) => a.change.from - b.change.from)) {
    merged += lines.slice(at, change.from).join('') + text;
    at = change.to;
  }
  return merged + lines.slice(at).join('');
}

function textOf(change: Change, lines: readonly string[]): string {
  return lines.slice(change.newFrom, change.newTo).join('');
}

function isEqual(one: Change, other: Change): boolean {
  return one.from === other.from && one.to === other.to;
}
