import { expect, test } from 'vitest';
import { section } from '../../../../../src/adapters/slack/blocks/elements.ts';
import { fit, fitBlocks, preBlock, textLength } from '../../../../../src/adapters/slack/blocks/fit.ts';

test.each([
  ['short', 10, 'short'],
  ['exactly-10', 10, 'exactly-10'],
  ['more than ten', 10, 'more than…'],
  ['12345&lt;89', 9, '12345…'],
  ['see <@UAMIRA> there', 10, 'see …'],
  ['see <!subteam^S1> there', 10, 'see …'],
  ['see <https://a.example|it> there', 20, 'see …'],
  ['see <https://a.example|it> there', 8, 'see …'],
  ['<<: *base and more', 15, '<<: *base and …'],
  ['a < b in one line\nand more in the next', 30, 'a < b in one line\nand more in…'],
  ['1234567😀9', 9, '1234567…'],
])('%o within %i is %o', (text, max, expected) => {
  const fitted = fit(text, max);

  expect(fitted).toBe(expected);
});

test('a message that is too long as a whole loses of its longest texts', () => {
  const blocks = [section('a'.repeat(3000)), section('b'.repeat(2900)), preBlock('c'.repeat(3000)), section('short')];

  const fitted = fitBlocks(blocks, 5000);

  expect(fitted.reduce((sum, block) => sum + textLength(block), 0)).toBeLessThanOrEqual(5000);
  expect(fitted[3]).toEqual(section('short'));
});
