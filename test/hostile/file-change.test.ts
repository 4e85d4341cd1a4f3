import { array, assert, boolean, constantFrom, integer, property, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { editManifest } from '../../src/core/remediate/edit/edit-manifest.ts';
import { fileChange } from '../../src/core/remediate/edit/file-change.ts';
import { deployment, resources, toMore, withFlag } from '../fixtures/manifests.ts';
import { applyShown } from './shown-diff.ts';

const canary = 'canary-hunter2';
const lower = withFlag('-Xmx384m', 'JAVA_TOOL_OPTIONS', '-Xmx900m');

/** Every way in which people write a string; `words` are the lines of those that fold. */
const styles: Readonly<Record<string, (words: readonly string[]) => string>> = {
  plain: (words) => words.join(' '),
  single: (words) => `'${words.join(' ').replaceAll("'", "''")}'`,
  double: (words) => JSON.stringify(words.join(' ')),
  folded: (words) => `>-\n${words.map((word) => `      ${word}`).join('\n')}`,
  literal: (words) => `|\n${words.map((word) => `      ${word}`).join('\n')}`,
  lines: (words) => `"${words.map((word) => JSON.stringify(word).slice(1, -1)).join('\n      ')}"`,
};

function envOf(value: string): string {
  return deployment(
    `${resources}env:\n  - name: JAVA_TOOL_OPTIONS\n    value: ${value}\n  - name: TOKEN\n    value: ${canary}\n`,
  );
}

test('whatever a file holds, only the flag changes in it, and what is shown is what is written and nothing else', () => {
  const word = tuple(constantFrom('-D', '--', '-X', '', '#', '{', '$', '"', "'"), string({ maxLength: 6 })).map(
    ([begin, rest]) => `${begin}${canary}${rest.replaceAll(/\s/g, '_')}`,
  );
  let edits = 0;
  assert(
    property(
      array(word, { maxLength: 4 }),
      integer({ min: 0, max: 4 }),
      constantFrom(...Object.keys(styles)),
      boolean(),
      (others, at, style, isWindows) => {
        const words = others.toSpliced(at, 0, '-Xmx900m');
        const text = envOf(styles[style]?.(words) ?? '');
        const file = isWindows ? text.replaceAll('\n', '\r\n') : text;
        const change = editManifest(file, lower);
        if (!change.ok) return;
        edits += 1;
        const { diff } = fileChange('a.yaml', file, change.pieces);
        expect(change.text).toBe(
          file.replace('512Mi', '640Mi').replace('256Mi', '640Mi').replace('-Xmx900m', '-Xmx384m'),
        );
        expect(applyShown(file, diff, 'name: app')).toBe(change.text);
        expect(diff).not.toContain(canary);
      },
    ),
    { seed: 7, numRuns: 120 },
  );
  expect(edits).toBeGreaterThan(40);
});

test.each<[string, string]>([
  [
    'in flow style',
    `env: [{name: TOKEN, value: ${canary}}, {name: JAVA_TOOL_OPTIONS, value: '-Xmx900m -Dpw=${canary}'}]`,
  ],
  ['with a comment beside it', `env:\n  - name: JAVA_TOOL_OPTIONS\n    value: '-Dpw=${canary} -Xmx900m' # ${canary}`],
])('what stands in the same line stays and is not shown: %s', (_, env) => {
  const file = deployment(`${resources}${env}\n`);
  const change = editManifest(file, lower);
  if (!change.ok) throw new Error(change.text);
  const { diff } = fileChange('a.yaml', file, change.pieces);

  expect(applyShown(file, diff, 'name: app')).toBe(change.text);
  expect(diff).toContain('-Xmx900m');
  expect(diff).not.toContain(canary);
});

test('a new variable and new limits are shown in full, below the line that they follow', () => {
  const file = deployment(`env:\n  - name: TOKEN\n    value: ${canary}\n`);
  const change = editManifest(file, withFlag('-Xmx384m'));
  if (!change.ok) throw new Error(change.text);
  const { diff } = fileChange('a.yaml', file, change.pieces);

  expect(applyShown(file, diff, 'name: app')).toBe(change.text);
  expect(diff).toContain('+              value: "-Xmx384m"');
  expect(diff).toContain('+              memory: 640Mi');
  expect(diff).not.toContain(canary);
});

test('a file with another secret beside the flag is another change, one with another line elsewhere is not', () => {
  const hashOf = (file: string): string => {
    const change = editManifest(file, lower);
    return change.ok ? fileChange('a.yaml', file, change.pieces).hash : change.text;
  };
  const file = envOf(`-Xmx900m -Dpw=${canary}`);

  expect(hashOf(file)).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOf(file.replace(`-Dpw=${canary}`, '-Dpw=other'))).not.toBe(hashOf(file));
  expect(hashOf(file.replace('512Mi', '1Gi'))).not.toBe(hashOf(file));
  expect(hashOf(file.replaceAll('\n', '\r\n'))).not.toBe(hashOf(file));
  expect(hashOf(`# a line above\n${file}`)).toBe(hashOf(file));
});

test('the name of a file forges no line of a diff', () => {
  const file = deployment(resources);
  const change = editManifest(file, toMore);
  if (!change.ok) throw new Error(change.text);
  const { diff } = fileChange('a\n+  memory: 1Mi\u202e.yaml', file, change.pieces);

  expect(diff.split('\n').slice(0, 2)).toEqual(['--- a/a�+  memory: 1Mi�.yaml', '+++ b/a�+  memory: 1Mi�.yaml']);
});
