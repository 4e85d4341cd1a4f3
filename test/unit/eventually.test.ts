import { expect, test } from 'vitest';
import { eventually, until } from '../eventually.ts';

test('what is waited for is answered with', async () => {
  let looks = 0;

  const seen = await eventually(() => {
    looks += 1;
    if (looks < 3) throw new Error('not yet');
    return looks;
  });

  expect(seen).toBe(3);
});

test('whoever waits goes on while something moves, and then says what was seen last', async () => {
  let count = 0;

  const waiting = eventually(() => {
    count = Math.min(20, count + 1);
    expect(count).toBe(-1);
  }, 100);

  await expect(waiting).rejects.toThrow(/^expected 20 to be -1 .*\(waited \d+ s; nothing moved any more\)$/);
});

test('what is not found is named', async () => {
  await expect(until('a fish', () => null, 20)).rejects.toThrow('it did not happen: a fish (waited 0 s;');
});
