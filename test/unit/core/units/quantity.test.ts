import { expect, test } from 'vitest';
import { formatBytes, formatQuantity, parseBytes, parseQuantity } from '../../../../src/core/units/quantity.ts';

test.each([
  ['0', 0n],
  ['128974848', 128974848n],
  ['1e3', 1000n],
  ['1E3', 1000n],
  ['129e6', 129_000_000n],
  ['1e-3', 1n],
  ['129M', 129_000_000n],
  ['1k', 1000n],
  ['1E', 10n ** 18n],
  ['123Mi', 128974848n],
  ['0.5Gi', 536870912n],
  ['.5Gi', 536870912n],
  ['5.Gi', 5n * 1024n ** 3n],
  ['+1Ki', 1024n],
  ['-1Ki', -1024n],
  ['1Ei', 1152921504606846976n],
  ['128974848000m', 128974848n],
  ['1m', 1n],
  ['1500u', 1n],
  ['1n', 1n],
  ['0.1', 1n],
])('%s is %s bytes', (text, bytes) => {
  expect(parseQuantity(text)).toBe(bytes);
});

test.each([
  '',
  ' ',
  'Mi',
  '1mi',
  '1KB',
  '1 Mi',
  '0x10',
  '1e',
  '1e3Mi',
  '1.2.3',
  'NaN',
  'Infinity',
  '1e99',
  '--1',
  '1Mi ',
])('the text "%s" is refused', (text) => {
  expect(() => parseQuantity(text)).toThrow(expect.objectContaining({ code: 'bad-quantity' }));
});

test('a negative amount of memory is refused as a limit', () => {
  expect(() => parseBytes('-1Mi')).toThrow(expect.objectContaining({ code: 'bad-quantity' }));
});

test.each([0n, 1n, 1024n, 1500n, 536870912n, 1073741824n, 129_000_000n, 2n ** 60n])(
  '%s bytes are read back exactly from what a patch would say',
  (bytes) => {
    const text = formatQuantity(bytes);

    expect(parseQuantity(text)).toBe(bytes);
  },
);

test.each([
  [1024, '1Ki'],
  [536870912, '512Mi'],
  [1610612736, '1536Mi'],
  [129_000_000, '129M'],
  [1_000_001, '1000001'],
])('%s bytes become %s in a patch', (bytes, text) => {
  expect(formatQuantity(bytes)).toBe(text);
});

test.each([
  [0, '0B'],
  [1023, '1023B'],
  [1024, '1Ki'],
  [536870912, '512Mi'],
  [1610612736, '1.5Gi'],
  [432_500_000, '412Mi'],
  [1_073_700_000, '1Gi'],
  [10 * 1024 ** 3 + 1, '10Gi'],
  [-536870912, '-512Mi'],
  [1100 * 1024 ** 2, '1100Mi'],
  [10.3 * 1024 ** 3, '10Gi'],
])('%s bytes read %s to a person', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
