import { expect, test } from 'vitest';
import { readOptions, usage } from '../../faults/options.ts';
import { faultRows } from '../../faults/rows.ts';

test('without a name all rows run, of twenty incidents each', () => {
  expect(readOptions([], faultRows)).toMatchObject({ is: 'run', rows: faultRows, incidents: 20 });
});

test.each([
  ['a row that was mistyped', ['--fault', 'watcher-kiled'], 'Did you mean watcher-killed?'],
  ['a row that nobody knows', ['--fault', 'earthquake'], 'There is no fault earthquake. There are '],
  ['no incidents', ['--incidents', '0'], '--incidents 0'],
  ['a number that is none', ['--incidents', 'many'], '--incidents many'],
  ['a seed that is none', ['--seed', '-1'], 'seed'],
  ['an option that nobody knows', ['--faults', 'x'], '--faults'],
])('%s is refused with what would be right', (_what, args, problem) => {
  expect(readOptions(args, faultRows)).toEqual({ is: 'wrong', problem: expect.stringContaining(problem) });
});

test('the help lists every row and shows examples', () => {
  const text = usage(faultRows);

  const lines = text.split('\n').map((line) => line.trim().replace(/ {2,}/, ': '));
  expect(lines).toEqual(expect.arrayContaining(faultRows.map(({ name, about }) => `${name}: ${about}`)));
  expect(text).toContain('npm run -s faults -- --fault ');
});

test('every row has a name of its own, such as one types', () => {
  const names = faultRows.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});
