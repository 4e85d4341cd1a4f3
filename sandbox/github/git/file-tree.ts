import type { GitObjects, Mode } from './git-objects.ts';

export interface FileEntry {
  readonly mode: Mode;
  readonly sha: string;
}

/** All files below a tree by their path, in git's order. */
export function filesOf(objects: GitObjects, tree: string): ReadonlyMap<string, FileEntry> {
  const files = new Map<string, FileEntry>();
  const walk = (sha: string, folder: string): void => {
    for (const { mode, name, sha: entry } of objects.tree(sha) ?? []) {
      if (mode === '040000') walk(entry, `${folder}${name}/`);
      else files.set(folder + name, { mode, sha: entry });
    }
  };
  walk(tree, '');
  return files;
}

/** The file or folder at a path; the tree itself for an empty path. */
export function entryAt(objects: GitObjects, tree: string, path: string): FileEntry | undefined {
  let found: FileEntry = { mode: '040000', sha: tree };
  for (const name of path.split('/').filter((part) => part !== '')) {
    const next = objects.tree(found.sha)?.find((entry) => entry.name === name);
    if (next === undefined) return undefined;
    found = { mode: next.mode, sha: next.sha };
  }
  return found;
}

/**
 * A tree with some files written or, where null, removed; returns its SHA. A file takes the place of a folder of its
 * name and the other way round.
 */
export function withFiles(
  objects: GitObjects,
  tree: string | null,
  changes: ReadonlyMap<string, FileEntry | null>,
): string {
  const files = new Map(tree === null ? [] : filesOf(objects, tree));
  for (const [path, entry] of changes) {
    if (entry === null) {
      files.delete(path);
      continue;
    }
    for (const existing of files.keys()) {
      if (existing.startsWith(`${path}/`) || path.startsWith(`${existing}/`)) files.delete(existing);
    }
    files.set(path, entry);
  }
  return writeFolder(objects, files);
}

function writeFolder(objects: GitObjects, files: ReadonlyMap<string, FileEntry>): string {
  const folders = new Map<string, Map<string, FileEntry>>();
  const own: { name: string; mode: Mode; sha: string }[] = [];
  for (const [path, entry] of files) {
    const slash = path.indexOf('/');
    if (slash === -1) {
      own.push({ name: path, ...entry });
      continue;
    }
    const folder = path.slice(0, slash);
    const within = folders.get(folder) ?? new Map<string, FileEntry>();
    within.set(path.slice(slash + 1), entry);
    folders.set(folder, within);
  }
  const inner = [...folders].map(([name, within]) => ({
    name,
    mode: '040000' as const,
    sha: writeFolder(objects, within),
  }));
  return objects.writeTree([...own, ...inner]);
}
