import { expect, test } from 'vitest';

import { formatQuantity, parseQuantity, unitsOf } from '../../../sandbox/kubernetes/admission/quantity.ts';

test.each([
  ['0', 0n, '0'],
  ['67108864', 67_108_864n, '67108864'],
  [67_108_864, 67_108_864n, '67108864'],
  ['0.0625Gi', 67_108_864n, '64Mi'],
  ['64000k', 64_000_000n, '64M'],
  ['1e8', 100_000_000n, '100e6'],
  ['1e3', 1000n, '1e3'],
  ['129M', 129_000_000n, '129M'],
  ['0.5Gi', 536_870_912n, '512Mi'],
  ['1Ei', 1_152_921_504_606_846_976n, '1Ei'],
  ['1000Mi', 1_048_576_000n, '1000Mi'],
  ['1024Mi', 1_073_741_824n, '1Gi'],
  ['512Ki', 524_288n, '512Ki'],
  ['0.5Ki', 512n, '512'],
  ['5m', 1n, '5m'],
  ['1500m', 2n, '1500m'],
  ['2000m', 2n, '2'],
  ['128974848000m', 128_974_848n, '128974848'],
  ['-1Mi', -1_048_576n, '-1Mi'],
])('reads %s as %s units and stores it as %s', (text, units, stored) => {
  const quantity = parseQuantity(text);

  expect(unitsOf(text)).toBe(units);
  expect(quantity === undefined ? undefined : formatQuantity(quantity)).toBe(stored);
});

test.each(['', '512Mx', '512MI', 'Mi', '1.2.3', 'abc', null, {}])('refuses %j', (value) => {
  expect(parseQuantity(value)).toBeUndefined();
});
