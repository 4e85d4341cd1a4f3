import { expect, test } from 'vitest';
import { decodeButtonValue, encodeButtonValue } from '../../../../../src/adapters/slack/blocks/button-value.ts';

const value = { cluster: 'a'.repeat(40), incident: 'INC-7F3K2', plan: 'PLAN-7F3K2A', version: 123_456 };

test('a value comes back as it was and fits into an option of a menu', () => {
  const text = encodeButtonValue(value);

  expect(decodeButtonValue(text)).toEqual(value);
  expect(text.length).toBeLessThan(145);
});

test.each([
  undefined,
  '',
  'x',
  '{}',
  '[1]',
  '{"c":"prod","i":"INC-7F3K","p":null,"v":1,"more":1}',
  '{"c":"<!channel>","i":"INC-7F3K","p":null,"v":1}',
])('%o is not ours', (text) => {
  expect(decodeButtonValue(text)).toBeNull();
});
