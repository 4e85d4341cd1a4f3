import { expect, test } from 'vitest';

import { bytesOf, formatQuantity, parseQuantity } from '../../../sandbox/kubernetes/objects/quantity.ts';

test.each([
  ['0', 0, '0'],
  ['67108864', 67_108_864, '67108864'],
  [67_108_864, 67_108_864, '67108864'],
  ['0.0625Gi', 67_108_864, '64Mi'],
  ['64000k', 64_000_000, '64M'],
  ['1e8', 100_000_000, '100e6'],
  ['1e3', 1000, '1e3'],
  ['129M', 129_000_000, '129M'],
  ['0.5Gi', 536_870_912, '512Mi'],
  ['1Ei', 2 ** 60, '1Ei'],
  ['1000Mi', 1_048_576_000, '1000Mi'],
  ['1024Mi', 1_073_741_824, '1Gi'],
  ['512Ki', 524_288, '512Ki'],
  ['0.5Ki', 512, '512'],
  ['5m', 1, '5m'],
  ['1500m', 2, '1500m'],
  ['2000m', 2, '2'],
  ['128974848000m', 128_974_848, '128974848'],
  ['-1Mi', -1_048_576, '-1Mi'],
])('reads %s as %s bytes and stores it as %s', (text, bytes, stored) => {
  const quantity = parseQuantity(text);

  expect(bytesOf(text)).toBe(bytes);
  expect(quantity === undefined ? undefined : formatQuantity(quantity)).toBe(stored);
});

test.each(['', '512Mx', '512MI', 'Mi', '1.2.3', 'abc', null, {}])('refuses %j', (value) => {
  expect(parseQuantity(value)).toBeUndefined();
});
