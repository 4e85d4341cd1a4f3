import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../../src/core/remediate/unified-diff.ts';

const numbers = (to: number): string => Array.from({ length: to }, (_, index) => `line ${index + 1}\n`).join('');
const twenty = numbers(20);

const cases: readonly (readonly [string, string, string])[] = [
  ['one line in the middle', twenty, twenty.replace('line 10\n', 'line ten\n')],
  ['the first line', twenty, twenty.replace('line 1\n', 'line one\n')],
  ['the last line', twenty, twenty.replace('line 20\n', 'line twenty\n')],
  ['two places far apart', twenty, twenty.replace('line 3\n', 'three\n').replace('line 17\n', 'seventeen\n')],
  ['two places close together', twenty, twenty.replace('line 8\n', 'eight\n').replace('line 12\n', 'twelve\n')],
  ['lines are added', twenty, twenty.replace('line 5\n', 'line 5\na\nb\n')],
  ['lines are taken away', twenty, twenty.replace('line 5\nline 6\n', '')],
  ['no line end at the end', twenty.trimEnd(), `${twenty.trimEnd()}0`],
  ['a line end is added', twenty.trimEnd(), twenty],
  ['a file of one line', 'a\n', 'b\n'],
];

/** What git itself says, without its first lines. */
function byGit(before: string, after: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'oomkeeper-diff-'));
  try {
    writeFileSync(join(folder, 'before'), before);
    writeFileSync(join(folder, 'after'), after);
    execFileSync('git', ['diff', '--no-index', '--no-color', 'before', 'after'], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    const said = (error as { stdout: string }).stdout;
    return said
      .slice(said.indexOf('@@'))
      .replaceAll(/^(@@ .* @@).*$/gm, '$1')
      .trimEnd();
  } finally {
    rmSync(folder, { recursive: true });
  }
  return '';
}

test.each(cases)('is what git would show: %s', (_, before, after) => {
  const diff = unifiedDiff('apps/shop.yaml', before, after);

  expect(diff).toBe(`--- a/apps/shop.yaml\n+++ b/apps/shop.yaml\n${byGit(before, after)}`);
});

test('line ends of Windows are not shown', () => {
  const diff = unifiedDiff('a', 'x: 1\r\ny: 2\r\n', 'x: 1\r\ny: 3\r\n');

  expect(diff).toBe('--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n x: 1\n-y: 2\n+y: 3');
});

test('there is none where nothing changed', () => {
  expect(unifiedDiff('a', twenty, twenty)).toBe('');
});
