import { expect, test } from 'vitest';
import { createRecent } from '../../../../src/core/units/recent.ts';

test('a bounded map forgets what was used longest ago, and looking at an entry is using it', () => {
  const recent = createRecent<number>(2);
  recent.set('a', 1);
  recent.set('b', 2);

  recent.get('a');
  recent.set('c', 3);

  expect(recent.get('b')).toBeUndefined();
  expect(recent.values()).toEqual([1, 3]);
});
