import { filesOf } from './file-tree.ts';
import type { GitObjects } from './git-objects.ts';
import { unifiedDiff } from './unified-diff.ts';

/** One file that differs between two trees. A renamed file shows as one removed and one added. */
export interface ChangedFile {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
  /** Blob after the change; before it where it was removed. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Absent for binary files, and where only the mode changed. */
  readonly patch?: string;
}

/** What differs between two trees, by path; an empty tree is the SHA of nothing (null). */
export function changedFiles(objects: GitObjects, from: string | null, to: string): readonly ChangedFile[] {
  const before = from === null ? new Map<string, never>() : filesOf(objects, from);
  const after = filesOf(objects, to);
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((path) => {
    const [old, fresh] = [before.get(path), after.get(path)];
    if (old?.sha === fresh?.sha && old?.mode === fresh?.mode) return [];
    const status = old === undefined ? 'added' : fresh === undefined ? 'removed' : 'modified';
    const [oldBytes, freshBytes] = [old, fresh].map((entry) => (entry && objects.blob(entry.sha)) ?? Buffer.alloc(0));
    const file = { path, status, sha: fresh?.sha ?? old?.sha ?? '' } as const;
    if (oldBytes === undefined || freshBytes === undefined || isBinary(oldBytes) || isBinary(freshBytes)) {
      return [{ ...file, additions: 0, deletions: 0 }];
    }
    const { patch, ...counts } = unifiedDiff(oldBytes.toString('utf8'), freshBytes.toString('utf8'));
    return [{ ...file, ...counts, ...(patch === '' ? {} : { patch }) }];
  });
}

/** As git guesses it: a NUL among the first 8 000 bytes. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8_000).includes(0);
}
