import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutations } from '../../mutations/mutations.ts';

const root = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('each invariant has lines that carry it', () => {
  const held = new Set(mutations.map(({ invariant }) => invariant));

  expect(held).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});

test.each(mutations)(
  '$breaks: the line is there once, and so is its test',
  ({ file, line, test: [testFile, name] }) => {
    expect(read(file).split(line)).toHaveLength(2);
    expect(read(testFile)).toContain(name);
  },
);
