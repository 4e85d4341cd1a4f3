import { expect, test } from 'vitest';

import { roundUp } from '../../../../../src/core/recommend/size/round-up.ts';
import { formatQuantity } from '../../../../../src/core/units/quantity.ts';

const Mi = 2 ** 20;

test.each([
  [1, '4Mi'],
  [8 * Mi, '8Mi'],
  [8 * Mi + 1, '12Mi'],
  [129 * Mi, '136Mi'],
  [300 * Mi, '304Mi'],
  [520 * Mi, '544Mi'],
  [1025 * Mi, '1088Mi'],
  [2.1 * 1024 * Mi, '2176Mi'],
  [4097 * Mi, '4352Mi'],
  [8193 * Mi, '8704Mi'],
])('%d bytes become a size that people write, %s', (bytes, size) => {
  expect(formatQuantity(roundUp(bytes))).toBe(size);
});
