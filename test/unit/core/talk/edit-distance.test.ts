import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../../../src/core/talk/edit-distance.ts';

test.each([
  ['list', 'list', 0],
  ['lsit', 'list', 1],
  ['lis', 'list', 1],
  ['lost', 'list', 1],
  ['', 'why', 3],
  ['INC-7F3K', 'INC-7F8M', 2],
])('from %o to %o it takes %i edits', (a, b, edits) => {
  const distance = editDistance(a, b);

  expect(distance).toBe(edits);
});

test('the nearest come first and those too far away not at all', () => {
  const found = nearest('INC-7F3K', ['INC-0000', 'INC-7F3M', 'INC-7F3K2'], 3, 2);

  expect(found).toEqual(['INC-7F3M', 'INC-7F3K2']);
});

test('what takes as many edits as a word has letters was not meant by it', () => {
  expect(nearest('-v', ['bot', 'all'], 1, 3)).toEqual([]);
  expect(nearest('bt', ['bot', 'all'], 1, 3)).toEqual(['bot']);
});
