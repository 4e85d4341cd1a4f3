import { expect, test } from 'vitest';
import { createBackOff } from '../../../../../src/adapters/kubernetes/transport/back-off.ts';

test.each([
  ['the shortest', 0, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]],
  ['the middle', 0.5, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]],
  ['nearly the longest', 0.99, [298, 596, 1_192, 2_384, 4_768, 9_536, 14_900, 14_900]],
])('waits grow up to ten seconds, spread by half of each: %s', (_, random, expected) => {
  const backOff = createBackOff(() => random);

  expect(expected.map(() => Math.round(backOff.next()))).toEqual(expected);
});

test('after a success they begin anew', () => {
  const backOff = createBackOff(() => 0.5);
  for (let at = 0; at < 5; at += 1) backOff.next();

  backOff.reset();

  expect(backOff.next()).toBe(200);
});
