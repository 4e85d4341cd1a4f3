import { expect, test } from 'vitest';

import { roundUp } from '../../../../src/core/recommend/round-up.ts';
import { formatQuantity } from '../../../../src/core/units/quantity.ts';

const Mi = 2 ** 20;

test.each([
  [1, '8Mi'],
  [8 * Mi, '8Mi'],
  [8 * Mi + 1, '16Mi'],
  [129 * Mi, '144Mi'],
  [300 * Mi, '320Mi'],
  [520 * Mi, '576Mi'],
  [1025 * Mi, '1152Mi'],
  [2.1 * 1024 * Mi, '2304Mi'],
  [4097 * Mi, '4608Mi'],
  [8193 * Mi, '9Gi'],
])('%d bytes become a size that people write, %s', (bytes, size) => {
  expect(formatQuantity(roundUp(bytes))).toBe(size);
});
