import { expect, test } from 'vitest';
import { counted } from '../../../../src/core/talk/words.ts';
import { jsonLine, shownLine, shownLines, wrapped } from '../../../../src/app/command-line/terminal-text.ts';
import { textTable } from '../../../../src/app/command-line/text-table.ts';

const escape = '\u001b';

test.each([
  ['a colour', `a${escape}[31mb`, 'a [31mb'],
  ['a cleared screen by its one-character form', 'a\u009b2Jb', 'a 2Jb'],
  ['a title of the window', `a${escape}]0;owned\u0007b`, 'a ]0;owned b'],
  ['lines of its own', 'a\r\nb\u2028c', 'a b c'],
  ['a text that runs backwards', 'a\u202eb\u2066c', 'a b c'],
  ['characters without a width', 'a\u200bb\ufeffc', 'a b c'],
  ['half a character', 'a\ud800b', 'a b'],
  ['letters of any script', 'søk-日本', 'søk-日本'],
])('hostile text with %s is one line of visible characters', (_, text, shown) => {
  expect(shownLine(text)).toBe(shown);
});

test('texts of our own keep their lines and nothing else that is invisible', () => {
  expect(shownLines(`one${escape}[2K\n- two\r\n`)).toBe('one [2K\n- two\n');
});

test('a line of JSON has no invisible character and reads back as it was', () => {
  const value = { name: `a${escape}[31m\u009b\u202e\u{e0041}b`, nested: ['\n', '日本'] };

  const line = jsonLine(value);

  // eslint-disable-next-line no-control-regex
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u{e0041}]/u);
  expect(line).toContain('日本');
  expect(line.endsWith('}\n')).toBe(true);
  expect(JSON.parse(line)).toEqual(value);
});

test.each([
  ['one two three', 9, '', 'one two\nthree'],
  ['one two three', 9, '  ', '  one two\n  three'],
  ['one two three', Infinity, '  ', '  one two three'],
  ['a-word-that-is-too-long for it', 8, ' ', ' a-word-that-is-too-long\n for it'],
  ['', 8, '  ', '  '],
])('%j in %d columns after %j', (line, width, indent, expected) => {
  expect(wrapped(line, width, indent)).toBe(expected);
});

test('a table is aligned by what is shown of its cells, and ends its lines where the text ends', () => {
  const table = textTable([
    ['NAME', 'KILLS'],
    [`a${escape}[1m-long-name`, '2'],
    ['b', ''],
  ]);

  expect(table.split('\n')).toEqual(['NAME             KILLS', 'a [1m-long-name  2', 'b']);
  expect(textTable([])).toBe('');
});

test.each([
  [0, '0 kills'],
  [1, '1 kill'],
  [2, '2 kills'],
])('%i of something', (count, words) => {
  expect(counted(count, 'kill')).toBe(words);
});
