import { expect, test } from 'vitest';
import { inTime } from '../../../src/adapters/in-time.ts';

test('work that ends in time is waited for, and what it throws is thrown', async () => {
  const late = (): never => {
    throw new Error('late');
  };

  expect(await inTime(Promise.resolve('done'), 10_000, late)).toBe('done');
  await expect(inTime(Promise.reject(new Error('at once')), 10_000, late)).rejects.toThrow('at once');
});

test('of work that takes longer the late answer is taken, and what it comes to later disturbs nobody', async () => {
  const { promise, reject } = Promise.withResolvers<string>();

  const answer = await inTime(promise, 5, () => 'too late');
  reject(new Error('later'));
  await new Promise(setImmediate);

  expect(answer).toBe('too late');
  const never = Promise.withResolvers<string>().promise;
  const tooSlow = (): never => {
    throw new Error('too slow');
  };
  await expect(inTime(never, 5, tooSlow)).rejects.toThrow('too slow');
});
