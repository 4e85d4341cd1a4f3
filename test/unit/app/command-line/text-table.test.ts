import { expect, test } from 'vitest';
import { textTable } from '../../../../src/app/command-line/text-table.ts';

test('a column is as wide as its widest cell, and cells are shown on one line', () => {
  expect(
    textTable([
      ['A', 'B'],
      ['long', 'x\ny'],
      ['', 'z'],
    ]),
  ).toBe('A     B\nlong  x y\n      z');
  expect(textTable([])).toBe('');
});

test('may have the rows of many clusters', () => {
  const rows = Array.from({ length: 200_000 }, (_, row) => [String(row), 'approved']);

  expect(textTable(rows).split('\n').at(-1)).toBe('199999  approved');
});
