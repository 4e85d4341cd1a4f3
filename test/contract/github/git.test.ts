import { describe, expect, test } from 'vitest';
import { diffLines, linesOf } from '../../../sandbox/github/git/diff-lines.ts';
import { entryAt, type FileEntry, filesOf, withFiles } from '../../../sandbox/github/git/file-tree.ts';
import { createGitObjects, type GitObjects } from '../../../sandbox/github/git/git-objects.ts';
import { commitsAhead, isAncestor, mergeBaseOf } from '../../../sandbox/github/git/history.ts';
import { mergeTexts, mergeTrees } from '../../../sandbox/github/git/merge-trees.ts';
import { unifiedDiff } from '../../../sandbox/github/git/unified-diff.ts';

const author = { name: 'A B', email: 'a@b', at: 1_700_000_000_000 };

function treeWith(objects: GitObjects, files: Readonly<Record<string, string>>, base: string | null = null): string {
  const entries = Object.entries(files).map(([path, text]): [string, FileEntry] => [
    path,
    { mode: '100644', sha: objects.writeBlob(Buffer.from(text)) },
  ]);
  return withFiles(objects, base, new Map(entries));
}

describe('git objects', () => {
  // The values are what git 2.39 gives for the same files, names and times.
  test('have the names that git gives them', () => {
    const objects = createGitObjects();

    const blob = objects.writeBlob(Buffer.from('hello\n'));
    const empty = objects.writeTree([]);
    const tree = treeWith(objects, { 'a.txt': 'x\n', 'a/b/c.yaml': 'y\n', 'a-b': 'z\n', ä: 'u\n' });
    const commit = objects.writeCommit({ tree, parents: [], author, committer: author, message: 'hello\n' });

    expect(blob).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
    expect(empty).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    expect(tree).toBe('9dc281c41d13d2b3ed2acf60e3c8ffd76ae584fe');
    expect(commit).toBe('b9ce36f2c8b0a915bc0c675b44cf7b602afc1eb3');
  });

  test('a file takes the place of a folder and the other way round; null removes', () => {
    const objects = createGitObjects();
    const start = treeWith(objects, { 'a/b': '1', 'a/c': '2', d: '3' });
    const file = { mode: '100644', sha: objects.writeBlob(Buffer.from('4')) } as const;

    const asFile = withFiles(objects, start, new Map([['a', file]]));
    const asFolder = withFiles(objects, start, new Map([['d/e', file]]));
    const without = withFiles(objects, start, new Map([['a/b', null]]));

    expect([...filesOf(objects, asFile).keys()]).toEqual(['a', 'd']);
    expect([...filesOf(objects, asFolder).keys()]).toEqual(['a/b', 'a/c', 'd/e']);
    expect([...filesOf(objects, without).keys()]).toEqual(['a/c', 'd']);
    expect(entryAt(objects, start, 'a')?.mode).toBe('040000');
    expect(entryAt(objects, start, 'a/x')).toBeUndefined();
  });

  test('history knows what came before and where two branches parted', () => {
    const objects = createGitObjects();
    const tree = objects.writeTree([]);
    const commit = (message: string, ...parents: string[]): string =>
      objects.writeCommit({ tree, parents, author, committer: author, message });
    const root = commit('root');
    const parting = commit('parting', root);
    const left = commit('left', parting);
    const right = commit('right', parting);
    const merged = commit('merged', left, right);

    expect(mergeBaseOf(objects, left, right)).toBe(parting);
    expect(mergeBaseOf(objects, merged, right)).toBe(right);
    expect(mergeBaseOf(objects, left, commit('elsewhere'))).toBeUndefined();
    expect([isAncestor(objects, root, merged), isAncestor(objects, merged, root)]).toEqual([true, false]);
    expect(commitsAhead(objects, left, merged)).toEqual([merged, right]);
  });
});

describe('a diff', () => {
  test.each([
    ['nothing', 'a\nb\n', 'a\nb\n', ''],
    ['a new file', '', 'a\nb\n', '@@ -0,0 +1,2 @@\n+a\n+b'],
    ['a removed file', 'a\n', '', '@@ -1 +0,0 @@\n-a'],
    ['one line', 'a\nb\nc\n', 'a\nB\nc\n', '@@ -1,3 +1,3 @@\n a\n-b\n+B\n c'],
    ['a lost line end', 'a\nb\n', 'a\nb', '@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file'],
    [
      'two places, with the last line before each that starts with a letter',
      'spec:\n  1\n  2\n  3\n  4\n  5\n  6\n  7\n  8\n  9\n',
      'SPEC:\n  1\n  2\n  3\n  4\n  5\n  6\n  7\n  8\n  nine\n',
      '@@ -1,4 +1,4 @@\n-spec:\n+SPEC:\n   1\n   2\n   3\n@@ -7,4 +7,4 @@ spec:\n   6\n   7\n   8\n-  9\n+  nine',
    ],
  ])('of %s is what git says', (_, before, after, expected) => {
    expect(unifiedDiff(before, after).patch).toBe(expected);
  });

  test('counts lines', () => {
    expect(unifiedDiff('a\nb\nc\n', 'a\nx\ny\nc\nd\n')).toMatchObject({ additions: 3, deletions: 1 });
  });

  test('of texts that have almost nothing in common replaces everything instead of searching for ever', () => {
    const before = Array.from({ length: 4_000 }, (_, line) => `old ${line}\n`);
    const after = Array.from({ length: 4_000 }, (_, line) => `new ${line}\n`);

    expect(diffLines(before, after)).toEqual([{ from: 0, to: 4_000, newFrom: 0, newTo: 4_000 }]);
    expect(linesOf('')).toEqual([]);
  });
});

describe('a three-way merge', () => {
  const base = '1\n2\n3\n4\n5\n';

  test.each([
    ['changes far from each other', '1\nA\n3\n4\n5\n', '1\n2\n3\n4\nB\n', '1\nA\n3\n4\nB\n'],
    ['the same change on both sides', '1\nA\n3\n4\n5\n', '1\nA\n3\n4\n5\n', '1\nA\n3\n4\n5\n'],
    ['a change of one side only', base, '1\n2\n3\nB\n5\n', '1\n2\n3\nB\n5\n'],
    ['different changes of one line', '1\nA\n3\n4\n5\n', '1\nB\n3\n4\n5\n', undefined],
    ['changes of neighbouring lines', '1\nA\n3\n4\n5\n', '1\n2\nB\n4\n5\n', undefined],
  ])('of %s', (_, ours, theirs, expected) => {
    expect(mergeTexts(base, ours, theirs)).toBe(expected);
  });

  test('of trees takes each side’s files and names the ones that conflict', () => {
    const objects = createGitObjects();
    const start = treeWith(objects, { a: base, b: 'b\n', c: 'c\n' });
    const ours = treeWith(objects, { a: '0\n2\n3\n4\n5\n', d: 'ours\n' }, start);
    const theirs = withFiles(objects, treeWith(objects, { a: '1\n2\n3\n4\n6\n' }, start), new Map([['c', null]]));
    const clash = treeWith(objects, { a: 'x\n2\n3\n4\n5\n' }, start);

    const merged = mergeTrees(objects, start, ours, theirs);
    const conflict = mergeTrees(objects, start, ours, clash);

    expect(merged).toEqual({ ok: true, tree: treeWith(objects, { a: '0\n2\n3\n4\n6\n', b: 'b\n', d: 'ours\n' }) });
    expect(conflict).toEqual({ ok: false, conflicts: ['a'] });
  });
});
