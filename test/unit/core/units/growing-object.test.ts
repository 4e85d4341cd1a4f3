import { expect, test } from 'vitest';
import { z } from 'zod';
import { growingObject } from '../../../../src/core/units/growing-object.ts';

const schema = growingObject({ name: z.string(), inner: growingObject({ size: z.number() }).nullable() });

test('an object keeps what nobody here knows, wherever it stands', () => {
  const later = { name: 'a', colour: 'red', inner: { size: 1, weight: 2 } };

  expect(schema.parse(later)).toEqual(later);
});

test('what it knows has to be right', () => {
  expect(schema.safeParse({ name: 7, inner: null }).success).toBe(false);
});
