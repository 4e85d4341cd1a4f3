import { expect, test } from 'vitest';
import { onlyChanged } from '../../../../../src/core/remediate/edit/only-changed.ts';
import type { Tree } from '../../../../../src/core/remediate/edit/yaml-lines.ts';

const before = 'a: {b: 1, c: "2"}\nd: [x, y]\n---\ne: 5\n';
const quantity = (value: string): Tree => ({ leaf: { value, as: 'quantity' } });
const text = (value: string): Tree => ({ leaf: { value, as: 'string' } });

type Row = readonly [name: string, after: string, holds: boolean, tree?: Tree];
const rows: readonly Row[] = [
  ['the value', 'a: {b: 7, c: "2"}\nd: [x, y]\n---\ne: 5\n', true],
  ['the value and a comment', 'a: {b: 7, c: "2"} # x\nd: [x, y]\n---\ne: 5\n', true],
  ['nothing', before, false],
  ['another value', 'a: {b: 8, c: "2"}\nd: [x, y]\n---\ne: 5\n', false],
  ['the neighbour too', 'a: {b: 7, c: "3"}\nd: [x, y]\n---\ne: 5\n', false],
  ['the form of a number beside it', 'a: {b: 7, c: "2"}\nd: [x, y]\n---\ne: 5.0\n', false],
  ['the order of a list', 'a: {b: 7, c: "2"}\nd: [y, x]\n---\ne: 5\n', false],
  ['a key more', 'a: {b: 7, c: "2", z: 1}\nd: [x, y]\n---\ne: 5\n', false],
  ['a document less', 'a: {b: 7, c: "2"}\nd: [x, y]\n', false],
  ['the syntax breaks', 'a: {b: 7, c: "2"\nd: [x, y]\n---\ne: 5\n', false],
  ['a string that is a number', 'a: {b: 7, c: "2"}\nd: [x, y]\n---\ne: 5\n', false, text('7')],
  ['a string in quotes', 'a: {b: "7", c: "2"}\nd: [x, y]\n---\ne: 5\n', true, text('7')],
  ['a string that YAML 1.1 takes for a boolean', 'a: {b: on, c: "2"}\nd: [x, y]\n---\ne: 5\n', false, text('on')],
];

test.each(rows.map(([name, after, holds, tree = quantity('7')]) => ({ name, after, holds, tree })))(
  'when this changed: $name',
  ({ after, holds, tree }) => {
    expect(onlyChanged(before, after, 0, [{ at: ['a', 'b'], tree }])).toBe(holds);
  },
);
