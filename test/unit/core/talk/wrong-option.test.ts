import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { wrongOption } from '../../../../src/core/talk/wrong-option.ts';

test.each([
  [['--siz=full'], "Unknown option '--siz'. Did you mean --size?"],
  [['--size', 'full', '--elephant'], "Unknown option '--elephant'."],
  [['-s'], "Unknown option '-s'."],
  [['--size', '-1'], "Option '--size' argument is ambiguous."],
])('%j is told in one line', (args, words) => {
  const read = () => parseArgs({ args, allowPositionals: true, options: { size: { type: 'string' } } });

  let problem = '';
  try {
    read();
  } catch (error) {
    problem = wrongOption(args, ['--size'], error);
  }

  expect(problem).toBe(words);
});
