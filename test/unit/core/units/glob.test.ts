import { expect, test } from 'vitest';
import { matchesGlob } from '../../../../src/core/units/glob.ts';

test.each([
  ['shop', 'shop', true],
  ['shop', 'shops', false],
  ['*', '', true],
  ['*', 'shop', true],
  ['shop-*', 'shop-', true],
  ['shop-*', 'my-shop-eu', false],
  ['*-shop', 'my-shop', true],
  ['*-shop', 'my-shops', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['*ab*ab', 'ab', false],
  ['*ab*ab', 'abab', true],
  ['a**b', 'ab', true],
  // Values of labels may have what means something in other languages of patterns.
  ['v1.*', 'v1x2', false],
  ['(a)*', '(a)+', true],
])('%o fits %o: %o', (glob, name, fits) => {
  expect(matchesGlob(glob, name)).toBe(fits);
});
